/** `cota data`: recipes that make training data, from the first look to the files. */
import { z } from 'zod';
import { dataJobObject } from '../../shared/data/job-object.ts';
import { UserError } from '../user-error.ts';
import { findTarget, openClient, withPatience } from './client.ts';
import { type Command, type CommandGroup, JSON_OPTION, noOperands, oneOperand, TARGET_OPTIONS } from './command.ts';
import { download, filesOf, resultFiles } from './data/download.ts';
import { check, recipes, run } from './data/run.ts';
import { currentStage, dataPath, printJob, stageText } from './data/show.ts';
import { watchJob } from './data/watch.ts';
import { LIST_OPTIONS, list, sayMore } from './paging.ts';
import { openProgress } from './progress.ts';
import { moment, number, plural, printJson, say, size, table } from './terminal.ts';
import { downloadToFile } from './transfer.ts';

const show: Command = {
  name: 'data show',
  operands: 'ID',
  summary: 'Show how far a data job is, or how it ended.',
  about: 'With --wait, exit code 0 when it is completed, 1 when not.',
  options: {
    wait: { short: 'w', help: 'watch it until it is over; Ctrl-C leaves it running' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const id = oneOperand(show, args);
    const client = openClient(findTarget(args));
    const job = await withPatience(() => client.get(dataPath(id), dataJobObject));
    if (args.flag('wait')) return watchJob(client, job, args.flag('json'));
    if (args.flag('json')) printJson(job);
    else printJob(job);
    return 0;
  },
};

const listJobs: Command = {
  name: 'data list',
  summary: 'List the data jobs, newest first.',
  options: { ...LIST_OPTIONS, ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    noOperands(listJobs, args);
    const found = await list(openClient(findTarget(args)), '/v1/data/jobs', args, dataJobObject);
    if (args.flag('json')) printJson(found.data);
    else if (found.data.length === 0) say('no data job yet: `./cota data run RECIPE` makes one');
    else {
      const rows = found.data.map((job) => {
        const stage = currentStage(job);
        return [job.id, job.name, job.status.replace('_', ' '), moment(job.created_at), stage ? stageText(stage) : ''];
      });
      say(table(['DATA JOB', 'RECIPE', 'STATUS', 'MADE', 'STAGE'], rows));
      sayMore(found, 'data list');
    }
    return 0;
  },
};

const cancel: Command = {
  name: 'data cancel',
  operands: 'ID',
  summary: 'Stop a data job. What it wrote stays until it is removed.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(cancel, args);
    const client = openClient(findTarget(args));
    const job = await withPatience(() => client.post(`${dataPath(id)}/cancel`, {}, dataJobObject));
    if (args.flag('json')) printJson(job);
    else printJob(job);
    return 0;
  },
};

const STAGE_OPTION = { stage: { value: 'STAGE', help: 'files of this stage only' } } as const;

const files: Command = {
  name: 'data files',
  operands: 'ID',
  summary: 'List the files that a data job has written.',
  options: { ...STAGE_OPTION, ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(files, args);
    const found = await filesOf(openClient(findTarget(args)), id, args.text('stage'));
    if (args.flag('json')) printJson(found);
    else if (found.length === 0) say('no file yet');
    else {
      const rows = found.map((file) => [file.stage, file.name, number(file.rows), size(file.bytes), file.sha256]);
      say(table(['STAGE', 'FILE', 'ROWS', 'SIZE', 'SHA-256'], rows));
    }
    return 0;
  },
};

const downloadFiles: Command = {
  name: 'data download',
  operands: 'ID',
  summary: 'Save the files of a data job; begun again, it goes on where it was.',
  about: [
    'Each file is checked against its SHA-256. Without --stage: exports, report, and the chains of the last stage that',
    'has any. They lie in folders named after their stages.',
  ].join('\n'),
  options: {
    ...STAGE_OPTION,
    out: { value: 'FOLDER', short: 'o', help: 'where to (default: the id of the job)' },
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const id = oneOperand(downloadFiles, args);
    const stage = args.text('stage');
    const client = openClient(findTarget(args));
    const job = await withPatience(() => client.get(dataPath(id), dataJobObject));
    const all = await filesOf(client, id, stage);
    const wanted = stage === undefined ? resultFiles(job, all) : all;
    if (wanted.length === 0) {
      const words = all.length === 0 ? 'has no files yet' : 'has no result yet; --stage fetches what there is';
      throw new UserError(`the data job ${id} ${words}`, 1);
    }
    const progress = openProgress(false);
    const out = args.text('out') ?? id;
    const fetched = await download(client, id, wanted, out, progress).finally(progress.end);
    const bytes = wanted.reduce((sum, file) => sum + file.bytes, 0);
    const there =
      fetched < wanted.length ? `, ${plural(wanted.length - fetched, 'of them was', 'of them were')} there` : '';
    say(`${plural(wanted.length, 'file')}, ${size(bytes)} in ${out}${there}`);
    return 0;
  },
};

const report: Command = {
  name: 'data report',
  operands: 'ID',
  summary: 'Save the report of a data job, a page for the browser.',
  options: { out: { value: 'FILE', short: 'o', help: 'where to (default: ID.html)' }, ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(report, args);
    const out = args.text('out') ?? `${id}.html`;
    const client = openClient(findTarget(args));
    const bytes = await withPatience(() =>
      downloadToFile(
        () => client.open(`${dataPath(id)}/report`),
        out,
        () => undefined,
      ),
    );
    say(`${size(bytes)} in ${out}`);
    return 0;
  },
};

const remove: Command = {
  name: 'data remove',
  operands: 'ID',
  summary: 'Remove a data job that is over, with all that it made.',
  options: { ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(remove, args);
    const client = openClient(findTarget(args));
    await withPatience(() => client.delete(dataPath(id), z.unknown()));
    say(`${id} is gone`);
    return 0;
  },
};

export const data: CommandGroup = {
  name: 'data',
  summary: 'Make training data by recipes: run, watch, get the files (docs/data.md).',
  commands: [run, check, recipes, show, listJobs, cancel, files, downloadFiles, report, remove],
};

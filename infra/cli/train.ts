/** `cota train`: recipes that make models, from the start to the files. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { trainFileObject, trainJobObject } from '../../shared/train/job-object.ts';
import { fromHere } from '../stack/settings.ts';
import { UserError } from '../user-error.ts';
import { findTarget, openClient, withPatience } from './client.ts';
import { type Command, type CommandGroup, JSON_OPTION, noOperands, oneOperand, TARGET_OPTIONS } from './command.ts';
import { LIST_OPTIONS, list, sayMore } from './paging.ts';
import { openProgress } from './progress.ts';
import { moment, number, plural, printJson, say, size, table } from './terminal.ts';
import { knownRecipes } from './train/recipe-file.ts';
import { run } from './train/run.ts';
import { hasEnded, printTrainJob, trainPath } from './train/show.ts';
import { tellEvents, watchTrainJob } from './train/watch.ts';
import { downloadToFile } from './transfer.ts';

const recipes: Command = {
  name: 'train recipes',
  summary: 'List the recipes that there are.',
  options: { ...JSON_OPTION },
  async run(args) {
    noOperands(recipes, args);
    const all = knownRecipes();
    if (args.flag('json')) printJson(all);
    else {
      const rows = all.map(({ name, base, trainer, description }) => [name, base, trainer.kind, description]);
      say(table(['RECIPE', 'BASE', 'TRAINER', 'WHAT IT IS'], rows));
    }
    return 0;
  },
};

const show: Command = {
  name: 'train show',
  operands: 'ID',
  summary: 'Show how far a training is, or how it ended.',
  about: 'With --wait, exit code 0 when it has succeeded, 1 when not.',
  options: {
    wait: { short: 'w', help: 'watch it until it is over; Ctrl-C leaves it running' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const id = oneOperand(show, args);
    const client = openClient(findTarget(args));
    const job = await withPatience(() => client.get(trainPath(id), trainJobObject));
    if (args.flag('wait')) return watchTrainJob(client, job, args.flag('json'));
    if (args.flag('json')) printJson(job);
    else printTrainJob(job);
    return 0;
  },
};

const listJobs: Command = {
  name: 'train list',
  summary: 'List the trainings, newest first.',
  options: { ...LIST_OPTIONS, ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    noOperands(listJobs, args);
    const found = await list(openClient(findTarget(args)), '/v1/fine_tuning/jobs', args, trainJobObject);
    if (args.flag('json')) printJson(found.data);
    else if (found.data.length === 0) say('no training yet: `./cota train RECIPE` starts one');
    else {
      const rows = found.data.map((job) => [
        ...[job.id, job.cota.recipe, job.status, moment(job.created_at), `${Math.round(job.cota.progress * 100)} %`],
        job.fine_tuned_model ?? '',
      ]);
      say(table(['JOB', 'RECIPE', 'STATUS', 'MADE', 'DONE', 'MODEL'], rows));
      sayMore(found, 'train list');
    }
    return 0;
  },
};

const events: Command = {
  name: 'train events',
  operands: 'ID',
  summary: 'Print what a training has told.',
  options: { follow: { short: 'f', help: 'go on until it is over' }, ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(events, args);
    const client = openClient(findTarget(args));
    let last: string | undefined;
    for (;;) {
      const job = await withPatience(() => client.get(trainPath(id), trainJobObject));
      last = await withPatience(() => tellEvents(client, id, last, say));
      if (!args.flag('follow') || hasEnded(job)) return 0;
      await sleep(1_000);
    }
  },
};

/** @param what follows the name: its summary and the part of the path */
function change(name: string, summary: string): Command {
  const command: Command = {
    name: `train ${name}`,
    operands: 'ID',
    summary,
    options: { ...JSON_OPTION, ...TARGET_OPTIONS },
    async run(args) {
      const id = oneOperand(command, args);
      const client = openClient(findTarget(args));
      const job = await withPatience(() => client.post(`${trainPath(id)}/${name}`, {}, trainJobObject));
      if (args.flag('json')) printJson(job);
      else printTrainJob(job);
      return 0;
    },
  };
  return command;
}

const logs: Command = {
  name: 'train logs',
  operands: 'ID',
  summary: 'Print what its trainer printed.',
  options: { follow: { short: 'f', help: 'go on until it is over' }, ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(logs, args);
    const client = openClient(findTarget(args));
    for (let have = 0; ; ) {
      const job = await withPatience(() => client.get(trainPath(id), trainJobObject));
      const headers = { range: `bytes=${have}-` };
      const reply = await withPatience(() => client.open(`${trainPath(id)}/log`, have > 0 ? { headers } : {}));
      const bytes = Buffer.from(await reply.arrayBuffer());
      process.stdout.write(bytes);
      have += bytes.length;
      if (!args.flag('follow') || hasEnded(job)) return 0;
      await sleep(2_000);
    }
  },
};

const fileList = z.looseObject({ data: z.array(trainFileObject) });
/** Names become paths of this machine. */
const SAFE = /^[A-Za-z0-9_][A-Za-z0-9_.=@+-]*(\/[A-Za-z0-9_][A-Za-z0-9_.=@+-]*)*$/;

const download: Command = {
  name: 'train download',
  operands: 'ID',
  summary: 'Save the trained weights and the page of a training.',
  options: {
    checkpoints: { help: 'its checkpoints too' },
    out: { value: 'FOLDER', short: 'o', help: 'where to (default: the id of the job)' },
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const id = oneOperand(download, args);
    const client = openClient(findTarget(args));
    const { data } = await withPatience(() => client.get(`${trainPath(id)}/files`, fileList));
    const wanted = data.filter(({ name }) => args.flag('checkpoints') || !name.startsWith('checkpoints/'));
    if (wanted.length === 0) throw new UserError(`the training ${id} has no files yet; --checkpoints fetches those`, 1);
    const out = args.text('out') ?? id;
    const progress = openProgress(false);
    try {
      for (const { name, bytes } of wanted) {
        if (!SAFE.test(name)) throw new UserError(`the API names a file ${name}, which is no name of a job's file`, 1);
        const target = join(fromHere(out), name);
        await mkdir(dirname(target), { recursive: true });
        const path = `${trainPath(id)}/files/${name.split('/').map(encodeURIComponent).join('/')}`;
        await withPatience(() =>
          downloadToFile(
            () => client.open(path),
            target,
            (now) => progress.show(`${name}: ${size(now)} of ${size(bytes)}`, bytes === 0 ? 1 : now / bytes),
          ),
        );
      }
    } finally {
      progress.end();
    }
    const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0);
    say(`${plural(wanted.length, 'file')}, ${size(total)} (${number(total)} bytes) in ${out}`);
    return 0;
  },
};

const remove: Command = {
  name: 'train remove',
  operands: 'ID',
  summary: 'Remove a training that is over, with its checkpoints; the model that it made stays.',
  options: { ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(remove, args);
    const client = openClient(findTarget(args));
    await withPatience(() => client.delete(trainPath(id), z.unknown()));
    say(`${id} is gone`);
    return 0;
  },
};

export const train: CommandGroup = {
  name: 'train',
  summary: 'Train models by recipes: `cota train nano`, watch, get the files (docs/training.md).',
  about: '`cota train RECIPE` starts a training.',
  alone: run,
  commands: [
    ...[recipes, show, listJobs, events],
    change('cancel', 'Stop a training. Its checkpoints stay until it is removed.'),
    change('pause', 'Let a training save what it has and end until it is resumed.'),
    change('resume', 'Go on with a training that is paused.'),
    ...[logs, download, remove],
  ],
};

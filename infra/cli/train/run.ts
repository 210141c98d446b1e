/** `cota train RECIPE`: finds or makes the data, starts the training, and watches it where that is asked for. */
import { createReadStream, statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { dataJobObject } from '../../../shared/data/job-object.ts';
import { trainJobObject } from '../../../shared/train/job-object.ts';
import type { TrainRecipe } from '../../../shared/train/recipe.ts';
import { fromHere } from '../../stack/settings.ts';
import { UserError } from '../../user-error.ts';
import { type Client, create, findTarget, openClient, withPatience } from '../client.ts';
import { type Command, JSON_OPTION, oneOperand, TARGET_OPTIONS } from '../command.ts';
import { readRecipe } from '../data/recipe-file.ts';
import { watchJob } from '../data/watch.ts';
import { openProgress } from '../progress.ts';
import { label } from '../show-run.ts';
import { printJson, say, size } from '../terminal.ts';
import { uploadFile } from '../transfer.ts';
import { readTrainRecipe } from './recipe-file.ts';
import { watchTrainJob } from './watch.ts';

export const run: Command = {
  name: 'train',
  operands: 'RECIPE',
  summary: 'Train a model by a recipe, in the cluster or in this process.',
  about: [
    'RECIPE is a path, or the name of one that Cota comes with (`cota train recipes`).',
    'Without --chains, the data recipe that it names makes them first; a completed data job of that recipe is taken.',
    '--local needs no cluster: data, trainer and export run here. Ended by Ctrl-C, it goes on when it is started again.',
    'Exit code 0 when the training was started, or with --follow and --local when it has succeeded; 1 when not.',
  ].join('\n'),
  options: {
    chains: { value: 'JOB|FILE', help: 'data job, uploaded file, or file of chains (JSONL) of this machine' },
    validation: { value: 'JOB|FILE', help: 'the same, of chains that are judged by' },
    suffix: { value: 'WORD', help: "a part of the model's id" },
    seed: { value: 'N', help: "in place of the recipe's" },
    follow: { short: 'f', help: 'watch it until it is over; Ctrl-C leaves it running' },
    local: { help: 'without a cluster' },
    out: { value: 'FOLDER', short: 'o', help: 'with --local: where the model goes (default: models/<base>-trained)' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const file = readTrainRecipe(oneOperand(run, args));
    const json = args.flag('json');
    const seed = args.number('seed', 0, 2 ** 31 - 1);
    const [chains, validation] = [args.text('chains'), args.text('validation')];
    if (args.flag('local')) {
      // Loaded for this alone: the factory's and the trainer's code would slow down every other command.
      const { trainHere } = await import('./local.ts');
      return trainHere(file.recipe, { chains, validation, seed, out: args.text('out'), json, data: args.text('data') });
    }
    if (args.text('out') !== undefined)
      throw new UserError('--out belongs to --local: `cota train download` fetches files');
    const client = openClient(findTarget(args));
    const training =
      chains === undefined ? await madeChains(client, file.recipe, json) : await given(client, chains, json);
    if (training === undefined) return 1;
    const body = {
      ...(file.text === undefined ? { model: file.recipe.name } : { model: file.recipe.base, recipe: file.text }),
      training_file: training,
      ...(validation === undefined ? {} : { validation_file: await given(client, validation, json) }),
      ...(args.text('suffix') === undefined ? {} : { suffix: args.text('suffix') }),
      ...(seed === undefined ? {} : { seed }),
    };
    const job = await create(client, '/v1/fine_tuning/jobs', body, trainJobObject);
    if (!json) say(`${label('job')}${job.id}`);
    if (args.flag('follow')) return watchTrainJob(client, job, json);
    if (json) printJson(job);
    else say(`${label('watch')}./cota train show ${job.id} --wait`);
    return 0;
  },
};

/** An id as it is; a file of this machine is sent. */
async function given(client: Client, word: string, json: boolean): Promise<string> {
  if (/^(data_|file-)[0-9a-z]{26}$/.test(word)) return word;
  const path = fromHere(word);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile())
    throw new UserError(`${word} is neither a file here nor the id of a data job or of an uploaded file`);
  if (found.size === 0) throw new UserError(`${word} is empty`);
  const progress = openProgress(json);
  const sent = await withPatience(() =>
    uploadFile(client, { name: word, size: found.size, open: () => createReadStream(path) }, 'fine-tune', (now) =>
      progress.show(`${word}: sent ${size(now)} of ${size(found.size)}`, now / found.size),
    ),
  ).finally(progress.end);
  if (!json) say(`${label('uploaded')}${sent.id}`);
  return sent.id;
}

const jobs = z.looseObject({ data: z.array(dataJobObject) });

/** @returns undefined where the data job did not come to its end */
async function madeChains(client: Client, { name, data }: TrainRecipe, json: boolean): Promise<string | undefined> {
  if (data.recipe === undefined) {
    throw new UserError(`the recipe ${name} says not what to train on: give --chains JOB or --chains FILE`);
  }
  const { recipe } = readRecipe(data.recipe, []);
  const { data: known } = await withPatience(() => client.get('/v1/data/jobs?limit=100', jobs));
  const same = known.find((job) => job.status === 'completed' && isDeepStrictEqual(job.recipe, recipe));
  if (same) {
    if (!json) say(`${label('data job')}${same.id}, of the recipe ${recipe.name}, is completed and taken`);
    return same.id;
  }
  const job = await create(client, '/v1/data/jobs', { recipe }, dataJobObject);
  if (!json) say(`${label('data job')}${job.id}, of the recipe ${recipe.name}`);
  return (await watchJob(client, job, json)) === 0 ? job.id : undefined;
}

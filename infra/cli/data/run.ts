import { z } from 'zod';
import { dataJobObject } from '../../../shared/data/job-object.ts';
import { recipeWarnings } from '../../../shared/data/recipe-warnings.ts';
import { CotaError } from '../../../shared/errors.ts';
import { UserError } from '../../user-error.ts';
import { create, findTarget, openClient } from '../client.ts';
import { type Command, JSON_OPTION, noOperands, type Option, oneOperand, TARGET_OPTIONS } from '../command.ts';
import { openProgress } from '../progress.ts';
import { label } from '../show-run.ts';
import { number, paragraph, plural, printJson, say, size, table } from '../terminal.ts';
import { describeRecipe } from './describe.ts';
import { localInputs, uploadInputs } from './inputs.ts';
import { readRecipe, shippedRecipes } from './recipe-file.ts';
import { watchJob } from './watch.ts';

const SET_OPTION = {
  set: {
    value: 'KEY=VALUE',
    many: true,
    help: 'another value for a field, such as seed=7 or sources.NAME.program.chains=1000',
  },
} as const satisfies Record<string, Option>;

const PATHS = 'RECIPE is a path, or the name of one that Cota comes with (`cota data recipes`).';

export const run: Command = {
  name: 'data run',
  operands: 'RECIPE',
  summary: 'Make training data by a recipe, and watch.',
  about: [
    PATHS,
    'Files of this machine that it names are found here or beside the recipe, and sent first.',
    'Exit code 0 when the job is completed, 1 when not.',
  ].join('\n'),
  options: {
    ...SET_OPTION,
    detach: { short: 'd', help: 'do not watch: print the id of the job and end' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const file = readRecipe(oneOperand(run, args), args.texts('set'));
    const json = args.flag('json');
    // What is not there is told before anything is sent.
    localInputs(file);
    const client = openClient(findTarget(args));
    const progress = openProgress(json);
    const { recipe, fileIds } = await uploadInputs(client, file, progress).finally(progress.end);
    const job = await create(client, '/v1/data/jobs', { recipe }, dataJobObject).catch(async (error: unknown) => {
      // Nobody else knows of them.
      for (const id of fileIds) await client.delete(`/v1/files/${id}`, z.unknown()).catch(() => undefined);
      throw error;
    });
    if (!json) {
      if (fileIds.length > 0) say(`${label('uploaded')}${fileIds.join(', ')}`);
      say(`${label('data job')}${job.id}`);
    }
    if (!json) for (const warning of job.warnings) say(paragraph('warning', 'yellow', warning));
    if (!args.flag('detach')) return watchJob(client, job, json);
    if (json) printJson(job);
    else say(`${label('watch')}./cota data show ${job.id} --wait`);
    return 0;
  },
};

export const check: Command = {
  name: 'data check',
  operands: 'RECIPE',
  summary: 'Check a recipe and say what it would do, without a cluster.',
  about: PATHS,
  options: { ...SET_OPTION, ...JSON_OPTION },
  async run(args) {
    const word = oneOperand(check, args);
    const file = readRecipe(word, args.texts('set'));
    const inputs = localInputs(file);
    const { recipe } = file;
    // Loaded for this alone: the factory's code would slow down every other command.
    const { checkFamilies } = await import('../../../workers/data/program/program.ts');
    try {
      checkFamilies(recipe);
    } catch (error) {
      throw error instanceof CotaError ? new UserError(error.message) : error;
    }
    if (args.flag('json')) {
      printJson(recipe);
      return 0;
    }
    say(`${label('recipe')}${recipe.name}, seed ${recipe.seed}, shards of ${number(recipe.shard)}`);
    for (const { name, bytes } of inputs) say(`${label('input')}${name}, ${size(bytes)}`);
    say();
    say(
      table(
        ['', 'WHAT IT DOES'],
        describeRecipe(recipe).map(({ what, words }) => [what, words]),
      ),
    );
    for (const warning of recipeWarnings(recipe)) say(`\n${paragraph('warning', 'yellow', warning)}`);
    return 0;
  },
};

export const recipes: Command = {
  name: 'data recipes',
  summary: 'List the recipes that Cota comes with.',
  options: { ...JSON_OPTION },
  async run(args) {
    noOperands(recipes, args);
    const all = shippedRecipes();
    if (args.flag('json')) printJson(all);
    else {
      say(
        table(
          ['RECIPE', 'WHAT IT IS'],
          all.map(({ name, about }) => [name, about]),
        ),
      );
      say(`\n${plural(all.length, 'recipe')}; \`./cota data check RECIPE\` says what one does`);
    }
    return 0;
  },
};

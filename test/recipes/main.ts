/**
 * `npm run recipes [-- --only NAME --verbose]`: the recipes of big models, each started on the CPU through the command
 * that a train worker would run: a tiny random checkpoint of its architecture, chains with pictures from the factory in
 * the layout that it names, a few steps by its own trainer with DeepSpeed over two processes, and then on from its
 * checkpoint. Makes venvs of its own under .cota/recipes (gigabytes, once); never a test.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTrainRecipes } from '../../shared/train/recipes.ts';
import { makeData } from './make-data.ts';
import { table } from './table.ts';
import { TRIALS } from './trials.ts';
import { type Tried, tryRecipe } from './try-recipe.ts';
import { pythonFor, VERSIONS } from './venvs.ts';

const CHAINS = 16;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    verbose: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const heard = (line: string): void => (values.verbose ? say(line) : undefined);

const folder = await mkdtemp(join(tmpdir(), 'cota-recipes-'));
try {
  const data = await makeData(folder, CHAINS);
  const tried: Tried[] = [];
  for (const recipe of loadTrainRecipes(undefined).all) {
    const trial = TRIALS[recipe.name];
    if (trial === undefined || (values.only && !values.only.includes(recipe.name))) continue;
    const found = await pythonFor(trial.trainer, say);
    if ('missing' in found) {
      say(`${recipe.name}: skipped, ${found.missing}.`);
      continue;
    }
    say(`${recipe.name} by ${VERSIONS[trial.trainer]} ...`);
    const one = await tryRecipe(recipe, trial, { data, folder, python: found.python, heard });
    tried.push(one);
    if (one.fault !== undefined) process.exitCode = 1;
  }
  await data.close();
  say(table(tried));
} finally {
  if (values.keep) say(`All that was made lies in ${folder}.`);
  else await rm(folder, { recursive: true, force: true });
}

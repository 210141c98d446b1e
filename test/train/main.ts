/**
 * `npm run train:proof [-- --python PATH --steps 400]`: a training that is killed with SIGKILL twice at steps of chance
 * and goes on each time, beside one that is left alone: with one process and two, with the graph compiled and not.
 * Needs a python3 with torch; never a part of `npm test`, which has a small one.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { random } from '../../workers/data/random.ts';
import { alone, compare, killed } from './proof.ts';
import { hasTorch, tinyRecipe, writeTinyData } from './tiny.ts';

/** Tokens that a step of the tiny recipe holds, about. */
const STEP = 850;

const { values } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, steps: { type: 'string', default: '300' } },
});
if (!hasTorch(values.python)) {
  process.stdout.write(`${values.python} has no torch: skipped. Name one that has it with --python.\n`);
  process.exit(0);
}
const count = Number(values.steps);
const chance = random(Date.now() % 2 ** 31, 'kills');
const cases = [
  { processes: 1, compile: false, optimiser: 'muon' },
  { processes: 2, compile: false, optimiser: 'muon' },
  { processes: 2, compile: false, optimiser: 'adamw' },
  { processes: 2, compile: true, optimiser: 'muon' },
];
process.stdout.write(
  'processes  compiled  optimiser  steps  killed at  went on from  largest difference: loss, norm\n',
);
for (const { processes, compile, optimiser } of cases) {
  const folder = await mkdtemp(join(tmpdir(), 'cota-train-'));
  try {
    const data = join(folder, 'data');
    writeTinyData(data, { a: 900, b: 700, c: 300, held: 40 });
    const recipe = join(folder, 'recipe.json');
    await writeFile(recipe, JSON.stringify(tinyRecipe(count * STEP, { compile, optimiser })));
    const task = { folder, recipe, data, python: values.python, arguments: ['--processes', String(processes)] };
    const left = await alone(task);
    const kills = [chance.int(5, Math.round(count / 2)), chance.int(Math.round(count / 2) + 1, count - 5)];
    const found = compare(left, await killed({ ...task, kills }));
    const cells = [processes, compile, optimiser, found.steps, found.killed.join(', '), found.resumed.join(', ')];
    const right = found.alike && found.loss <= 1e-5 && found.killed.length === 2;
    if (!right) process.exitCode = 1;
    process.stdout.write(
      `${cells.map((cell, n) => String(cell).padEnd([11, 10, 11, 7, 11, 14][n] ?? 0)).join('')}${found.loss}, ${found.norm}${right ? '' : '  NOT ALIKE'}\n`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

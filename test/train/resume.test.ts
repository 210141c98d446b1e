/** A small proof that a killed training goes on exactly; the whole one is `npm run train:proof`. Needs torch. */
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { alone, compare, killed } from './proof.ts';
import { hasTorch, tinyRecipe, train, writeTinyData } from './tiny.ts';

const missing = !hasTorch();
if (missing) console.log('skipped: python3 has no torch to train with');

const folder = mkdtempSync(join(tmpdir(), 'cota-train-'));
const data = join(folder, 'data');
const recipe = join(folder, 'recipe.json');
writeTinyData(data, { a: 120, b: 90, c: 40, held: 12 });
writeFileSync(recipe, JSON.stringify(tinyRecipe(30_000)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.skipIf(missing)(
  'a training killed with SIGKILL goes on with the same losses, past a torn checkpoint',
  async () => {
    const task = { folder, recipe, data };
    const [left, first] = await Promise.all([alone(task), killed({ ...task, kills: [17] })]);
    const found = compare(left, first);
    expect(found).toMatchObject({ killed: [expect.any(Number)], resumed: [10], alike: true });
    expect(found.steps).toBeGreaterThan(25);
    expect(found.loss).toBeLessThanOrEqual(1e-5);

    // Its newest checkpoint is cut short: it takes the one before, and says the same once more.
    const out = join(folder, 'killed');
    const saved = readdirSync(join(out, 'checkpoints'))
      .filter((name) => name.endsWith('.pt'))
      .sort();
    truncateSync(join(out, 'checkpoints', saved.at(-1) ?? ''), 1000);
    const again = await train({ ...task, out, arguments: ['--resume'] });
    expect(again.code).toBe(0);
    expect(again.events[0]).toMatchObject({ event: 'started', resumed_at_step: Number(saved.at(-2)?.slice(5, 14)) });
    expect(again.events.filter(({ event }) => event === 'progress').map(({ loss }) => loss)).toEqual(
      left
        .filter(({ event, step }) => event === 'progress' && step > Number(saved.at(-2)?.slice(5, 14)))
        .map(({ loss }) => loss),
    );
  },
  240_000,
);

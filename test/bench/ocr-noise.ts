/**
 * How near the noise comes to what the reader really does: rates per kind of error and wear on pictures that were not
 * fitted to. `npm run bench -- ocr-noise [pictures] [--write]` draws and reads what is missing (about a CPU second
 * each), and with `--write` fits anew and writes workers/data/observe/fitted.ts.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Reading, readings } from '../../workers/data/nano/real.ts';
import {
  FITTED_WEARS,
  fitRates,
  fittedFile,
  halves,
  noiseTally,
  rate,
  realTally,
  spread,
  TOO_FEW,
} from '../../workers/data/observe/fit.ts';
import { FITTED } from '../../workers/data/observe/fitted.ts';
import type { Rates, Tally } from '../../workers/data/observe/measure.ts';
import type { NoiseRates } from '../../workers/data/observe/noise.ts';

const SEED = 41;
/** Rates that decide whether a chain can be made of a reading. */
const SHOWN: readonly (keyof Rates)[] = [
  'letters',
  'digits',
  'marks',
  'dollars',
  'signs',
  'decimals',
  'decimalsLost',
  'decimalsApart',
  'spacesLost',
  'torn',
  'gapsLost',
  'rowsSplit',
  'cellsMissed',
  'junkRows',
];

const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    from: { type: 'string', multiple: true, default: ['.cota/data/real/noise.jsonl'] },
  },
});
const wanted = Number(positionals[0] ?? 2_000);
const [own = ''] = values.from;
if (values.from.length === 1) {
  const reader = 'workers/data/observe/readings.ts';
  const made = spawnSync(
    process.execPath,
    [reader, '--pictures', String(wanted), '--out', own, '--seed', String(SEED)],
    { stdio: 'inherit' },
  );
  if (made.status !== 0) process.exit(made.status ?? 1);
}
const all = values.from.flatMap((file) => readings(file));
const byWear = Map.groupBy(all, ({ wear }) => wear);
const table: Record<string, NoiseRates> = {};
let bad = 0;
let judged = 0;
let unsure = 0;

const percent = (t: Tally[keyof Tally]): string => `${(100 * rate(t)).toFixed(2)} %`.padStart(9);
for (const wear of FITTED_WEARS) {
  const [fit, held] = halves(byWear.get(wear) ?? []) as [Reading[], Reading[]];
  const rates = values.write ? fitRates(fit, SEED) : FITTED[wear];
  table[wear] = rates;
  const real = realTally(held);
  const noise = noiseTally(held, rates, SEED + 7);
  console.log(
    `\n${wear}: ${fit.length} pictures fitted to, ${held.length} held out\n${'per cent'.padEnd(16)}     real    noise  ratio  errors seen`,
  );
  for (const name of SHOWN) {
    const ratio = rate(noise[name]) / rate(real[name]);
    const few = real[name].bad < TOO_FEW;
    const far = ratio < 0.8 || ratio > 1.2;
    // Where the held-out pictures themselves leave the rate open, a ratio of more than a fifth says nothing.
    const [low, high] = far && !few ? spread(held, name, SEED) : [0, 0];
    const open = rate(noise[name]) >= low * 0.8 && rate(noise[name]) <= high * 1.2;
    if (!few) judged++;
    if (!few && far && !open) bad++;
    if (!few && far && open) unsure++;
    const verdict = few
      ? '  too few to tell'
      : !far
        ? ''
        : open
          ? `  chance: ${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)} %`
          : '  !';
    console.log(
      `${name.padEnd(16)}${percent(real[name])}${percent(noise[name])}${(Number.isFinite(ratio) ? ratio.toFixed(2) : '-').padStart(7)}${String(real[name].bad).padStart(8)} of ${real[name].all}${verdict}`,
    );
  }
}
console.log(
  `\n${judged - bad - unsure} of ${judged} rates with ${TOO_FEW} errors or more are within 20 %, ${unsure} are further off but not surely so, ${bad} surely; ${all.length} pictures.`,
);
if (values.write) {
  const seeds = [...new Set(all.map(({ seed }) => seed))].sort((a, b) => a - b);
  writeFileSync(
    'workers/data/observe/fitted.ts',
    fittedFile(table, all.length, seeds, new Date().toISOString().slice(0, 10)),
  );
  spawnSync('node_modules/.bin/biome', ['format', '--write', 'workers/data/observe/fitted.ts'], { stdio: 'inherit' });
}

/**
 * How near the noise comes to what the reader really does: rates per kind of error and wear on pictures that were left
 * out of the fit, how errors crowd on pages, and chains made with the noise beside chains made with the tool.
 * `npm run bench -- ocr-noise [pictures] [--write] [--scenes N]` draws and reads what is missing (one to two CPU seconds
 * each); with `--write` it fits anew and writes workers/data/observe/fitted.ts. `--scenes 0` makes no chains.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  counted,
  FITTED_WEARS,
  FOLDS,
  fitRates,
  fittedFile,
  foldsOf,
  noiseTallies,
  ofWears,
  witnesses,
} from '../../workers/data/observe/fit.ts';
import type { Rates, Tally } from '../../workers/data/observe/measure.ts';
import { countsOf, pagesWithErrors, rate, standardError, sum } from '../../workers/data/observe/pages.ts';
import { readings } from '../../workers/data/observe/readings.ts';
import { random } from '../../workers/data/random.ts';
import type { Wear } from '../../workers/data/render/degrade.ts';
import { madeChains } from './ocr-noise-chains.ts';

const SEED = 41;
/** Times that the noise reads each held-out scene: its own chance should not be what is judged. */
const REPEATS = 2;
/** Rates that decide whether a chain can be made of a reading. */
const SHOWN: readonly (keyof Rates)[] = [
  'letters',
  'digits',
  'marks',
  'dollars',
  'signs',
  'decimals',
  'spacesLost',
  'torn',
  'gapsLost',
  'rowsSplit',
  'cellsMissed',
  'junkRows',
  'strayCells',
];

const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    scenes: { type: 'string', default: '60' },
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

interface Compared {
  readonly real: readonly Tally[];
  readonly noise: readonly Tally[];
}

type Verdict = 'within' | 'chance' | 'off' | 'none';
const VERDICTS = { within: 'within a fifth', chance: 'not significant', off: 'OFF', none: '' } as const;
const percent = (value: number): string => `${(100 * value).toFixed(2)} %`.padStart(9);

/** One line of the table: rates, how sure the real one is, and on what share of pages the error comes at all. */
function compare(name: keyof Rates, { real, noise }: Compared, note: string): Verdict {
  const [r, n] = [countsOf(real, name), countsOf(noise, name)];
  const [sr, sn] = [sum(r), sum(n)];
  const ratio = rate(sn) / rate(sr);
  const rng = random(SEED, `error of ${name}`);
  // Few pages may well have no error: how much they can differ is then seen in the noise, which crowds as well.
  const error = Math.max(standardError(rng, r), standardError(rng, n, r.length));
  const within = ratio >= 0.8 && ratio <= 1.2;
  const verdict: Verdict =
    sr.bad + sn.bad === 0 ? 'none' : within ? 'within' : Math.abs(rate(sn) - rate(sr)) <= 2 * error ? 'chance' : 'off';
  const pages = (counts: typeof r): string =>
    `${((100 * pagesWithErrors(counts)) / Math.max(1, counts.length)).toFixed(1)} %`.padStart(8);
  console.log(
    `${name.padEnd(13)}${percent(rate(sr))}${`± ${(100 * error).toFixed(2)}`.padStart(9)}${percent(rate(sn))}${(Number.isFinite(ratio) ? ratio.toFixed(2) : '-').padStart(7)}${pages(r)}${pages(n)}${`${sr.bad} of ${sr.all}`.padStart(16)}  ${VERDICTS[verdict]}${note}`,
  );
  return verdict;
}

const HEAD = `${''.padEnd(13)}     real    error    noise  ratio   pages with it      errors seen`;
const all = counted(values.from.flatMap((file) => readings(file)));
const folds = foldsOf(all);
const together: { real: Tally[]; noise: Tally[] } = { real: [], noise: [] };
const verdicts: Verdict[] = [];

/** Each quarter of a wear's pictures, read by the noise that was fitted to the other three quarters. */
function leftOut(wear: Wear): Compared {
  const real: Tally[] = [];
  const noise: Tally[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const rates = fitRates(
      all.filter((one) => folds.get(one) !== fold),
      wear,
      SEED + fold,
    );
    const held = ofWears(all, [wear]).filter((one) => folds.get(one) === fold);
    real.push(...held.map(({ tally }) => tally));
    noise.push(
      ...noiseTallies(
        held.map(({ reading }) => reading),
        rates,
        SEED + 7,
        REPEATS,
      ).map(({ tally }) => tally),
    );
  }
  return { real, noise };
}

for (const wear of FITTED_WEARS) {
  const pair = leftOut(wear);
  together.real.push(...pair.real);
  together.noise.push(...pair.noise);
  console.log(`\n${wear}: ${pair.real.length} pictures, each left out of the fit that it is compared with\n${HEAD}`);
  for (const name of SHOWN) {
    const pooled = witnesses(all, wear, name).length > pair.real.length;
    verdicts.push(compare(name, pair, pooled ? ' (rate of wears alike)' : ''));
  }
}
console.log(`\nall wears: ${all.length} pictures\n${HEAD}`);
for (const name of SHOWN) compare(name, together, '');
const count = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length;
console.log(
  `\nBy wear: ${count('within')} of ${verdicts.length - count('none')} rates are within 20 %, ${count('chance')} further off but not significantly (2 standard errors over pages), ${count('off')} significantly.`,
);
if (values.write) {
  const table = Object.fromEntries(FITTED_WEARS.map((wear) => [wear, fitRates(all, wear, SEED)]));
  const seeds = [...new Set(all.map(({ reading }) => reading.seed))].sort((a, b) => a - b);
  writeFileSync(
    'workers/data/observe/fitted.ts',
    fittedFile(table, all.length, seeds, new Date().toISOString().slice(0, 10)),
  );
  spawnSync('node_modules/.bin/biome', ['format', '--write', 'workers/data/observe/fitted.ts'], { stdio: 'inherit' });
}
if (Number(values.scenes) > 0) await madeChains(Number(values.scenes));

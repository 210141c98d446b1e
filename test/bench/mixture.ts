/**
 * `npm run bench -- mixture [N] [ROWS] [--from=sample]`: N program-made chains, then filtered and mixed to ROWS, by two
 * worker processes: time, CPU time, rows a second, memory, and how many are near-duplicates. `--from=sample` takes the
 * simple chains of the tests, which are made in a minute.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recipe as recipeSchema } from '../../shared/data/recipe.ts';
import type { DecideNotes } from '../../workers/data/filter/reasons.ts';
import type { MixManifest } from '../../workers/data/mix/manifest.ts';
import { sampleChain } from '../sample-chains.ts';
import { givenChains, openBenchStore, runStages, type StageTime } from './stage-pool.ts';

const numbers = process.argv.slice(3).filter((arg) => /^\d+$/.test(arg));
const n = Number(numbers[0] ?? 1_000_000);
const rows = Number(numbers[1] ?? Math.min(293_105, Math.floor(n / 4)));
const PROCESSES = 2;
const FILTER = ['filter.benchmarks', 'filter.scan', 'filter.decide', 'filter.apply'];
const MIX = ['mix.select', 'mix.gather', 'mix.write', 'mix.manifest'];

const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const recipe = recipeSchema.parse({
  name: 'bench-mixture',
  seed: 42,
  sources: [{ name: 'scenes', program: { chains: n } }],
  filter: { skeleton_share: process.argv.includes('--from=sample') ? 0.2 : 0.05 },
  mix: { parts: [{ name: 'cota', rows, balance: 'family' }], shortage: 'take' },
});
const sample = process.argv.includes('--from=sample');
const root = mkdtempSync(join(tmpdir(), 'cota-mixture-'));
const times: StageTime[] = [];
try {
  say(`${n} chains, ${rows} rows, ${PROCESSES} processes`);
  say('stage              shards  seconds    CPU s      per s   peak of both   counts');
  const given = sample ? await givenChains(root, n, (i) => sampleChain(i)) : [];
  const stages = [...(sample ? [] : ['make']), ...FILTER, ...MIX];
  for await (const time of runStages(stages, recipe, root, PROCESSES, given)) {
    times.push(time);
    const made = time.counts['chains'] ?? time.counts['read'] ?? time.counts['picked'] ?? time.counts['rows'] ?? 0;
    const counts = Object.entries(time.counts)
      .filter(([name]) => time.name.startsWith('filter') || time.name.startsWith('mix') || !name.includes(':'))
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
    say(
      [
        time.name.padEnd(18),
        String(time.shards).padStart(6),
        time.seconds.toFixed(1).padStart(8),
        time.cpu.toFixed(1).padStart(8),
        String(Math.round(made / time.seconds)).padStart(10),
        mb(time.peak).padStart(14),
        `  ${counts}`,
      ].join(' '),
    );
  }
  const sum = (names: readonly string[]): number =>
    times.filter(({ name }) => names.includes(name)).reduce((total, { seconds }) => total + seconds, 0);
  const both = sum(FILTER) + sum(MIX);
  say(
    `filter ${sum(FILTER).toFixed(1)} s, mixture ${sum(MIX).toFixed(1)} s, together ${both.toFixed(1)} s: ${Math.round(n / both)} chains/s`,
  );
  const cpu = times.filter(({ name }) => name !== 'make').reduce((total, time) => total + time.cpu, 0);
  say(`CPU of filter and mixture: ${cpu.toFixed(1)} s, ${((1000 * cpu) / n).toFixed(2)} ms a chain`);
  const peak = Math.max(...times.filter(({ name }) => name !== 'make').map((time) => time.peak));
  say(
    `largest resident memory: ${(times.at(-1)?.peaks ?? []).map(mb).join(' and ')}; of both at once, making aside, ${mb(peak)}`,
  );
  const decided = times.find(({ name }) => name === 'filter.decide')?.reports[0]?.notes as unknown as DecideNotes;
  const near = decided.nearDuplicates;
  say(
    `near-duplicates (Jaccard >= ${near.threshold}, ${near.bands} bands of ${near.rows}): ${near.dropped}, ${(100 * near.rate).toFixed(2)} %; ${near.suspects} compared word by word`,
  );
  const store = await openBenchStore(root);
  const key = times.at(-1)?.reports[0]?.files[0]?.key as string;
  const manifest = JSON.parse((await store.get(key)).bytes.toString()) as MixManifest;
  await store.close();
  say(
    `mixture: ${manifest.rows} rows, ${manifest.tokens} tokens, ${Object.keys(manifest.families).length} families, sha256 ${manifest.sha256}`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}

/**
 * `npm run bench -- mixture [N] [ROWS] [--from=FOLDER] [--planted=SHARE]`: N program-made chains filtered and mixed to
 * ROWS by two worker processes: time, CPU time, rows a second, memory of all processes together, and how many are
 * near-duplicates. `--from` takes the chain files of a folder (`npm run bench -- make N --out=FOLDER` makes them), and
 * `--from=sample` the simple chains of the tests; without it the chains are made here. `--planted=0.01` puts copies of one
 * chain in a hundred among them, half of them with other words here and there, and says how many were found.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ShardReport } from '../../shared/data/job.ts';
import { recipe as recipeSchema } from '../../shared/data/recipe.ts';
import type { DecideNotes } from '../../workers/data/filter/reasons.ts';
import type { MixManifest } from '../../workers/data/mix/manifest.ts';
import { sampleChain } from '../sample-chains.ts';
import { foundOf, goneOf, type Planted, plantCopies } from './planted.ts';
import { foundChains, givenChains, importKey, openBenchStore, runStages, type StageTime } from './stage-pool.ts';

const numbers = process.argv.slice(3).filter((arg) => /^\d+$/.test(arg));
const option = (name: string): string | undefined =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const wanted = Number(numbers[0] ?? 1_000_000);
const rows = Number(numbers[1] ?? Math.min(293_105, Math.floor(wanted / 4)));
const from = option('from');
const share = Number(option('planted') ?? 0);
/** Of the recipe's default. */
const THRESHOLD = 0.9;
const PROCESSES = 2;
const FILTER = ['filter.benchmarks', 'filter.scan', 'filter.decide', 'filter.apply'];
const MIX = ['mix.select', 'mix.gather', 'mix.write', 'mix.manifest'];

const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const recipe = recipeSchema.parse({
  name: 'bench-mixture',
  seed: 42,
  sources: [{ name: 'scenes', program: { chains: wanted } }],
  filter: { skeleton_share: from === 'sample' ? 0.2 : 0.01, duplicates: { exact: true, text: THRESHOLD } },
  mix: { parts: [{ name: 'cota', rows, balance: 'family' }], shortage: 'take' },
});
const root = mkdtempSync(join(tmpdir(), 'cota-mixture-'));
const times: StageTime[] = [];

/** Made first, in processes that are gone before the filter begins. */
async function madeHere(): Promise<ShardReport[]> {
  const made: ShardReport[] = [];
  for await (const { seconds, peak, reports } of runStages(['make'], recipe, root, PROCESSES)) {
    say(`made in ${seconds.toFixed(1)} s, ${Math.round(wanted / seconds)} chains/s, ${mb(peak)}`);
    made.push(...reports.map((report) => ({ ...report, stage: 'import' })));
  }
  return made;
}

try {
  const given =
    from === undefined
      ? await madeHere()
      : from === 'sample'
        ? await givenChains(root, wanted, (i) => sampleChain(i))
        : await foundChains(root, from, wanted);
  let planted: Planted | undefined;
  if (share > 0) {
    const objects = await openBenchStore(root);
    planted = await plantCopies(objects, given, share, THRESHOLD, importKey(given.length));
    await objects.close();
    given.push(planted.report);
  }
  const n = given.reduce((sum, { counts }) => sum + (counts.chains ?? 0), 0);
  say(`${n} chains, ${rows} rows, ${PROCESSES} processes`);
  say('stage              shards  seconds    CPU s      per s    peak of all   counts');
  for await (const time of runStages([...FILTER, ...MIX], recipe, root, PROCESSES, given)) {
    times.push(time);
    const made = time.counts.chains ?? time.counts.read ?? time.counts.picked ?? time.counts.rows ?? 0;
    const counts = Object.entries(time.counts)
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
  const cpu = times.reduce((total, time) => total + time.cpu, 0);
  say(`CPU of filter and mixture: ${cpu.toFixed(1)} s, ${((1000 * cpu) / n).toFixed(2)} ms a chain`);
  const peak = Math.max(...times.map((time) => time.peak));
  say(
    `largest resident memory: ${(times.at(-1)?.peaks ?? []).map(mb).join(' and ')}; of all processes at once ${mb(peak)}`,
  );
  const decided = times.find(({ name }) => name === 'filter.decide')?.reports[0]?.notes as unknown as DecideNotes;
  const near = decided.nearDuplicates;
  say(
    `near-duplicates (Jaccard >= ${near.threshold}, ${near.bands} bands of ${near.rows}): ${near.dropped}, ${(100 * near.rate).toFixed(2)} %; ${near.suspects} compared word by word`,
  );
  const store = await openBenchStore(root);
  const applied = times.find(({ name }) => name === 'filter.apply')?.reports ?? [];
  if (planted) for (const line of foundOf(planted, await goneOf(store, applied))) say(line);
  const key = times.at(-1)?.reports[0]?.files[0]?.key as string;
  const manifest = JSON.parse((await store.get(key)).bytes.toString()) as MixManifest;
  await store.close();
  say(
    `mixture: ${manifest.rows} rows, ${manifest.tokens} tokens, ${Object.keys(manifest.families).length} families, sha256 ${manifest.sha256}`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** All that the report shows, out of the stages' reports and the chain files. */
import type { DataFile, ShardReport } from '../../../shared/data/job.ts';
import type { Recipe } from '../../../shared/data/recipe.ts';
import { readChains } from '../factory/chain-files.ts';
import { finalChains, keptChains, madeChains } from '../factory/dataset.ts';
import type { JobView } from '../factory/stage.ts';
import { applyNotes, type DecideNotes, decideNotes, REASONS } from '../filter/reasons.ts';
import { type MixManifest, mixManifest } from '../mix/manifest.ts';
import { type SourceStatistics, statisticsOf } from '../model/statistics.ts';
import { Sample } from './sample.ts';
import { Tally } from './tally.ts';

/** Chains that are read for figures at most, of each of the two ends of the factory; of larger datasets a part of every file. */
const MOST_READ = 40_000;
export const CHAINS_SHOWN = 20;

/** What a set of chain files holds. */
export interface Surveyed {
  readonly tally: Tally;
  /** Chains in the files, of which `tally.chains` were read. */
  readonly rows: number;
}

export interface Funnel {
  readonly read: number;
  readonly kept: number;
  /** In the order in which the rules are asked; none that dropped nothing. */
  readonly dropped: readonly { readonly reason: string; readonly count: number }[];
}

export interface Figures {
  readonly recipe: Recipe;
  /** What was made or brought in; what it came to. */
  readonly made: Surveyed;
  readonly final: Surveyed;
  readonly kept: number;
  readonly sample: Sample;
  /** Of model-based sources and runs. */
  readonly statistics: readonly SourceStatistics[];
  /** Counts of the stage `make`, with the greatest number of different things that one shard saw. */
  readonly program: Readonly<Record<string, number>> | undefined;
  readonly funnel: Funnel | undefined;
  readonly decided: DecideNotes | undefined;
  readonly manifest: MixManifest | undefined;
  readonly exports: readonly {
    readonly format: string;
    readonly files: number;
    readonly rows: number;
    readonly bytes: number;
  }[];
}

export async function gather(
  job: JobView,
  progress: (done: number, of: number) => void,
  signal: AbortSignal,
): Promise<Figures> {
  const [made, kept, final] = [await madeChains(job), await keptChains(job), await finalChains(job)];
  const same = made === final || (made.length === final.length && made.every(({ key }, i) => key === final[i]?.key));
  const sample = new Sample(job.recipe.seed);
  const total = Math.min(MOST_READ, rowsOf(final)) + (same ? 0 : Math.min(MOST_READ, rowsOf(made)));
  let done = 0;
  const tick = (): void => {
    signal.throwIfAborted();
    progress(++done, total);
  };
  const inFinal = await survey(job, final, true, tick, sample);
  const inMade = same ? inFinal : await survey(job, made, false, tick, sample, true);
  return {
    recipe: job.recipe,
    made: inMade,
    final: inFinal,
    kept: rowsOf(kept),
    sample,
    statistics: await modelStatistics(job),
    program: await programCounts(job),
    funnel: await funnelOf(job),
    decided: await decidedIn(job),
    manifest: await manifestOf(job),
    exports: await exportsOf(job),
  };
}

const rowsOf = (files: readonly DataFile[]): number => files.reduce((sum, { rows }) => sum + rows, 0);

/** @param wrongOnly put into the sample only what was answered wrongly: filters leave few of those */
async function survey(
  { objects }: JobView,
  files: readonly DataFile[],
  whole: boolean,
  tick: () => void,
  sample: Sample,
  wrongOnly = false,
): Promise<Surveyed> {
  const tally = new Tally();
  const rows = rowsOf(files);
  for (const file of files) {
    let left = rows <= MOST_READ ? file.rows : Math.ceil((MOST_READ * file.rows) / rows);
    for await (const chain of readChains(objects, file)) {
      if (left-- <= 0) break;
      tally.add(chain, whole);
      if (!wrongOnly || chain.outcome.endsWith('neg')) sample.add(chain);
      tick();
    }
  }
  return { tally, rows };
}

/** Counts of a stage's shards, added up. */
function summed(reports: readonly ShardReport[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { counts } of reports)
    for (const [name, count] of Object.entries(counts)) all[name] = (all[name] ?? 0) + count;
  return all;
}

async function modelStatistics(job: JobView): Promise<SourceStatistics[]> {
  const counts = summed([...(await job.reports('verify')), ...(await job.reports('runs'))]);
  return job.recipe.sources
    .filter(({ name }) => Object.keys(counts).some((key) => key.startsWith(`${name}/`)))
    .map(({ name }) => statisticsOf(name, counts));
}

async function programCounts(job: JobView): Promise<Record<string, number> | undefined> {
  const reports = await job.reports('make');
  return reports.length === 0 ? undefined : summed(reports);
}

async function funnelOf(job: JobView): Promise<Funnel | undefined> {
  const reports = await job.reports('filter.apply');
  if (reports.length === 0) return undefined;
  const counts = summed(reports);
  const dropped = REASONS.flatMap((reason) => {
    const count = counts[`dropped:${reason}`] ?? 0;
    return count === 0 ? [] : [{ reason, count }];
  });
  return { read: counts.read ?? 0, kept: counts.kept ?? 0, dropped };
}

/** Source -> kept and read, of the filter. */
export async function yieldsOf(job: JobView): Promise<ReadonlyMap<string, { read: number; kept: number }>> {
  const yields = new Map<string, { read: number; kept: number }>();
  for (const { notes } of await job.reports('filter.apply')) {
    const parsed = applyNotes.safeParse(notes);
    if (!parsed.success) continue;
    for (const [source, { read, kept }] of Object.entries(parsed.data.sources)) {
      const sum = yields.get(source) ?? { read: 0, kept: 0 };
      yields.set(source, { read: sum.read + read, kept: sum.kept + kept });
    }
  }
  return yields;
}

async function decidedIn(job: JobView): Promise<DecideNotes | undefined> {
  const [report] = await job.reports('filter.decide');
  const parsed = decideNotes.safeParse(report?.notes);
  return parsed.success ? parsed.data : undefined;
}

async function manifestOf(job: JobView): Promise<MixManifest | undefined> {
  const [report] = await job.reports('mix.manifest');
  const file = report?.files.find(({ name }) => name.endsWith('manifest.json'));
  if (file === undefined) return undefined;
  const { bytes } = await job.objects.get(file.key);
  return mixManifest.parse(JSON.parse(bytes.toString('utf8')));
}

async function exportsOf(job: JobView): Promise<Figures['exports']> {
  const formats = new Map<string, { files: number; rows: number; bytes: number }>();
  for (const { files } of await job.reports('export')) {
    for (const { name, rows, bytes } of files) {
      const format = name.includes('/') ? name.slice(0, name.indexOf('/')) : 'pictures (archives)';
      const sum = formats.get(format) ?? { files: 0, rows: 0, bytes: 0 };
      formats.set(format, { files: sum.files + 1, rows: sum.rows + rows, bytes: sum.bytes + bytes });
    }
  }
  return [...formats].map(([format, sums]) => ({ format, ...sums }));
}

/** Which files of a job hold its chains, after which stage. */
import type { DataFile, ShardReport } from '../../../shared/data/job.ts';
import type { JobView } from './stage.ts';

/** Stages whose files are chains that were made or brought in, in the order in which they are read. */
const MADE = ['make', 'verify', 'runs', 'import'] as const;

export const isChainFile = ({ name }: Pick<DataFile, 'name'>): boolean => /^chains-.*\.jsonl\.zst$/.test(name);

const filesOf = (reports: readonly ShardReport[]): DataFile[] =>
  reports.flatMap(({ files }) => files.filter(isChainFile));

/** Chains before the filter: those that this job made, and those of the datasets that its recipe names. */
export async function madeChains(job: JobView): Promise<DataFile[]> {
  const made: DataFile[] = [];
  for (const stage of MADE) made.push(...filesOf(await job.reports(stage)));
  for (const { dataset } of job.recipe.sources) if (dataset !== undefined) made.push(...(await job.dataset(dataset)));
  return made;
}

/** Chains after the filter, or before it where there is none. */
export async function keptChains(job: JobView): Promise<DataFile[]> {
  return job.recipe.filter ? filesOf(await job.reports('filter.apply')) : await madeChains(job);
}

/** What the job comes to: the mixture where there is one. */
export async function finalChains(job: JobView): Promise<DataFile[]> {
  return job.recipe.mix ? filesOf(await job.reports('mix.write')) : await keptChains(job);
}

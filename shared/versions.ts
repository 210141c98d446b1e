/**
 * What keeps a run on one version of its model and tools while a deploy replaces them: workers of one version share a
 * queue beside the ordinary ones, and a step that reaches a worker of another version is handed on to it, as long as
 * somebody is there who takes it and not too many wait there already. Else the step is done with the version at hand,
 * and its record says which that was.
 */
import type { Run } from './contract.ts';
import { type Fleet, ofModel, type WorkerCard } from './fleet.ts';
import { isTrainedId } from './models/trained-id.ts';
import { modelQueue, type Queues, TOOL_QUEUES, versionQueue } from './queues.ts';
import { metrics } from './telemetry.ts';

/**
 * Steps that may wait for a version, for each that its workers do at a time. Without a bound, the last old worker of a
 * deploy would have the runs of a whole fleet before it while new workers stand idle.
 */
const MOST_WAITING = 2;

/** Thrown by a step's handler: its step belongs into this queue, and has spent nothing here. */
export class BelongsElsewhere extends Error {
  override readonly name = 'BelongsElsewhere';
  readonly queue: string;
  constructor(queue: string) {
    super(`this step belongs into ${queue}`);
    this.queue = queue;
  }
}

/** Workers that take a step of another version than this worker's. */
export interface Others {
  readonly queue: string;
  readonly workers: number;
}

type Cards = Pick<Fleet, 'workers'>;

/** @param mine version of the model as this worker serves it */
export function othersWithModel(fleet: Cards, id: string, version: string, mine?: string): Others | undefined {
  if (isTrainedId(id)) return othersWithWords(fleet, id, version, mine);
  const takesIt = (one: WorkerCard) => one.modelVersions?.[id] === version && one.paused?.[id] === undefined;
  const workers = fleet.workers().filter(takesIt).length;
  return workers > 0 ? { queue: versionQueue(modelQueue(id), version), workers } : undefined;
}

/** All workers read the same files of a trained model: what tells them apart is the words that they put before it. */
function othersWithWords(fleet: Cards, id: string, version: string, mine: string | undefined): Others | undefined {
  const wordsOf = (one: string): string => one.slice(0, Math.max(0, one.lastIndexOf('-')));
  const wanted = wordsOf(version);
  if (mine !== undefined && wordsOf(mine) === wanted) return undefined;
  const speaks = (one: WorkerCard): string | undefined => ofModel(one.modelVersions, id);
  const able = fleet.workers().filter((one) => speaks(one)?.split('+').includes(wanted));
  const words = able[0] && speaks(able[0]);
  if (words === undefined) return undefined;
  return { queue: versionQueue(modelQueue(id), words), workers: able.filter((one) => speaks(one) === words).length };
}

/** @param version left out: any */
export function othersWithTool(fleet: Cards, name: string, version?: string): Others | undefined {
  const able = fleet
    .workers()
    .filter(({ toolVersions }) =>
      version === undefined ? toolVersions?.[name] !== undefined : toolVersions?.[name] === version,
    );
  const queueOf = (one: WorkerCard) => one.queues.find((queue) => queue.startsWith(versionQueue(TOOL_QUEUES, '')));
  const queue = able.map(queueOf).find((found) => found !== undefined);
  return queue === undefined ? undefined : { queue, workers: able.filter((one) => queueOf(one) === queue).length };
}

/** Queues of living workers whose names begin so. */
export const queuesOfWorkers = (fleet: Cards, start: string): string[] => [
  ...new Set(fleet.workers().flatMap(({ queues }) => queues.filter((one) => one.startsWith(start)))),
];

/** Queues of living workers' versions in which a step may lie that was handed on from `base`. */
export const versionQueuesOf = (fleet: Cards, base: string): string[] => queuesOfWorkers(fleet, versionQueue(base, ''));

/**
 * The version of the model that the run began with.
 * @returns undefined before its first turn
 */
export function begunWith(run: Pick<Run, 'steps'>): string | undefined {
  for (const step of run.steps) if (step.kind === 'model' && step.modelVersion !== undefined) return step.modelVersion;
  return undefined;
}

/** `taco-1-3f2a...` -> `taco` */
export const dialectOfVersion = (version: string): string => version.split('-', 1)[0] ?? '';

export interface Meeting {
  readonly kind: 'model' | 'tool';
  readonly name: string;
  /** The version that the step should be done with, and this worker's. */
  readonly wanted: string;
  readonly mine: string;
  readonly others: Others | undefined;
  /** Steps that a worker does at a time. */
  readonly concurrency: number;
}

/** @throws BelongsElsewhere when the step should be done by a worker of its version, which is there and has room */
export async function insistOnVersion(meeting: Meeting, queues: Pick<Queues, 'waiting'>): Promise<void> {
  const { kind, name, wanted, mine, others, concurrency } = meeting;
  if (wanted === mine) return;
  if (others && (await queues.waiting(others.queue)) < MOST_WAITING * others.workers * concurrency) {
    throw new BelongsElsewhere(others.queue);
  }
  metrics.otherVersion.inc({ kind, name });
}

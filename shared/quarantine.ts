/**
 * A step that ended its process twice runs alone, in a child process. If the child dies too, the step is the cause:
 * its run fails and its neighbours are spared. A child that could not start, or that has to wait (a store or an engine
 * is away), condemns nobody: the step is tried again later.
 *
 * Each worker process has one such child at a time, for all its queues: a child loads its model beside the one that
 * its parent holds, and memory for a third is not there. Over the cluster there is no limit, so that a step which hangs
 * until its time is up delays only those that its own process would have taken.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Cluster } from './cluster.ts';
import type { StepJob } from './contract.ts';
import { childEnv } from './env.ts';
import { finalizeSoon } from './run/finalize.ts';

/** Argument under which a worker's entry file runs one step and ends. */
export const ONE_STEP = '--one-step';

export interface OneStep {
  readonly job: StepJob;
  readonly queue: string;
  /** Milliseconds after which the child gives up by itself. */
  readonly limitMs: number;
}

/** What a child tells its parent once all is open and only the step itself is left to do. */
const BEGUN = 'begun';
/** A child that still answers to its own clock has this long to end before it counts as hanging. */
const LAST_WORD_MS = 15_000;

/**
 * Asked first of all, before anything is opened: a child ends with its parent also while it waits for a Redis that is away.
 * @returns the step that this process was started for, if it is a quarantine child
 */
export function oneStepOf(argv: readonly string[]): OneStep | undefined {
  const at = argv.indexOf(ONE_STEP);
  if (at < 0) return undefined;
  endWithParent();
  const step = JSON.parse(argv[at + 1] ?? '') as OneStep;
  // A step has its own time limit, so a child that is still there waits for Redis or a store. Only one whose event loop
  // is blocked, which is the step's doing, does not get here and is ended from outside.
  setTimeout(() => process.exit(TRY_LATER), step.limitMs).unref();
  return step;
}

/** Exit code of a child whose step is not done, for no fault of its own (EX_TEMPFAIL of sysexits.h). */
export const TRY_LATER = 75;
/** Exit code of a process whose settings or surroundings do not let it start; see runMain. */
const CANNOT_START = 2;

/** Does the one step that this process was started for, and ends the process with what came of it. */
export async function endAfterOneStep(cluster: Cluster, work: () => Promise<unknown>): Promise<never> {
  let code = 0;
  try {
    await new Promise((resolve) => (process.send ? process.send(BEGUN, resolve) : resolve(undefined)));
    const verdict = await work();
    if (typeof verdict === 'object' || verdict === 'back') code = TRY_LATER;
  } catch (error) {
    cluster.log.warn({ error }, 'the quarantined step could not be finished now');
    code = TRY_LATER;
  }
  await cluster.lifecycle.stop('quarantined step is done');
  process.exit(code);
}

/** A child whose parent was killed must not work on beside the one that takes its place. */
function endWithParent(): void {
  process.on('disconnect', () => process.exit(TRY_LATER));
  if (process.connected === false) process.exit(TRY_LATER);
}

const occupied = new WeakSet<Cluster>();

/**
 * @param stop aborted when this process has to end: so does the child
 * @returns `later` when the step is still to be done and nothing speaks against it; `busy` when this process has a
 *   quarantined step already, and another process may be free
 */
export async function runInQuarantine(
  cluster: Cluster,
  job: StepJob,
  queue: string,
  entry: string,
  stop?: AbortSignal,
): Promise<'done' | 'later' | 'busy'> {
  if (occupied.has(cluster)) return 'busy';
  occupied.add(cluster);
  try {
    return await runAlone(cluster, job, queue, entry, stop);
  } finally {
    occupied.delete(cluster);
  }
}

async function runAlone(
  cluster: Cluster,
  job: StepJob,
  queue: string,
  entry: string,
  stop?: AbortSignal,
): Promise<'done' | 'later'> {
  const { env, log, runs } = cluster;
  const limitMs = env.COTA_STEP_TIMEOUT_MS + LAST_WORD_MS;
  const argument: OneStep = { job, queue, limitMs };
  const child = fork(entry, [ONE_STEP, JSON.stringify(argument)], {
    env: childEnv({ COTA_WORKER_ID: `${env.COTA_WORKER_ID}-q`, COTA_HEALTH_PORT: '0' }),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let begun = false;
  child.on('message', (message) => {
    begun ||= message === BEGUN;
  });
  // A child that hangs harms nobody, but holds the quarantine of this process.
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs + LAST_WORD_MS);
  const kill = (): void => void child.kill('SIGKILL');
  stop?.addEventListener('abort', kill);
  if (stop?.aborted) kill();
  // Not 'exit', which may come before the child's last message.
  const ended = await once(child, 'close').then(
    ([code, signal]: (number | string | null)[]) => ({ code, signal }),
    (error: unknown) => {
      // It was never there: no memory, no process ids.
      log.warn({ runId: job.runId, error }, 'cannot start a process for a quarantined step');
      return { code: CANNOT_START, signal: null };
    },
  );
  clearTimeout(limit);
  stop?.removeEventListener('abort', kill);
  if (ended.code === 0) return 'done';
  if (ended.code === TRY_LATER || ended.code === CANNOT_START || stop?.aborted) return 'later';
  const how = ended.signal ? `signal ${ended.signal}` : `exit code ${ended.code}`;
  if (!begun) {
    log.warn({ runId: job.runId, step: job.step, how }, 'a quarantine child ended before its step began; trying again');
    return 'later';
  }
  log.error({ runId: job.runId, step: job.step, how }, 'a quarantined step ended its process again; its run fails');
  const result = await runs.end(
    job.runId,
    {
      status: 'failed',
      stopReason: 'error',
      error: {
        code: 'poison',
        message: `step ${job.step} ended every process that worked on it (${how}); its images or arguments may be the cause`,
      },
    },
    { job },
  );
  if (result.is === 'ok') {
    const run = await runs.read(job.runId);
    if (run) await finalizeSoon(run, cluster.finalizing, log);
  }
  return 'done';
}

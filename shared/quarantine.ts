/**
 * A step that ended its process twice runs alone, in a child process. If the child dies too, the step is the cause:
 * its run fails and its neighbours are spared. A child that could not start, or that has to wait (a store or an engine
 * is away), condemns nobody: the step is tried again later.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Cluster } from './cluster.ts';
import type { StepJob } from './contract.ts';
import { childEnv } from './env.ts';
import { finalizeSoon } from './finalize.ts';

/** Argument under which a worker's entry file runs one step and ends. */
export const ONE_STEP = '--one-step';

export interface OneStep {
  readonly job: StepJob;
  readonly queue: string;
}

/**
 * Asked first of all, before anything is opened: a child ends with its parent also while it waits for a Redis that is away.
 * @returns the step that this process was started for, if it is a quarantine child
 */
export function oneStepOf(argv: readonly string[]): OneStep | undefined {
  const at = argv.indexOf(ONE_STEP);
  if (at < 0) return undefined;
  endWithParent();
  return JSON.parse(argv[at + 1] ?? '') as OneStep;
}

/** Exit code of a child whose step is not done, for no fault of its own (EX_TEMPFAIL of sysexits.h). */
export const TRY_LATER = 75;
/** Exit code of a process whose settings or surroundings do not let it start; see runMain. */
const CANNOT_START = 2;

/** Does the one step that this process was started for, and ends the process with what came of it. */
export async function endAfterOneStep(cluster: Cluster, work: () => Promise<unknown>): Promise<never> {
  let code = 0;
  try {
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

/**
 * @param stop aborted when this process has to end: so does the child
 * @returns `later` when the step is still to be done and nothing speaks against it
 */
export async function runInQuarantine(
  cluster: Cluster,
  job: StepJob,
  queue: string,
  entry: string,
  stop?: AbortSignal,
): Promise<'done' | 'later'> {
  const { env, log, runs } = cluster;
  const argument: OneStep = { job, queue };
  const child = fork(entry, [ONE_STEP, JSON.stringify(argument)], {
    env: childEnv({ COTA_WORKER_ID: `${env.COTA_WORKER_ID}-q`, COTA_HEALTH_PORT: '0' }),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  // A child that hangs harms nobody, but holds the quarantine: past the step's own limit it is ended.
  const limit = setTimeout(() => child.kill('SIGKILL'), env.COTA_STEP_TIMEOUT_MS + 30_000);
  const kill = (): void => void child.kill('SIGKILL');
  stop?.addEventListener('abort', kill);
  if (stop?.aborted) kill();
  const ended = await once(child, 'exit').then(
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

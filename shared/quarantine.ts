/**
 * A step that ended its process twice runs alone, in a child process. If the child dies too, the step is the cause:
 * its run fails and its neighbours are spared.
 */
import { fork } from 'node:child_process';
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

/** @returns the step that this process was started for, if it is a quarantine child */
export function oneStepOf(argv: readonly string[]): OneStep | undefined {
  const at = argv.indexOf(ONE_STEP);
  return at < 0 ? undefined : (JSON.parse(argv[at + 1] ?? '') as OneStep);
}

export async function runInQuarantine(cluster: Cluster, job: StepJob, queue: string, entry: string): Promise<void> {
  const { env, log, runs } = cluster;
  const argument: OneStep = { job, queue };
  const child = fork(entry, [ONE_STEP, JSON.stringify(argument)], {
    env: childEnv({ COTA_WORKER_ID: `${env.COTA_WORKER_ID}-q`, COTA_HEALTH_PORT: '0' }),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  // A child that hangs harms nobody, but holds the quarantine: past the step's own limit it is ended.
  const limit = setTimeout(() => child.kill('SIGKILL'), env.COTA_STEP_TIMEOUT_MS + 30_000);
  const ended = await new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
    child.on('error', () => resolve({ code: 1, signal: null }));
  });
  clearTimeout(limit);
  if (ended.code === 0) return;
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
}

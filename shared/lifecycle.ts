import type { Log } from './telemetry.ts';

interface Stage {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

/** Ordered shutdown: what was opened last is stopped first, each stage is logged, and the whole has a time limit. */
export interface Lifecycle {
  onStop(name: string, stop: Stage['stop']): void;
  /** Called as soon as stopping begins, before the first stage: for what should wind down at the same time. */
  onStopping(start: () => void): void;
  /** Stops all stages; safe to call more than once. */
  stop(reason: string): Promise<void>;
  readonly stopping: boolean;
}

/**
 * @param limitMs after this the process ends anyway: an orchestrator's SIGKILL would follow, and it says nothing
 */
export function openLifecycle(log: Log, limitMs: number): Lifecycle {
  const stages: Stage[] = [];
  const starts: (() => void)[] = [];
  let stopped: Promise<void> | undefined;
  const lifecycle: Lifecycle = {
    onStop: (name, stop) => void stages.push({ name, stop }),
    onStopping: (start) => void starts.push(start),
    get stopping() {
      return stopped !== undefined;
    },
    stop: (reason) => (stopped ??= run(reason)),
  };

  async function run(reason: string): Promise<void> {
    log.info({ reason }, 'stopping');
    const limit = setTimeout(() => {
      log.error({ limitMs }, 'did not stop in time; ending the process');
      process.exit(1);
    }, limitMs);
    for (const start of starts) start();
    for (const stage of stages.toReversed()) {
      try {
        await stage.stop();
        log.debug({ stage: stage.name }, 'stopped');
      } catch (error) {
        log.error({ stage: stage.name, error }, 'could not stop this part');
      }
    }
    clearTimeout(limit);
    log.info('stopped');
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void lifecycle.stop(signal).then(() => process.exit(0)));
  }
  process.on('unhandledRejection', (error) => {
    // A promise that nobody waits for must not take fifteen neighbours down; it is a defect all the same.
    log.error({ error }, 'unhandled rejection');
  });
  return lifecycle;
}

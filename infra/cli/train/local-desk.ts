/** The desk of a training in this process: events on the terminal, the log in a file. */
import { createWriteStream } from 'node:fs';
import type { TrainEvent, TrainProgress } from '../../../shared/train/job.ts';
import type { Desk } from '../../../workers/train/desk.ts';
import type { Progress } from '../progress.ts';
import { number } from '../terminal.ts';

export function openLocalDesk(progress: Progress, logFile: string): Desk & { close(): void } {
  const told: TrainEvent[] = [];
  const log = createWriteStream(logFile, { flags: 'a' });
  let now: Partial<TrainProgress> = {};
  let deaths = { step: -1, times: 0 };
  const show = (): void => {
    const { phase = '', step = 0, tokens = 0, tokensPlanned = 0, share } = now;
    const done = tokensPlanned > 0 ? tokens / tokensPlanned : share;
    const of = tokensPlanned > 0 ? `, ${number(tokens)} of ${number(tokensPlanned)} tokens` : '';
    progress.show(step === 0 ? phase : `${phase}: step ${number(step)}${of}`, done);
  };
  return {
    async say(event) {
      told.push({ ...event, at: Date.now() });
      // Each step's figures would be a line; the bar has them.
      if (event.type === 'message')
        progress.note(event.level === 'info' ? event.message : `${event.level}: ${event.message}`);
      show();
    },
    progress(change) {
      now = { ...now, ...change };
      show();
    },
    log: (line) => void log.write(`${line}\n`),
    async death(step) {
      deaths = step > deaths.step ? { step, times: 1 } : { step: deaths.step, times: deaths.times + 1 };
      return deaths.times;
    },
    holds: async () => true,
    async *events() {
      yield* told;
    },
    close: () => void log.end(),
  };
}

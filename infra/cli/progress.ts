/** Progress on stderr, so that stdout holds results only: a bar that is drawn over on a terminal, now and then a line elsewhere. */
import { cut, warn } from './terminal.ts';

export interface Progress {
  /**
   * @param text what is done so far
   * @param share 0 to 1; undefined where the whole is not known
   */
  show(text: string, share?: number): void;
  /** A line that stays. */
  note(text: string): void;
  /** Takes the bar away. May be repeated. */
  end(): void;
}

const DRAW_EVERY_MS = 100;
const LINE_EVERY_MS = 10_000;
const BAR = 24;
const USUAL_WIDTH = 80;

/** @param quiet nobody reads along: without a terminal, nothing is said */
export function openProgress(quiet: boolean): Progress {
  const terminal = process.stderr.isTTY === true;
  let drawn = false;
  let last = terminal ? 0 : performance.now();
  let said = '';

  const wipe = (): void => {
    if (drawn) process.stderr.write('\r\u001b[K');
    drawn = false;
  };
  return {
    show(text, share) {
      const now = performance.now();
      if (!terminal) {
        if (quiet || text === said || now - last < LINE_EVERY_MS) return;
        [last, said] = [now, text];
        return warn(text);
      }
      if (drawn && now - last < DRAW_EVERY_MS) return;
      last = now;
      const line = share === undefined ? text : `${bar(share)} ${text}`;
      process.stderr.write(`\r${cut(line, (process.stderr.columns ?? USUAL_WIDTH) - 1)}\u001b[K`);
      drawn = true;
    },
    note(text) {
      wipe();
      if (terminal || !quiet) warn(text);
    },
    end: wipe,
  };
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR);
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
}

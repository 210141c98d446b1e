import { setTimeout as sleep } from 'node:timers/promises';
import type { Recording } from '../../../shared/run/recording.ts';
import { type Backend, BackendRefused, type GenerateRequest, type Generation } from './backend.ts';

export interface ReplayOptions {
  /** The recording under a key of the store. */
  readonly load: (key: string) => Promise<Recording>;
  /** What is said to runs that name no recording. */
  readonly turns?: Recording['turns'] | undefined;
  /** The recording that belongs to a question, for runs that name none. */
  readonly find?: ((question: string) => Promise<Recording | undefined>) | undefined;
}

const NO_TOKENS = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 } as const;

/**
 * Gives recorded turns again, byte for byte, each after its delay: for tests, load tests, and for running a run again.
 * @throws BackendRefused `recording_exhausted` when a turn is asked for that nobody recorded
 */
export function openReplayBackend(options: ReplayOptions): Backend {
  return {
    holdsPrefix: false,
    async generate(request: GenerateRequest): Promise<Generation> {
      const turns = await turnsOf(request, options);
      const turn = turns[request.turn];
      if (!turn) {
        throw new BackendRefused(
          'recording_exhausted',
          `the recording has ${turns.length} turns; turn ${request.turn + 1} was asked for`,
        );
      }
      request.signal.throwIfAborted();
      if (turn.delayMs) await sleep(turn.delayMs, undefined, { signal: request.signal });
      request.onText?.(turn.text);
      return { text: turn.text, finishReason: turn.finishReason ?? 'stop', usage: turn.usage ?? NO_TOKENS };
    },
    check: async () => undefined,
    close: async () => undefined,
  };
}

async function turnsOf(request: GenerateRequest, options: ReplayOptions): Promise<Recording['turns']> {
  if (request.recording !== undefined) return (await options.load(request.recording)).turns;
  if (options.turns) return options.turns;
  const found = request.question === undefined ? undefined : await options.find?.(request.question);
  if (found) return found.turns;
  throw new BackendRefused('recording_exhausted', 'no recording belongs to this question; name one in cota.replay');
}

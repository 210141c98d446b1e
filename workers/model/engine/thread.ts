/** The engine's thread: it owns the weights, keys and values, and computes as long as there is a sequence under way. */
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { openDecoder } from './decoder.ts';
import { bytesPerToken } from './decoder-config.ts';
import { guarded } from './exit-guard.ts';
import type { EngineOptions, EngineRequest, FromThread, ToThread } from './messages.ts';
import { openPrefixCache } from './prefix-cache.ts';
import { sampler } from './sampling.ts';
import { type Job, openScheduler } from './scheduler.ts';
import type { Mask } from './turn.ts';

interface ThreadData {
  readonly options: EngineOptions;
  readonly guard: Int32Array;
}

type MakeMask = (prompt: readonly number[], constraint: string) => Mask;

/** How often figures are told while sequences are under way, milliseconds. */
const STATS_MS = 1_000;

const port = parentPort;
if (!port) throw new Error('the engine is a thread: open it with openEngine');
const tell = (message: FromThread): void => port.postMessage(message);
const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function maskMaker({ masks }: EngineOptions): Promise<MakeMask | undefined> {
  if (!masks) return undefined;
  const module = (await import(masks.url)) as Record<string, unknown>;
  const make = module[masks.export];
  if (typeof make !== 'function') throw new Error(`${masks.url} has no function ${masks.export}`);
  return make as MakeMask;
}

async function start({ options, guard }: ThreadData): Promise<void> {
  const makeMask = await maskMaker(options);
  const decoder = await openDecoder(options, (work) => guarded(guard, work));
  const cache = openPrefixCache(decoder.slots, options.cacheBytes);
  const scheduler = openScheduler(decoder, cache, options.batch);
  const jobs = new Map<number, Job>();
  let pairs: number[] = [];
  let working = false;
  let closing = false;
  let told = 0;

  function jobOf(id: number, request: EngineRequest): Job {
    const { owner, session, prompt, maxTokens, end, constraint, temperature, topP, seed, branches } = request;
    return {
      ...{ owner, session, prompt },
      turn: {
        limit: Math.min(maxTokens, decoder.longest - prompt.length),
        end,
        mask: constraint === undefined ? undefined : makeMask?.(prompt, constraint),
        sampler: temperature > 0 ? sampler({ temperature, topP, seed }) : undefined,
        branches,
        onToken: request.tell ? (token) => pairs.push(id, token) : undefined,
      },
      done(said, cachedTokens) {
        jobs.delete(id);
        flush();
        tell({ type: 'done', id, result: { said, cachedTokens } });
      },
      failed(error) {
        jobs.delete(id);
        tell({ type: 'failed', id, message: words(error) });
      },
    };
  }

  function flush(): void {
    if (pairs.length > 0) tell({ type: 'tokens', pairs });
    pairs = [];
  }

  async function work(): Promise<void> {
    if (working) return;
    working = true;
    while (scheduler.busy && !closing) {
      guarded(guard, scheduler.tick);
      flush();
      if (performance.now() - told >= STATS_MS) tellStats();
      // Messages come in between: a cancelled run goes on for one tick at most.
      await turnOfLoop();
    }
    working = false;
    if (closing) end();
    else tellStats();
  }

  function tellStats(): void {
    told = performance.now();
    tell({ type: 'stats', stats: { ...scheduler.stats } });
  }

  /** The thread ends by itself when nothing is left to do: one that is terminated inside a call takes the process along. */
  function end(): void {
    decoder.close();
    port?.close();
  }

  port?.on('message', (message: ToThread) => {
    if (message.type === 'generate') {
      try {
        const job = jobOf(message.id, message.request);
        jobs.set(message.id, job);
        scheduler.add(job);
      } catch (error) {
        tell({ type: 'failed', id: message.id, message: words(error) });
      }
      void work();
    } else if (message.type === 'cancel') {
      const job = jobs.get(message.id);
      jobs.delete(message.id);
      if (job) scheduler.cancel(job);
    } else {
      closing = true;
      if (!working) end();
    }
  });
  const bytes = decoder.slots.capacity * bytesPerToken(decoder.slots.shape) + cache.bytes;
  const { config, provider, longest } = decoder;
  tell({ type: 'opened', opened: { config, provider, longest, bytes } });
}

await start(workerData as ThreadData).catch((error: unknown) => {
  tell({ type: 'unopened', message: words(error) });
  port.close();
});

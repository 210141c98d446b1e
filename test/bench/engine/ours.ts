import { type Engine, openEngine } from '../../../workers/model/engine/engine.ts';
import type { EngineStats } from '../../../workers/model/engine/scheduler.ts';
import { LIMIT, type Run } from './runs.ts';

export interface Ours {
  readonly engine: Engine;
  /** What the model says in each turn of each run, `flight` runs at a time. `owner` keeps rounds from sharing prompts. */
  say(runs: readonly Run[], flight: number, owner: string): Promise<number[][][]>;
  stats(): EngineStats | undefined;
}

export async function openOurs(folder: string, dtype: 'fp32' | 'int8', end: number, threads = 1): Promise<Ours> {
  let stats: EngineStats | undefined;
  const engine = await openEngine(
    {
      ...{ folder, dtype, provider: 'cpu', threads },
      slotBytes: 256 * 2 ** 20,
      cacheBytes: 128 * 2 ** 20,
    },
    (told) => {
      stats = told;
    },
  );
  const never = new AbortController().signal;
  return {
    engine,
    stats: () => stats,
    async say(runs, flight, owner) {
      const all = runs.map(() => [] as number[][]);
      const left = [...runs.entries()];
      const worker = async (): Promise<void> => {
        for (let next = left.shift(); next; next = left.shift()) {
          const [n, run] = next;
          const prompt: number[] = [];
          for (const part of run.parts) {
            prompt.push(...part);
            const { said } = await engine.generate(
              {
                prompt: [...prompt],
                owner,
                session: `${owner} ${n}`,
                maxTokens: LIMIT,
                end: [end],
                temperature: 0,
                seed: 0,
                branches: 1,
              },
              never,
            );
            all[n]?.push([...said]);
            prompt.push(...said);
          }
        }
      };
      await Promise.all(Array.from({ length: flight }, worker));
      return all;
    },
  };
}

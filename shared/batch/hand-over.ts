/** What a run that has ended leaves for batches: its line's bit, and what runs of its model cost. */
import type { Redis } from 'ioredis';
import type { Run } from '../contract.ts';
import { keys, slugOf } from '../keys.ts';

/** Bits of windows outlive every batch: they are removed when the window is written. */
const BITS_TTL_S = 30 * 86_400;

/**
 * Says that a line has ended. May be repeated.
 * @throws a Redis error
 */
export async function endLine(redis: Redis, run: Pick<Run, 'config' | 'outcome'>): Promise<void> {
  const { batch } = run.config;
  if (!batch) return;
  const good = run.outcome?.status === 'completed' || run.outcome?.status === 'incomplete';
  const bits = good ? keys.windowOk(batch.id, batch.window) : keys.windowBad(batch.id, batch.window);
  const replies = await redis.pipeline().setbit(bits, batch.index, 1).expire(bits, BITS_TTL_S).exec();
  const error = replies?.find(([failed]) => failed)?.[0];
  if (error) throw error;
}

/** Sums over runs of a model. */
export interface ModelCosts {
  readonly runs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Milliseconds of model turns. */
  readonly modelMs: number;
}

/** Counts runs into what their model costs. An estimate needs no exactness: a run may be counted twice after a kill. */
export async function addCosts(redis: Redis, modelId: string, costs: ModelCosts): Promise<void> {
  const key = keys.modelCosts(slugOf(modelId));
  await redis
    .pipeline()
    .hincrby(key, 'runs', costs.runs)
    .hincrby(key, 'inputTokens', costs.inputTokens)
    .hincrby(key, 'outputTokens', costs.outputTokens)
    .hincrby(key, 'modelMs', Math.round(costs.modelMs))
    .exec();
}

/** @returns undefined while no run of the model has ended */
export async function costsOf(redis: Redis, modelId: string): Promise<ModelCosts | undefined> {
  const [runs, inputTokens, outputTokens, modelMs] = (
    await redis.hmget(keys.modelCosts(slugOf(modelId)), 'runs', 'inputTokens', 'outputTokens', 'modelMs')
  ).map((value) => Number(value ?? 0));
  if (!runs) return undefined;
  return { runs, inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0, modelMs: modelMs ?? 0 };
}

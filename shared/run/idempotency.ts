/**
 * Idempotency-Key: the first request with a key reserves a run id, later ones get the same run. The reservation comes
 * before the run, so that a request whose process died in between is finished by its retry, under the same id.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { CotaError } from '../errors.ts';
import { keys } from '../keys.ts';

const reservation = z.object({ runId: z.string(), bodyHash: z.string() });

export interface Reserved {
  readonly runId: string;
  /** False when an earlier request reserved it, whether or not its run was ever created. */
  readonly fresh: boolean;
}

export interface IdempotentRequest {
  readonly tenant: string;
  /** As the client sent it. */
  readonly key: string;
  /** Parsed JSON; requests that differ only in the order of their keys are the same. */
  readonly body: unknown;
}

/**
 * @param newRunId taken when the key is new
 * @param ttlS seconds that the key is remembered
 * @throws CotaError `idempotency_key_reused` when the key came with another body before
 */
export async function reserve(
  redis: Redis,
  request: IdempotentRequest,
  newRunId: string,
  ttlS: number,
): Promise<Reserved> {
  const key = keys.idempotency(request.tenant, sha256(request.key));
  const bodyHash = sha256(canonical(request.body));
  const mine = JSON.stringify({ runId: newRunId, bodyHash });
  if (await redis.set(key, mine, 'EX', ttlS, 'NX')) return { runId: newRunId, fresh: true };
  const found = await redis.get(key);
  // It expired in between.
  if (found === null) return reserve(redis, request, newRunId, ttlS);
  const earlier = reservation.parse(JSON.parse(found));
  if (earlier.bodyHash !== bodyHash) {
    throw new CotaError(
      'idempotency_key_reused',
      'This Idempotency-Key was used with another body before: send a new key for a new request.',
    );
  }
  return { runId: earlier.runId, fresh: false };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** JSON with its keys in order at every depth. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

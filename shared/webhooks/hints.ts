/**
 * Which endpoints have something due. Deliveries of different tenants live on different shards, so this is only a hint:
 * one too many costs a look, and one that is taken comes back by itself unless it is settled.
 */
import { readFileSync } from 'node:fs';
import { keys } from '../keys.ts';
import type { WebhookParts } from './parts.ts';

const script = readFileSync(new URL('../lua/webhook-hint.lua', import.meta.url), 'utf8');

type HintParts = Pick<WebhookParts, 'redis' | 'ahead'>;

export interface Hint {
  readonly tenant: string;
  readonly endpoint: string;
  /** Tells whether somebody else has hinted at this endpoint since. */
  readonly mark: string;
}

const run = ({ redis }: HintParts, args: readonly (string | number)[]): Promise<unknown> =>
  redis.eval(script, 1, keys.webhooksDue, ...args);

/** Says that an endpoint has something due now. */
export async function hint(parts: HintParts, tenant: string, endpoint: string): Promise<void> {
  await run(parts, ['add', parts.ahead?.() ?? 0, `${endpoint} ${tenant}`, 0]);
}

/** Endpoints that have something due, those that have waited longest first. Each comes back after `leaseMs` unless settled. */
export async function takeHints(parts: HintParts, limit: number, leaseMs: number): Promise<Hint[]> {
  // The fraction makes two marks of one millisecond differ.
  const found = (await run(parts, ['take', parts.ahead?.() ?? 0, limit, leaseMs + Math.random()])) as string[];
  return Array.from({ length: found.length / 2 }, (_, index) => {
    const [endpoint = '', tenant = ''] = (found[index * 2] ?? '').split(' ', 2);
    return { tenant, endpoint, mark: found[index * 2 + 1] ?? '' };
  });
}

/** @param nextAt when to look again, on Redis' clock; undefined = not before the next hint */
export async function settleHint(parts: HintParts, taken: Hint, nextAt: number | undefined): Promise<void> {
  await run(parts, ['settle', `${taken.endpoint} ${taken.tenant}`, taken.mark, nextAt ?? '']);
}

/** Tools that the cluster knows: those that workers carry out, and for a while those that nobody carries out any more. */
import type { Redis } from 'ioredis';
import { type ToolSpec, toolSpec } from './contract.ts';
import { keys } from './keys.ts';

/**
 * A tool that nobody serves stays known for a day, milliseconds: longer than a deploy or a night's outage, in which runs
 * that need it wait and users must see why; not so long that what a release took away is offered to models for ever.
 */
export const KNOWN_FOR_MS = 24 * 3_600_000;

/**
 * So long after its last worker has left, milliseconds, runs that name no tools still get it: a restart or a deploy
 * must not change what runs may do. Later they do without, since what nobody carries out would be waited for.
 */
export const OFFERED_FOR_MS = 10 * 60_000;

export interface KnownTools {
  /** By name. */
  readonly specs: readonly ToolSpec[];
  /** Names of those that nobody has served for longer than OFFERED_FOR_MS. */
  readonly departed: ReadonlySet<string>;
}

/** What cannot be read was written by another version during a deploy; it must not hide the rest. */
export function readable<T>(schema: { parse(value: unknown): T }, text: string | null | undefined): T[] {
  if (!text) return [];
  try {
    return [schema.parse(JSON.parse(text))];
  } catch {
    return [];
  }
}

/**
 * Readers keep the time since which a tool is unserved, so that workers announce it as they always did. Several readers
 * may do so at once: the first one's time stays, and a tool forgotten in the very moment it comes back is announced
 * again with the next beat.
 * @param served names of the tools that living workers carry out
 */
export async function knownTools(redis: Redis, served: ReadonlySet<string>): Promise<KnownTools> {
  const specs = await redis.hgetall(keys.tools);
  const marks = await redis.zrange(keys.toolsUnserved, '0', '-1', 'WITHSCORES');
  const since = new Map(marks.flatMap((name, i) => (i % 2 === 0 ? [[name, Number(marks[i + 1])] as const] : [])));
  const unserved = Object.keys(specs).filter((name) => !served.has(name));
  let departed: readonly string[] = [];
  if (unserved.length > 0 || since.size > 0) {
    const now = Number((await redis.time())[0]) * 1000;
    const expired = unserved.filter((name) => now - (since.get(name) ?? now) > KNOWN_FOR_MS);
    const fresh = unserved.filter((name) => !since.has(name));
    const back = [...since.keys()].filter((name) => served.has(name) || specs[name] === undefined);
    if (expired.length > 0) await redis.hdel(keys.tools, ...expired);
    if (fresh.length > 0) await redis.zadd(keys.toolsUnserved, 'NX', ...fresh.flatMap((name) => [now, name]));
    if (expired.length + back.length > 0) await redis.zrem(keys.toolsUnserved, ...expired, ...back);
    for (const name of expired) delete specs[name];
    departed = unserved.filter((name) => now - (since.get(name) ?? now) > OFFERED_FOR_MS);
  }
  return {
    specs: Object.values(specs)
      .flatMap((text) => readable(toolSpec, text))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    departed: new Set(departed),
  };
}

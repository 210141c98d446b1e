/**
 * The few documents that every request needs: API keys, tenants. The store has the truth; Redis has a copy of all of
 * them, so that what is not in a complete copy does not exist, and unknown names never reach the store. A copy that
 * Redis has lost is made again from the store by whoever needs it first.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { z } from 'zod';
import { keys, paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import type { Log } from '../telemetry.ts';

export interface RegistryParts {
  readonly redis: Redis;
  readonly objects: ObjectStore;
  readonly log: Log;
}

export interface Registry<T> {
  /** @throws a Redis error; StoreAway where the copy is lost and cannot be made again now */
  get(name: string): Promise<T | undefined>;
  all(): Promise<readonly (readonly [name: string, entry: T])[]>;
  /** Into the store, then into the copy: what is answered to be there, is there for good. */
  put(name: string, entry: T): Promise<void>;
  /** Into the copy, then into the store: for what must take effect at once, and be tried again if it fails. */
  override(name: string, entry: T): Promise<void>;
  /**
   * Makes of an entry what `next` says, whatever others do to it meanwhile: then it is asked again.
   * @param next is given the entry, undefined where there is none; undefined from it leaves all as it is
   * @returns the entry as it is now
   */
  change(name: string, next: (now: T | undefined) => T | undefined): Promise<T | undefined>;
  remove(name: string): Promise<void>;
}

/** A field that no name can have: it says that the copy is complete. */
const COMPLETE = '';
const AT_ONCE = 16;
/** A store that is away is not asked again by each request that comes in. */
const PATIENCE_MS = 1_000;
const script = readFileSync(new URL('../lua/change-entry.lua', import.meta.url), 'utf8');

/** @param kind folder under `system/` */
export function openRegistry<T>(
  { redis, objects, log }: RegistryParts,
  kind: string,
  schema: z.ZodType<T>,
): Registry<T> {
  redis.defineCommand('cotaChangeEntry', { numberOfKeys: 1, lua: script });
  const swap = (
    redis as unknown as { cotaChangeEntry: (...args: string[]) => Promise<1 | 0 | -1> }
  ).cotaChangeEntry.bind(redis);
  const copy = keys.registry(kind);
  const folder = paths.registry(kind);
  const pathOf = (name: string): string => `${folder}${name}.json`;
  let healing: Promise<void> | undefined;

  /** What was written meanwhile is newer than what is read here, and stays. */
  async function heal(): Promise<void> {
    const names: string[] = [];
    for await (const { key } of objects.list(folder)) names.push(key.slice(folder.length).replace(/\.json$/, ''));
    const left = names.values();
    const work = async (): Promise<void> => {
      for (const name of left) {
        const text = await read(name);
        if (text !== undefined) await redis.hsetnx(copy, name, text);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await redis.hset(copy, COMPLETE, '1');
    log.info({ registry: kind, entries: names.length }, 'read from the store');
  }

  async function read(name: string): Promise<string | undefined> {
    try {
      const text = (await objects.get(pathOf(name))).bytes.toString();
      schema.parse(JSON.parse(text));
      return text;
    } catch (error) {
      if (error instanceof ObjectMissing) return undefined;
      if (!(error instanceof SyntaxError || (error instanceof Error && error.name === 'ZodError'))) throw error;
      // One that is damaged must not lock everybody out.
      log.error({ object: pathOf(name), error }, 'cannot be read: passed over');
      return undefined;
    }
  }

  function healOnce(): Promise<void> {
    if (healing) return healing;
    const work = heal();
    healing = work;
    work.then(
      () => {
        healing = undefined;
      },
      () => {
        setTimeout(() => {
          healing = undefined;
        }, PATIENCE_MS).unref();
      },
    );
    return work;
  }

  const parse = (text: string): T => schema.parse(JSON.parse(text));
  const write = (name: string, text: string): Promise<void> =>
    objects.put(pathOf(name), Buffer.from(text), { contentType: 'application/json' });

  /** @throws a Redis error; StoreAway where the copy is lost and cannot be made again now */
  async function current(name: string): Promise<string | undefined> {
    const [text, complete] = await redis.hmget(copy, name, COMPLETE);
    if (text) return text;
    if (complete) return undefined;
    await healOnce();
    return (await redis.hget(copy, name)) ?? undefined;
  }

  /**
   * Has the store say what the copy says. Who writes looks afterwards whether that still holds, so that of several at
   * once the last one to write leaves what is right, in whichever order their writes come in.
   */
  async function settle(name: string, text: string | undefined): Promise<void> {
    for (let wanted = text; ; ) {
      if (wanted === undefined) await objects.delete(pathOf(name));
      else await write(name, wanted);
      const now = await current(name);
      if (now === wanted) return;
      wanted = now;
    }
  }

  return {
    async get(name) {
      const text = await current(name);
      return text === undefined ? undefined : parse(text);
    },
    async all() {
      if (!(await redis.hexists(copy, COMPLETE))) await healOnce();
      const entries = Object.entries(await redis.hgetall(copy)).filter(([name]) => name !== COMPLETE);
      return entries.map(([name, text]) => [name, parse(text)] as const);
    },
    async put(name, entry) {
      const text = JSON.stringify(entry);
      await write(name, text);
      await redis.hset(copy, name, text);
    },
    async override(name, entry) {
      const text = JSON.stringify(entry);
      await redis.hset(copy, name, text);
      await write(name, text);
    },
    async change(name, next) {
      for (;;) {
        const before = await current(name);
        const now = before === undefined ? undefined : parse(before);
        const entry = next(now);
        if (entry === undefined) return now;
        const text = JSON.stringify(entry);
        if ((await swap(copy, name, before ?? '', text)) !== 1) continue;
        try {
          await settle(name, text);
        } catch (error) {
          // What is not answered to be there shall not be there, unless others have built upon it.
          await swap(copy, name, text, before ?? '').catch(() => undefined);
          throw error;
        }
        return entry;
      }
    },
    async remove(name) {
      // The store first: whoever dies in between has left an entry that says what is still to be done.
      await objects.delete(pathOf(name));
      await redis.hdel(copy, name);
      await settle(name, undefined);
    },
  };
}

/**
 * The tool cache: what a deterministic tool once said about the same bytes, it need not say again. Successes only;
 * a hit whose image is gone is a miss; equal calls at the same time in one process are carried out once.
 */
import { LRUCache } from 'lru-cache';
import type { ImageRef, JsonObject, Run } from '../../shared/contract.ts';
import { paths } from '../../shared/keys.ts';
import { ObjectMissing, type ObjectStore } from '../../shared/object-store.ts';
import { abortable } from './abortable.ts';
import { cacheKey, imagesNamed } from './cache-key.ts';
import { storeImage } from './context.ts';
import type { ToolOutcome } from './registry.ts';
import type { Tool } from './tool.ts';

interface Executed {
  readonly observation: ToolOutcome;
  readonly images: readonly ImageRef[];
}

/**
 * A success as it is kept: names of images in the result are replaced by their place among the images made, or among
 * those that the arguments name; another run has the same pictures under other names.
 */
interface Kept {
  readonly result: JsonObject;
  readonly images: readonly { readonly key: string }[];
  /** Epoch milliseconds: results are deleted when runs of that time are. */
  readonly at: number;
}

/** What the store has deleted since is forgotten by then. */
const MEMORY_TTL_MS = 600_000;

type Given = Executed & { readonly cached: boolean };

export interface ToolCache {
  /**
   * @param execute carries the action out, where nobody has yet; it is aborted by the same signal
   * @throws what `execute` or the store throws; the signal's reason
   */
  through(
    tool: Tool,
    args: JsonObject,
    run: Run,
    execute: () => Promise<Executed>,
    signal: AbortSignal,
  ): Promise<Given>;
}

/** @param memoryBytes of JSON kept in this process before the store is asked */
export function openToolCache(objects: ObjectStore, memoryBytes = 32 * 1024 * 1024): ToolCache {
  const memory = new LRUCache<string, Kept>({
    maxSize: memoryBytes,
    ttl: MEMORY_TTL_MS,
    sizeCalculation: (kept) => JSON.stringify(kept).length + 100,
  });
  /** What is looked up or carried out just now; undefined where nothing came of it that others could use. */
  const working = new Map<string, Promise<Kept | undefined>>();

  async function look(path: string): Promise<Kept | undefined> {
    const known = memory.get(path);
    if (known) return known;
    try {
      const kept = JSON.parse((await objects.get(path)).bytes.toString()) as Kept;
      memory.set(path, kept);
      return kept;
    } catch (error) {
      if (error instanceof ObjectMissing || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** The kept success as an observation of this run: its images are stored again, now owned by this run. */
  async function giveTo(
    run: Run,
    kept: Kept,
    named: readonly string[],
    signal: AbortSignal,
  ): Promise<Given | undefined> {
    const images: ImageRef[] = [];
    for (const [index, image] of kept.images.entries()) {
      try {
        const { bytes } = await objects.get(image.key);
        images.push(await storeImage(run, objects, `image-${run.images.length + index}`, bytes, signal));
      } catch (error) {
        if (error instanceof ObjectMissing) return undefined;
        throw error;
      }
    }
    const result = rename(kept.result, (text) => {
      const made = /^\$made-(\d+)$/.exec(text);
      if (made) return `image-${run.images.length + Number(made[1])}`;
      const given = /^\$given-(\d+)$/.exec(text);
      return (given && named[Number(given[1])]) || text;
    });
    return { observation: { ok: true, result }, images, cached: true };
  }

  return {
    async through(tool, args, run, execute, signal) {
      const path = paths.toolCache(run.tenant, cacheKey(run.tenant, tool, args, run.images));
      const named = imagesNamed(tool, args, run.images);
      // Asked again after each twin that failed or was cancelled: one of those who waited for it has begun by then.
      for (let twin = working.get(path); twin; twin = working.get(path)) {
        const kept = await abortable(twin, signal);
        const given = kept && (await giveTo(run, kept, named, signal));
        if (given) return given;
      }

      const mine = async (): Promise<{ readonly given: Given; readonly kept?: Kept | undefined }> => {
        try {
          const kept = await look(path);
          const given = kept && (await giveTo(run, kept, named, signal));
          if (given) return { given, kept };
          const done = await execute();
          const fresh = done.observation.ok ? keepable(done.observation.result, done.images, named) : undefined;
          if (fresh) {
            await objects.put(path, Buffer.from(JSON.stringify(fresh)), { contentType: 'application/json' });
            memory.set(path, fresh);
          }
          return { given: { ...done, cached: false }, kept: fresh };
        } finally {
          working.delete(path);
        }
      };
      const work = mine();
      // Nothing is awaited between the last look at `working` and this.
      const shared = work.then(
        ({ kept }) => kept,
        () => undefined,
      );
      working.set(path, shared);
      return (await work).given;
    },
  };
}

function keepable(result: JsonObject, images: readonly ImageRef[], named: readonly string[]): Kept {
  const names = new Map([
    // The first place of a name that is there twice.
    ...named.map((name, index) => [name, `$given-${index}`] as const).reverse(),
    ...images.map((image, index) => [image.name, `$made-${index}`] as const),
  ]);
  const neutral = rename(result, (text) => names.get(text) ?? text);
  return { result: neutral, images: images.map(({ key }) => ({ key })), at: Date.now() };
}

function rename(value: JsonObject, change: (text: string) => string): JsonObject {
  return JSON.parse(JSON.stringify(value), (_key, item: unknown) =>
    typeof item === 'string' ? change(item) : item,
  ) as JsonObject;
}

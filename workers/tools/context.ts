import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { ImageRef, Run } from '../../shared/contract.ts';
import { paths } from '../../shared/keys.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import { type ToolContext, ToolError } from './tool.ts';

/** What a tool sees of its run, and the images that it made meanwhile. */
export function openToolContext(
  run: Run,
  objects: ObjectStore,
  signal: AbortSignal,
): { readonly tool: ToolContext; kept(): readonly ImageRef[] } {
  const kept: ImageRef[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const tool: ToolContext = {
    signal,
    async image(name) {
      const ref = [...run.images, ...kept].find((image) => image.name === name);
      if (!ref) {
        const names = run.images.map((image) => image.name).join(', ');
        throw new ToolError(
          'unknown_image',
          `There is no ${JSON.stringify(name)}. ${names ? `The images are: ${names}.` : 'This question came without images.'}`,
        );
      }
      return { ref, bytes: (await objects.get(ref.key)).bytes };
    },
    keepImage(bytes) {
      // One after the other: a tool may hand over several pictures at once, and each must get a name of its own.
      const keeping = last.then(async () => {
        const name = `image-${run.images.length + kept.length}`;
        kept.push(await storeImage(run, objects, name, bytes, signal));
        return name;
      });
      last = keeping.catch(() => undefined);
      return keeping;
    },
  };
  return { tool, kept: () => kept };
}

/**
 * Makes an image the run's: stored under it, unless its bytes lie under `key` already, and findable by its hash within
 * the tenant.
 * @param bytes an encoded image that has been checked
 * @param signal is looked at before each put, since what made the picture may not have heard of it: a run that was
 *   cancelled may be deleted by now, and nobody would find what is stored under it afterwards
 * @throws the signal's reason
 */
export async function storeImage(
  run: Run,
  objects: ObjectStore,
  name: string,
  bytes: Buffer,
  signal: AbortSignal,
  known: { readonly key?: string; readonly contentType?: string } = {},
): Promise<ImageRef> {
  const meta = await sharp(bytes).metadata();
  const turned = (meta.orientation ?? 1) >= 5;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const contentType = known.contentType ?? `image/${meta.format}`;
  const key = known.key ?? paths.image(run.tenant, run.id, sha256);
  signal.throwIfAborted();
  if (known.key === undefined) await objects.put(key, bytes, { contentType });
  signal.throwIfAborted();
  const owner = Buffer.from(JSON.stringify({ key, contentType }));
  await objects.put(paths.artifact(run.tenant, sha256, run.id), owner, { contentType: 'application/json' });
  return {
    name,
    sha256,
    contentType,
    width: turned ? meta.height : meta.width,
    height: turned ? meta.width : meta.height,
    bytes: bytes.length,
    key,
  };
}

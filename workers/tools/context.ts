import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { ImageRef, Run, TokenUsage } from '../../shared/contract.ts';
import { paths } from '../../shared/keys.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import type { Originals } from './originals.ts';
import { type Question, type Reply, type ToolContext, ToolError } from './tool.ts';

/** What stands behind a tool's context, for all tools of a process. */
export interface ToolServices {
  readonly objects: ObjectStore;
  readonly originals: Originals;
  /**
   * Asks a model on behalf of a run.
   * @param run whose usage says what is left of its budget
   * @throws ToolError; the errors that `codeOf` knows, of which those that make a step wait come from a model that is away
   */
  ask(run: Run, question: Question, signal: AbortSignal): Promise<Reply & { readonly usage: TokenUsage }>;
}

/** What a tool sees of its run, and the images that it made meanwhile. */
export function openToolContext(
  run: Run,
  services: ToolServices,
  signal: AbortSignal,
): { readonly tool: ToolContext; kept(): readonly ImageRef[]; usage(): TokenUsage | undefined } {
  const kept: ImageRef[] = [];
  let spent: TokenUsage | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const tool: ToolContext = {
    signal,
    async image(name) {
      const ref = [...run.images, ...kept].find((image) => image.name === name);
      if (!ref) {
        const names = run.images.map((image) => image.name).join(', ');
        throw new ToolError(
          'unknown_image',
          `There is no ${JSON.stringify(name)}${names ? `. The images are: ${names}.` : ': no images were sent along.'}`,
        );
      }
      return { ref, bytes: await services.originals.get(run.tenant, ref) };
    },
    keepImage(bytes) {
      // One after the other: a tool may hand over several pictures at once, and each must get a name of its own.
      const keeping = last.then(async () => {
        const name = `image-${run.images.length + kept.length}`;
        kept.push(await storeImage(run, services.objects, name, bytes, signal));
        return name;
      });
      last = keeping.catch(() => undefined);
      return keeping;
    },
    async ask(question, until = signal) {
      const usage = { ...run.usage, outputTokens: run.usage.outputTokens + (spent?.outputTokens ?? 0) };
      const { text, cutOff, usage: more } = await services.ask({ ...run, usage }, question, until);
      spent = sumOf(spent, more);
      return { text, cutOff };
    },
  };
  return { tool, kept: () => kept, usage: () => spent };
}

function sumOf(before: TokenUsage | undefined, more: TokenUsage): TokenUsage {
  return {
    inputTokens: (before?.inputTokens ?? 0) + more.inputTokens,
    outputTokens: (before?.outputTokens ?? 0) + more.outputTokens,
    cachedTokens: (before?.cachedTokens ?? 0) + more.cachedTokens,
  };
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

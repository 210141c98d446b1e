/** Makes the runs of a window. May be repeated: each line's run has one id, and what was refused stays refused. */
import { z } from 'zod';
import type { BatchState, WindowPlan } from '../../../shared/batch/contract.ts';
import { type BatchLine, isFault, readLine, runIdOfLine } from '../../../shared/batch/line.ts';
import type { RunConfig } from '../../../shared/contract.ts';
import { readLines } from '../../../shared/files/jsonl.ts';
import { keys, paths } from '../../../shared/keys.ts';
import { ObjectMissing } from '../../../shared/object-store.ts';
import { storeImages } from '../../../shared/run/submit.ts';
import { assertLease, type BatchParts, forEachOf } from './parts.ts';
import { checkLine, isRefusal } from './requests.ts';

const refusal = z.object({
  status: z.int(),
  error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string() }),
});
const refusedLines = z.record(z.string(), z.object({ customId: z.string(), refusal }));
/** Index in the window -> what it was told. */
export type RefusedLines = z.infer<typeof refusedLines>;

export interface WindowLine extends BatchLine {
  /** In the file, from 1. */
  readonly number: number;
  /** In the window, from 0. */
  readonly index: number;
}

/** The lines of a window, from the input file. */
export async function linesOf(parts: BatchParts, batch: BatchState, plan: WindowPlan): Promise<WindowLine[]> {
  const file = await parts.files.get(batch.tenant, batch.inputFileId);
  if (!file) throw new InputGone(batch.inputFileId);
  const range = { start: plan.offset, end: plan.offset + plan.bytes - 1 };
  const lines: WindowLine[] = [];
  for await (const raw of readLines(await parts.files.stream(file, range), {
    maxLineBytes: parts.env.COTA_BODY_LIMIT_BYTES,
    from: { line: plan.line, offset: plan.offset },
  })) {
    const line = readLine(raw.text ?? '', batch.endpoint);
    // The file was checked from end to end before its first window was opened, and files never change.
    if (isFault(line)) throw new Error(`line ${raw.number} of ${batch.id} is not what it was: ${line.message}`);
    lines.push({ ...line, number: raw.number, index: lines.length });
  }
  return lines;
}

/** Its input file was deleted: the batch cannot go on. */
export class InputGone extends Error {
  override readonly name = 'InputGone';
  constructor(id: string) {
    super(`The input file ${id} was deleted while the batch was running.`);
  }
}

export async function refusedOf(parts: BatchParts, batch: BatchState, window: number): Promise<RefusedLines> {
  return (await jsonAt(parts, paths.batchRefused(batch.tenant, batch.id, window), refusedLines)) ?? {};
}

const twinLines = z.record(z.string(), z.int().positive());
/** @returns index in the window -> number of the equal line before it */
export async function twinsOf(parts: BatchParts, batch: BatchState, window: number, twins: number) {
  if (twins === 0) return {};
  return (await jsonAt(parts, paths.batchTwins(batch.tenant, batch.id, window), twinLines)) ?? {};
}

async function jsonAt<T>(parts: BatchParts, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse((await parts.objects.get(key)).bytes.toString()));
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
}

/** @returns lines that were refused */
export async function openLines(
  parts: BatchParts,
  batch: BatchState,
  window: number,
  plan: WindowPlan,
): Promise<number> {
  const { redis, runs, objects } = parts;
  const lines = await linesOf(parts, batch, plan);
  const twins = await twinsOf(parts, batch, window, plan.twins);
  const earlier = await refusedOf(parts, batch, window);
  const refused: RefusedLines = { ...earlier };
  const made: { line: WindowLine; checked: Exclude<Awaited<ReturnType<typeof checkLine>>, { status: number }> }[] = [];
  const own = lines.filter((line) => twins[line.index] === undefined && earlier[line.index] === undefined);
  await forEachOf(own, async (line) => {
    const checked = await checkLine(parts, batch, line);
    if (!isRefusal(checked)) made.push({ line, checked });
    // A line that was accepted before this window's opener died keeps its run, whatever has changed since.
    else if ((await redis.exists(keys.run(runIdOfLine(batch, line.number)))) === 0)
      refused[line.index] = { customId: line.customId, refusal: checked };
  });
  const count = Object.keys(refused).length;
  if (count > Object.keys(earlier).length) {
    const key = paths.batchRefused(batch.tenant, batch.id, window);
    await objects.put(key, Buffer.from(JSON.stringify(refused)), { contentType: 'application/json' });
  }
  assertLease(parts);
  const entering: { id: string; model: string; priority: RunConfig['priority'] }[] = [];
  // In the order of the file, as they then enter admission.
  made.sort((a, b) => a.line.index - b.line.index);
  await forEachOf(made, async ({ line, checked }, at) => {
    const id = runIdOfLine(batch, line.number);
    const sources = await storeImages(objects, { tenant: batch.tenant, images: checked.images }, id);
    const { customId, index } = line;
    const config: RunConfig = {
      ...checked.config,
      sources,
      // The work of a batch goes after interactive work unless a line asks for more.
      priority: isMap(line.body.cota) && line.body.cota.priority === 'interactive' ? 'interactive' : 'batch',
      batch: { id: batch.id, window, index, customId, endpoint: batch.endpoint },
    };
    await runs.create({ id, tenant: batch.tenant, config });
    entering[at] = { id, model: config.model, priority: config.priority };
  });
  await enter(parts, batch.tenant, entering);
  return count;
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const ENTER_AT_ONCE = 100;

async function enter(
  { admission }: BatchParts,
  tenant: string,
  entering: readonly { readonly id: string; readonly model: string; readonly priority: RunConfig['priority'] }[],
): Promise<void> {
  for (const [model, runs] of Map.groupBy(entering, (run) => run.model)) {
    for (let first = 0; first < runs.length; first += ENTER_AT_ONCE) {
      const some = runs.slice(first, first + ENTER_AT_ONCE).map(({ id, priority }) => ({ id, tenant, priority }));
      await admission.enterMany(model, some);
    }
  }
}

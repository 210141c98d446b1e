/** What is noted in the store of a window's lines, beside their runs. */
import { z } from 'zod';
import { paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import { type BatchState, batchPlan, type WindowPlan } from './contract.ts';

interface Parts {
  readonly objects: Pick<ObjectStore, 'get'>;
}

const refusal = z.object({
  status: z.int(),
  error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string() }),
});
const refusedLine = z.object({
  customId: z.string(),
  refusal,
  /** In the file, from 1; notes of earlier versions lack it. */
  number: z.int().positive().optional(),
});
const refusedLines = z.record(z.string(), refusedLine);
/** Index in the window -> what it was told. */
export type RefusedLines = Readonly<Record<string, z.infer<typeof refusedLine> & { readonly number: number }>>;

/** Lines of a window that never became runs, since their request is wrong. */
export async function refusedOf(
  parts: Parts,
  batch: BatchState,
  window: number,
  plan: Pick<WindowPlan, 'line'>,
): Promise<RefusedLines> {
  const found = (await jsonAt(parts, paths.batchRefused(batch.tenant, batch.id, window), refusedLines)) ?? {};
  const lines = Object.entries(found).map(([index, line]) => [
    index,
    { ...line, number: line.number ?? plan.line + Number(index) },
  ]);
  return Object.fromEntries(lines) as RefusedLines;
}

const twinLines = z.record(z.string(), z.int().positive());
/** Index in the window -> number of the equal line before it. */
export type TwinLines = Readonly<z.infer<typeof twinLines>>;

export async function readTwins(parts: Parts, batch: BatchState, window: number): Promise<TwinLines> {
  return (await jsonAt(parts, paths.batchTwins(batch.tenant, batch.id, window), twinLines)) ?? {};
}

/** The windows of a batch that is validated. */
export async function readPlan({ objects }: Parts, batch: BatchState): Promise<readonly WindowPlan[]> {
  const { bytes } = await objects.get(paths.batchPlan(batch.tenant, batch.id));
  return batchPlan.parse(JSON.parse(bytes.toString())).windows;
}

async function jsonAt<T>({ objects }: Parts, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse((await objects.get(key)).bytes.toString()));
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
}

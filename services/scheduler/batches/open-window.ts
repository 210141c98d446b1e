/** Makes the runs of a window. May be repeated: each line's run has one id, and what was refused stays refused. */
import type { Readable } from 'node:stream';
import { LRUCache } from 'lru-cache';
import type { BatchState, WindowPlan } from '../../../shared/batch/contract.ts';
import { type BatchLine, isFault, readLine, runIdOfLine } from '../../../shared/batch/line.ts';
import { type RefusedLines, readTwins, refusedOf, type TwinLines } from '../../../shared/batch/window-notes.ts';
import type { RunConfig } from '../../../shared/contract.ts';
import { CotaError } from '../../../shared/errors.ts';
import { readLines } from '../../../shared/files/jsonl.ts';
import { paths } from '../../../shared/keys.ts';
import { type ByteRange, ObjectMissing } from '../../../shared/object-store.ts';
import { findRun, wasDeleted } from '../../../shared/run/find-run.ts';
import { storeImages } from '../../../shared/run/submit.ts';
import { assertLease, type BatchParts, forEachOf } from './parts.ts';
import { type CheckedLine, checkLine, isRefusal, type Refusal, refusalOf } from './requests.ts';

export interface WindowLine extends BatchLine {
  /** In the file, from 1. */
  readonly number: number;
  /** In the window, from 0. */
  readonly index: number;
}

/**
 * The input of a batch.
 * @throws InputGone where the file or its content is not there any more
 */
export async function inputOf(parts: BatchParts, batch: BatchState, range?: ByteRange): Promise<Readable> {
  const file = await parts.files.get(batch.tenant, batch.inputFileId);
  if (!file) throw new InputGone(batch.inputFileId);
  try {
    return await parts.files.stream(file, range);
  } catch (error) {
    if (error instanceof ObjectMissing) throw new InputGone(batch.inputFileId);
    throw error;
  }
}

/** The lines of a window, from the input file. */
export async function linesOf(parts: BatchParts, batch: BatchState, plan: WindowPlan): Promise<WindowLine[]> {
  const range = { start: plan.offset, end: plan.offset + plan.bytes - 1 };
  const lines: WindowLine[] = [];
  for await (const raw of readLines(await inputOf(parts, batch, range), {
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

/** @returns index in the window -> number of the equal line before it */
export async function twinsOf(parts: BatchParts, batch: BatchState, window: number, twins: number): Promise<TwinLines> {
  if (twins === 0) return {};
  const key = `${batch.id} ${window}`;
  const found = knownTwins.get(key) ?? (await readTwins(parts, batch, window));
  knownTwins.set(key, found);
  return found;
}
/** They are asked for at every look at a window that waits for another. */
const knownTwins = new LRUCache<string, TwinLines>({ max: 64 });

/** How long a line may wait for a tool that no worker has announced, before it is refused. */
const LONGEST_WAIT_MS = 600_000;

/** Some lines cannot be judged now; the others have their runs. */
export class LinesWait extends Error {
  override readonly name = 'LinesWait';
}

interface MadeRun {
  readonly line: WindowLine;
  readonly config: RunConfig;
}

/**
 * @param again true when this may have been begun before: what a line has come to already is left as it is
 * @param since when the window was first tried, epoch milliseconds
 * @returns lines that were refused
 * @throws LinesWait
 */
export async function openLines(
  parts: BatchParts,
  batch: BatchState,
  window: number,
  plan: WindowPlan,
  { again, since }: { readonly again: boolean; readonly since: number },
): Promise<number> {
  const lines = await linesOf(parts, batch, plan);
  const twins = await twinsOf(parts, batch, window, plan.twins);
  const earlier = await refusedOf(parts, batch, window, plan);
  const refused: Record<string, RefusedLines[string]> = { ...earlier };
  const made: MadeRun[] = [];
  let waiting: Error | undefined;
  const own = lines.filter((line) => twins[line.index] === undefined && earlier[line.index] === undefined);
  await forEachOf(own, async (line) => {
    assertLease(parts);
    if (again && (await isBegun(parts, batch, line))) return;
    try {
      const checked = await checkLine(parts, batch, line);
      if (isRefusal(checked)) refused[line.index] = noted(line, checked);
      else made.push(await prepared(parts, batch, window, line, checked));
    } catch (error) {
      if (!(error instanceof CotaError) || error.code !== 'tool_away') throw error;
      if (Date.now() - since < LONGEST_WAIT_MS) waiting = error;
      else refused[line.index] = noted(line, refusalOf(error));
    }
  });
  const count = Object.keys(refused).length;
  if (count > Object.keys(earlier).length) {
    const key = paths.batchRefused(batch.tenant, batch.id, window);
    await parts.objects.put(key, Buffer.from(JSON.stringify(refused)), { contentType: 'application/json' });
  }
  // In the order of the file, as they then enter admission.
  made.sort((a, b) => a.line.index - b.line.index);
  await forEachOf(made, async ({ line, config }) => {
    assertLease(parts);
    await parts.runs.create({ id: runIdOfLine(batch, line.number), tenant: batch.tenant, config });
  });
  await enter(
    parts,
    batch.tenant,
    made.map(({ line, config }) => ({ id: runIdOfLine(batch, line.number), ...config })),
  );
  if (waiting) throw new LinesWait(waiting.message);
  return count;
}

const noted = ({ customId, number }: WindowLine, refusal: Refusal): RefusedLines[string] => ({
  customId,
  number,
  refusal,
});

/** Has the line's run begun, ended, or been deleted? A run that was made but never admitted is admitted again. */
async function isBegun(parts: BatchParts, batch: BatchState, { number }: WindowLine): Promise<boolean> {
  const id = runIdOfLine(batch, number);
  const run = await findRun(parts, batch.tenant, id);
  if (!run) return wasDeleted(parts.redis, id);
  if (run.status === 'pending') await parts.admission.enter({ id, tenant: batch.tenant, config: run.config });
  return true;
}

/** Its images go into the store at once, so that those of a whole window are never held. */
async function prepared(
  parts: BatchParts,
  batch: BatchState,
  window: number,
  line: WindowLine,
  checked: CheckedLine,
): Promise<MadeRun> {
  const id = runIdOfLine(batch, line.number);
  const sources = await storeImages(parts.objects, { tenant: batch.tenant, images: checked.images }, id);
  const { customId, index } = line;
  const config: RunConfig = {
    ...checked.config,
    sources,
    // The work of a batch goes after interactive work unless a line asks for more.
    priority: isMap(line.body.cota) && line.body.cota.priority === 'interactive' ? 'interactive' : 'batch',
    batch: { id: batch.id, window, index, customId, endpoint: batch.endpoint },
  };
  return { line, config };
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const ENTER_AT_ONCE = 100;

async function enter(
  { admission }: BatchParts,
  tenant: string,
  entering: readonly (Pick<RunConfig, 'model' | 'priority'> & { readonly id: string })[],
): Promise<void> {
  for (const [model, runs] of Map.groupBy(entering, (run) => run.model)) {
    for (let first = 0; first < runs.length; first += ENTER_AT_ONCE) {
      const some = runs.slice(first, first + ENTER_AT_ONCE).map(({ id, priority }) => ({ id, tenant, priority }));
      await admission.enterMany(model, some);
    }
  }
}

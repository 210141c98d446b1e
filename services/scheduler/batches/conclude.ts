/** The end of a batch: lines that were never begun go into its error file, its parts become files, its event goes out. */
import type { BatchEvent } from '../../../shared/batch/batch-machine.ts';
import type { BatchState, WindowPlan } from '../../../shared/batch/contract.ts';
import { runIdOfLine } from '../../../shared/batch/line.ts';
import { resultFileId } from '../../../shared/batch/result-file.ts';
import { unanswered } from '../../../shared/batch/result-line.ts';
import { paths } from '../../../shared/keys.ts';
import { emit } from '../../../shared/webhooks/emit.ts';
import { linesOf } from './open-window.ts';
import { assertLease, type BatchParts, now } from './parts.ts';
import { putResults } from './write-window.ts';

/** May be repeated: files have fixed ids. */
export async function conclude(
  parts: BatchParts,
  batch: BatchState,
  plan: readonly WindowPlan[],
): Promise<Extract<BatchEvent, { type: 'concluded' }>> {
  let unopened = 0;
  for (let number = batch.next; number < plan.length; number++) {
    const own = plan[number];
    if (!own) break;
    assertLease(parts);
    const reason = batch.ending === 'expired' ? 'batch_expired' : 'batch_cancelled';
    const lines = await linesOf(parts, batch, own);
    await putResults(
      parts,
      batch,
      number,
      lines.map((line) => unanswered(runIdOfLine(batch, line.number), line.customId, reason)),
    );
    unopened += lines.length;
  }
  const outputFileId = await fileOf(parts, batch, 'output');
  const errorFileId = await fileOf(parts, batch, 'errors');
  return { type: 'concluded', now: now(), unopened, outputFileId, errorFileId };
}

/** What there is of a batch that cannot go on. */
export async function giveUp(parts: BatchParts, batch: BatchState, message: string): Promise<BatchEvent> {
  const errors = [{ code: 'file_not_found', message, param: 'input_file_id', line: null }];
  const outputFileId = await fileOf(parts, batch, 'output');
  const errorFileId = await fileOf(parts, batch, 'errors');
  return { type: 'lost', now: now(), errors, outputFileId, errorFileId };
}

/** One file out of the parts of all windows. @returns null where there are none */
async function fileOf(
  { objects, files }: BatchParts,
  batch: BatchState,
  kind: 'output' | 'errors',
): Promise<string | null> {
  const found: { key: string; bytes: number }[] = [];
  for await (const { key, size } of objects.list(`${paths.batch(batch.tenant, batch.id)}${kind}/`)) {
    found.push({ key, bytes: size });
  }
  if (found.length === 0) return null;
  found.sort((a, b) => (a.key < b.key ? -1 : 1));
  const file = await files.createFromParts(
    batch.tenant,
    {
      id: resultFileId(batch.id, kind),
      filename: `${batch.id}_${kind === 'output' ? 'output' : 'error'}.jsonl`,
      purpose: 'batch_output',
      contentType: 'application/jsonl',
      // From when the file is made, as OpenAI counts.
      expiresAt: batch.outputLifeS === null ? null : (batch.times.finalizing ?? now()) + batch.outputLifeS,
    },
    found,
  );
  return file.id;
}

/** Tells the tenant that the batch is over. */
export async function announce(parts: BatchParts, batch: BatchState): Promise<void> {
  const { status, id, tenant } = batch;
  if (status !== 'completed' && status !== 'failed' && status !== 'expired' && status !== 'cancelled') return;
  const at = batch.times[status] ?? now();
  await emit(parts, tenant, { id: `evt_${id}_${status}`, type: `batch.${status}`, createdAt: at * 1000, data: { id } });
}

/** Chains of a job's sources: those of a data job, or of an uploaded file, each line checked. */
import type { Readable } from 'node:stream';
import type { Chain } from '../../shared/data/chain.ts';
import type { DataJob } from '../../shared/data/job.ts';
import { CotaError } from '../../shared/errors.ts';
import { readLines } from '../../shared/files/jsonl.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import type { TrainJob, TrainSource } from '../../shared/train/job.ts';
import { readChains } from '../data/factory/chain-files.ts';
import { finalChains } from '../data/factory/dataset.ts';
import { openJobFolder } from '../data/hands/job-view.ts';
import { checkedChain } from '../data/import/chains.ts';
import { openInput } from '../data/import/input.ts';

export interface SourceParts {
  readonly objects: ObjectStore;
  findData(tenant: string, id: string): Promise<DataJob | undefined>;
}

/** Of a line of a file. */
const MOST_LINE_BYTES = 16 * 1024 * 1024;

/** The bytes of an uploaded file, unpacked. @throws CotaError where they are gone */
export async function openSource({ objects }: SourceParts, { id, parts }: TrainSource): Promise<Readable> {
  const [only] = parts;
  if (only && parts.length === 1) return openInput(objects, { key: only.key, name: id });
  throw new CotaError(
    'invalid_value',
    `The file ${id} is made of several pieces, as results of batches are: upload it as one.`,
  );
}

/** Does the file hold conversations in OpenAI's layout, and no chains? */
export async function holdsMessages(parts: SourceParts, source: TrainSource): Promise<boolean> {
  if (source.kind !== 'file') return false;
  const body = await openSource(parts, source);
  try {
    for await (const { text } of readLines(body, { maxLineBytes: MOST_LINE_BYTES })) {
      try {
        const value: unknown = JSON.parse(text ?? '');
        return typeof value === 'object' && value !== null && 'messages' in value && !('turns' in value);
      } catch {
        return false;
      }
    }
    return false;
  } finally {
    body.destroy();
  }
}

/**
 * All chains of a job, those for training first; of its validation file, all count as validation. May be read again.
 * @throws CotaError that names the file and the line
 */
export async function* chainsOf(parts: SourceParts, job: TrainJob): AsyncGenerator<Chain> {
  const { most } = job.recipe.data;
  let taken = 0;
  for await (const chain of sourceChains(parts, job, job.training)) {
    // Their own validation chains make room for those of the validation file.
    if (job.validation && chain.split === 'validation') continue;
    if (chain.split === 'train' && most !== undefined && taken++ >= most) continue;
    yield chain;
  }
  if (!job.validation) return;
  for await (const chain of sourceChains(parts, job, job.validation)) yield { ...chain, split: 'validation' };
}

async function* sourceChains(parts: SourceParts, { tenant }: TrainJob, source: TrainSource): AsyncGenerator<Chain> {
  if (source.kind === 'file') yield* fileChains(parts, tenant, source);
  else {
    const job = await parts.findData(tenant, source.id);
    if (!job) throw new CotaError('not_found', `The data job ${source.id} was deleted.`);
    const { view } = openJobFolder(parts.objects, parts.findData);
    for (const file of await finalChains(view(job))) yield* readChains(parts.objects, file);
  }
}

async function* fileChains(parts: SourceParts, tenant: string, source: TrainSource): AsyncGenerator<Chain> {
  const body = await openSource(parts, source);
  let count = 0;
  for await (const { number, text, problem } of readLines(body, { maxLineBytes: MOST_LINE_BYTES })) {
    const fault = (why: string): CotaError =>
      new CotaError('invalid_value', `Line ${number} of ${source.id} is no chain: ${why}. docs/data.md describes one.`);
    if (text === undefined) throw fault(problem === 'too_long' ? 'it is too long' : 'it is not UTF-8');
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw fault('it is not JSON');
    }
    const chain = checkedChain(value, tenant);
    if (typeof chain === 'string') throw fault(chain);
    count++;
    yield chain;
  }
  if (count === 0)
    throw new CotaError('invalid_value', `The file ${source.id} has no lines: it should hold a chain on each.`);
}

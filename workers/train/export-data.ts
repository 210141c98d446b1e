/** Lays a job's chains out for a command trainer: the files of one export layout, and their pictures beside them. */
import { createWriteStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Chain, type Split, split } from '../../shared/data/chain.ts';
import { exportOptions } from '../../shared/data/recipe/export.ts';
import { CotaError } from '../../shared/errors.ts';
import type { TrainJob } from '../../shared/train/job.ts';
import { ahead } from '../data/export/ahead.ts';
import type { ExportFacts } from '../data/export/card-facts.ts';
import { imagesOf, isDrawn, type ShownImage, shownOf } from '../data/export/conversation.ts';
import type { Format, RowContext } from '../data/export/format.ts';
import type { ParquetRow } from '../data/export/formats/parquet.ts';
import { FORMATS } from '../data/export/formats.ts';
import { loaderFiles } from '../data/export/loader-files.ts';
import { parquetBytes } from '../data/export/parquet-file.ts';
import { pictureBytes, picturePath } from '../data/export/pictures.ts';
import { loadFunctionSpecs } from '../data/export/tool-specs.ts';
import { jsonBlocks } from '../data/export/write-file.ts';
import { chainsOf, holdsMessages, openSource, type SourceParts } from './chains.ts';
import { checkedMessages } from './message-rows.ts';

/** Number of the one file that each split has. */
const NUMBER = '00000';
/** Rows whose pictures are fetched at the same time. */
const WIDTH = 8;
/** Layouts whose trainers read OpenAI's `messages`. */
const READ_MESSAGES = new Set(['openai', 'trl', 'ms-swift']);

/**
 * @param root below which the folder of the layout is made
 * @returns that folder, and rows by split
 * @throws CotaError for what the user has to mend
 */
export async function exportData(
  parts: SourceParts,
  job: TrainJob,
  root: string,
  options: { readonly signal: AbortSignal; readonly progress: (rows: number) => void },
): Promise<{ readonly folder: string; readonly rows: Readonly<Partial<Record<Split, number>>> }> {
  const name = job.recipe.data.export;
  if (name === undefined) throw new CotaError('invalid_value', 'The recipe names no layout (data.export).');
  const format = FORMATS[name];
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  if (await holdsMessages(parts, job.training)) return { folder, rows: await copyMessages(parts, job, format, folder) };
  const rows = await countRows(parts, job);
  if ((rows.train ?? 0) === 0) {
    throw new CotaError(
      'invalid_value',
      `${job.training.id} has no chain of the split "train": nothing can be learnt.`,
    );
  }
  const { calls: asked, undrawn } = exportOptions.parse(job.recipe.data.export_options ?? {});
  const calls = format.native ? asked : 'text';
  const functions = calls === 'native' ? await loadFunctionSpecs() : () => [];
  const owner = { tenant: job.tenant, id: job.training.kind === 'data' ? job.training.id : job.id };
  let done = 0;
  const files: string[] = [];
  for (const one of split.options.filter((wanted) => (rows[wanted] ?? 0) > 0)) {
    async function* ofSplit(): AsyncGenerator<Chain> {
      for await (const chain of chainsOf(parts, job)) {
        options.signal.throwIfAborted();
        if (chain.split !== one) continue;
        if (undrawn === 'fail' && !isDrawn(chain)) throw neverDrawn(chain);
        options.progress(done++);
        yield chain;
      }
    }
    const made = ahead(ofSplit(), WIDTH, async (chain) => {
      const bytes = (image: ShownImage) => pictureBytes(parts.objects, owner, image, chain.id);
      if (format.beside) for (const image of shownImages(chain)) await keep(folder, image, bytes);
      const context: RowContext = { shown: shownOf(chain), calls, functions, bytes };
      return format.row(chain, context);
    });
    const path = format.path(one, NUMBER);
    files.push(path);
    const blocks =
      format.ending === 'parquet'
        ? parquetBytes(made as AsyncIterable<ParquetRow>)
        : jsonBlocks(made, format.ending === 'json' ? 'list' : 'lines');
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await pipeline(Readable.from(blocks), createWriteStream(join(folder, path)));
  }
  await writeLoaderFiles(job, format, folder, files, rows);
  return { folder, rows };
}

async function countRows(parts: SourceParts, job: TrainJob): Promise<Partial<Record<Split, number>>> {
  const rows: Partial<Record<Split, number>> = {};
  for await (const chain of chainsOf(parts, job)) rows[chain.split] = (rows[chain.split] ?? 0) + 1;
  return rows;
}

const shownImages = (chain: Chain): ShownImage[] =>
  imagesOf(chain)
    .slice(0, shownOf(chain))
    .map(({ key = '', sha256 = '', contentType = 'image/png', name, width, height }) => ({
      ...{ name, width, height, key, sha256, contentType },
    }));

async function keep(folder: string, image: ShownImage, bytes: (image: ShownImage) => Promise<Buffer>): Promise<void> {
  const path = join(folder, picturePath(image));
  if (await stat(path).catch(() => undefined)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await bytes(image));
}

const neverDrawn = ({ id, source }: Chain): CotaError =>
  new CotaError(
    'invalid_value',
    `Chain ${id} shows a picture that was never drawn, so a model could not look at it. Set program.draw: true for the source "${source}" of its data recipe, or data.export_options.undrawn: text in the training recipe.`,
  );

/** `dataset_info.json` and the like, under the name of the training recipe. */
async function writeLoaderFiles(
  { recipe }: TrainJob,
  { name: format, native }: Format,
  folder: string,
  files: readonly string[],
  rows: Readonly<Partial<Record<Split, number>>>,
): Promise<void> {
  const facts: ExportFacts = {
    recipe: { name: recipe.name, seed: recipe.seed, sources: [], export: [format], report: false, shard: 1 },
    ...{ format, calls: native ? 'native' : 'text', rows: 0, licences: [], sources: [], undrawn: 0, archives: [] },
    splits: split.options.flatMap((one): [Split, number][] => (rows[one] === undefined ? [] : [[one, rows[one]]])),
    files: files.map((path) => ({ name: `${format}/${path}`, key: '', rows: 0, bytes: 0, sha256: '' })),
  };
  for (const [name, text] of Object.entries(loaderFiles(facts))) await writeFile(join(folder, name), text);
}

/** A file in OpenAI's layout is given to its trainer as it is, once each line is checked. */
async function copyMessages(
  parts: SourceParts,
  { recipe, training, validation }: TrainJob,
  format: Format,
  folder: string,
): Promise<Partial<Record<Split, number>>> {
  if (!READ_MESSAGES.has(format.name)) {
    const words = `${training.id} holds conversations in OpenAI's layout; the recipe "${recipe.name}" reads ${format.name}, which is made of chains. Train on a data job or on a file of chains.`;
    throw new CotaError('invalid_value', words, { param: 'training_file' });
  }
  const rows: Partial<Record<Split, number>> = {};
  for (const [one, source] of [
    ['train', training],
    ['validation', validation],
  ] as const) {
    if (!source) continue;
    let lines = 0;
    const body = await openSource(parts, source);
    async function* counted(): AsyncGenerator<string> {
      for await (const row of checkedMessages(body, source?.id ?? '')) {
        lines++;
        yield row;
      }
    }
    const path = join(folder, format.path(one, NUMBER));
    await mkdir(dirname(path), { recursive: true });
    await pipeline(Readable.from(counted()), createWriteStream(path)).finally(() => body.destroy());
    rows[one] = lines;
  }
  return rows;
}

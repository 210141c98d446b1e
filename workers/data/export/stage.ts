/**
 * Stage `export`: each file of chains in each format that the recipe asks for, split by split, read back and compared;
 * and once for all formats the archives of its pictures. What belongs to a whole export is `export.cards`.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Chain, type Split, split } from '../../../shared/data/chain.ts';
import type { DataFile } from '../../../shared/data/job.ts';
import { type ExportOptions, exportFormat, exportOptions } from '../../../shared/data/recipe/export.ts';
import type { Recipe } from '../../../shared/data/recipe.ts';
import { CotaError } from '../../../shared/errors.ts';
import { readChains } from '../factory/chain-files.ts';
import { finalChains } from '../factory/dataset.ts';
import { type Made, type ShardView, stage } from '../factory/stage.ts';
import { ahead } from './ahead.ts';
import { checkFile } from './check-file.ts';
import { imagesOf, isDrawn, type ShownImage, shownOf } from './conversation.ts';
import type { Format, RowContext } from './format.ts';
import type { ParquetRow } from './formats/parquet.ts';
import { FORMATS } from './formats.ts';
import type { ExportNotes } from './notes.ts';
import { parquetBytes } from './parquet-file.ts';
import { pictureBytes, picturePath, tar } from './pictures.ts';
import { readTar } from './read-file.ts';
import { loadFunctionSpecs } from './tool-specs.ts';
import { jsonBlocks, writeFile } from './write-file.ts';

const spec = z.object({
  /** A format, or the pictures that lie beside those formats which have none inside. */
  what: z.union([exportFormat, z.literal('images')]),
  file: z.object({ name: z.string(), key: z.string() }),
  /** `00003`: files of different shards differ by it. */
  number: z.string(),
});
type Spec = z.infer<typeof spec>;

/** Rows whose pictures are fetched at the same time. */
const WIDTH = 8;

export const optionsOf = (recipe: Recipe): ExportOptions => exportOptions.parse(recipe.export_options ?? {});

/** How a format says actions under these options. */
export const callsOf = (format: Format, options: ExportOptions): 'native' | 'text' =>
  format.native ? options.calls : 'text';

export const exportStage = stage<Spec>({
  name: 'export',
  spec,
  async plan(job) {
    const formats = [...new Set(job.recipe.export)];
    if (formats.length === 0) return [];
    const files = await finalChains(job);
    const beside = formats.some((name) => FORMATS[name].beside);
    return files.flatMap(({ name, key }, i) =>
      [...formats, ...(beside ? ['images' as const] : [])].map((what) => ({
        what,
        file: { name, key },
        number: String(i).padStart(5, '0'),
      })),
    );
  },
  make: (it, shard) => (it.what === 'images' ? makeImages(it, shard) : makeRows(it, FORMATS[it.what], shard)),
});

async function makeRows({ file, number }: Spec, format: Format, shard: ShardView): Promise<Made> {
  const { objects, signal } = shard;
  const options = optionsOf(shard.recipe);
  const calls = callsOf(format, options);
  const notes = await survey(shard, file, format.name, options);
  const functions = calls === 'native' ? await loadFunctionSpecs() : () => [];
  const total = 2 * Object.values(notes.splits).reduce((sum, rows) => sum + rows, 0);
  let done = 0;
  const files: DataFile[] = [];
  for (const name of split.options.filter((one) => (notes.splits[one] ?? 0) > 0)) {
    async function* chains(): AsyncGenerator<Chain> {
      for await (const chain of readChains(objects, file)) {
        signal.throwIfAborted();
        if (chain.split !== name) continue;
        shard.progress(done++, total);
        yield chain;
      }
    }
    const rows = ahead(chains(), format.beside ? 1 : WIDTH, (chain) => {
      const bytes = (image: ShownImage) => pictureBytes(objects, shard, image, chain.id);
      const context: RowContext = { shown: shownOf(chain), calls, functions, bytes };
      return format.row(chain, context);
    });
    const path = `${format.name}/${format.path(name, number)}`;
    const target = { name: path, key: shard.key(path), contentType: format.contentType };
    const pieces =
      format.ending === 'parquet'
        ? parquetBytes(rows as AsyncIterable<ParquetRow>)
        : jsonBlocks(rows, format.ending === 'json' ? 'list' : 'lines');
    files.push(await writeFile(objects, target, pieces, () => notes.splits[name] ?? 0));
    await checkFile(objects, target, format, chains(), calls);
  }
  const rows = total / 2;
  return { files, counts: { rows, undrawn: notes.undrawn }, notes: { ...notes } };
}

/** What a file of chains holds. @throws CotaError for a picture that is needed and was never drawn */
async function survey(
  { objects, signal }: ShardView,
  file: Pick<DataFile, 'key'>,
  format: Format['name'],
  { undrawn }: ExportOptions,
): Promise<ExportNotes> {
  const splits: Partial<Record<Split, number>> = {};
  const [licences, sources]: Record<string, number>[] = [{}, {}];
  const notes = { format, splits, licences: licences ?? {}, sources: sources ?? {}, undrawn: 0 };
  const add = (counts: Record<string, number>, name: string): void => {
    counts[name] = (Object.hasOwn(counts, name) ? (counts[name] ?? 0) : 0) + 1;
  };
  for await (const chain of readChains(objects, file)) {
    signal.throwIfAborted();
    add(splits, chain.split);
    add(notes.licences, chain.licence);
    add(notes.sources, chain.source);
    if (isDrawn(chain)) continue;
    notes.undrawn++;
    if (undrawn === 'text') continue;
    const missing = imagesOf(chain)[shownOf(chain)];
    const byTool = missing !== undefined && !chain.images.some(({ name }) => name === missing.name);
    throw new CotaError(
      'invalid_request',
      `Chain ${chain.id} cannot be exported: ${missing?.name ?? 'an image'}${byTool ? ', a picture that a tool would have made,' : ''} was never drawn, so a model could not look at it. Set program.draw: true for the source "${chain.source}", or export_options.undrawn: text to have what was never drawn named with its size.`,
      { param: 'export_options' },
    );
  }
  return notes;
}

async function makeImages({ file, number }: Spec, shard: ShardView): Promise<Made> {
  const { objects, signal } = shard;
  const name = `images-${number}.tar`;
  const target = { name, key: shard.key(name), contentType: 'application/x-tar' };
  const wanted = new Map<string, { image: ShownImage; chain: string }>();
  for await (const chain of readChains(objects, file)) {
    signal.throwIfAborted();
    for (const { key = '', sha256 = '', contentType = 'image/png', name: of, width, height } of imagesOf(chain).slice(
      0,
      shownOf(chain),
    )) {
      const image = { name: of, width, height, key, sha256, contentType };
      if (!wanted.has(picturePath(image))) wanted.set(picturePath(image), { image, chain: chain.id });
    }
  }
  if (wanted.size === 0) return { files: [], counts: { images: 0 } };
  async function* entries(): AsyncGenerator<[string, { image: ShownImage; chain: string }]> {
    yield* wanted;
  }
  let done = 0;
  const pictures = ahead(entries(), WIDTH, async ([path, { image, chain }]) => {
    signal.throwIfAborted();
    shard.progress(done++, 2 * wanted.size);
    return { name: path, bytes: await pictureBytes(objects, shard, image, chain) };
  });
  const written = await writeFile(objects, target, tar(pictures), () => wanted.size);
  const missing = new Map(wanted);
  for await (const { name: path, bytes } of readTar(objects, target.key)) {
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (wanted.get(path)?.image.sha256 !== hash) {
      throw new CotaError(
        'invalid_request',
        `The archive ${name} holds other bytes under ${path} than the chains have.`,
      );
    }
    missing.delete(path);
    shard.progress(done++, 2 * wanted.size);
  }
  if (missing.size > 0) {
    throw new CotaError('invalid_request', `The archive ${name} lacks ${missing.size} of its ${wanted.size} pictures.`);
  }
  return { files: [written], counts: { images: wanted.size } };
}

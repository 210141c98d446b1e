/** Pictures that questions name instead of holding: members of an archive, and rows of the same file. */
import type { ModelSource } from '../../../shared/data/recipe/model.ts';
import type { ShardView } from '../factory/stage.ts';
import { archiveMembers } from './archive/archive.ts';
import { safeName } from './archive/member.ts';
import { fromBase64, type Pictures, type QuestionImage } from './pictures.ts';
import type { RawImage, RawRow } from './raw.ts';

/** Pictures that do not stand in the row itself, by name; undefined where they are missing, a text where they are bad. */
export interface Elsewhere {
  readonly paths: ReadonlyMap<string, QuestionImage | string>;
  readonly rows: ReadonlyMap<string, readonly (QuestionImage | string)[]>;
}

/** Names of pictures that these questions want from elsewhere. */
export async function elsewhere(
  rows: AsyncGenerator<RawRow>,
  asked: ReadonlySet<string> | undefined,
): Promise<{ readonly paths: ReadonlySet<string>; readonly rows: ReadonlySet<string> }> {
  const paths = new Set<string>();
  const indexes = new Set<string>();
  for await (const { questions } of rows) {
    for (const { id, images } of questions) {
      if (asked && !asked.has(id)) continue;
      for (const image of images) {
        if ('row' in image) indexes.add(image.row);
        const path = 'path' in image ? safeName(image.path) : undefined;
        if (path !== undefined) paths.add(path);
      }
    }
  }
  return { paths, rows: indexes };
}

/** Pictures of the archive that the recipe names, each checked and kept. */
export async function fromArchive(
  wanted: ReadonlySet<string>,
  model: ModelSource,
  shard: ShardView,
  pictures: Pictures,
): Promise<Elsewhere['paths']> {
  const found = new Map<string, { readonly path: string; readonly image: QuestionImage | string }>();
  if (wanted.size === 0) return new Map();
  if (model.images === undefined) {
    const words = 'it names a picture by its path, and the recipe names no archive: give it as "images"';
    return new Map([...wanted].map((name) => [name, words]));
  }
  const file = { key: shard.input(model.images), name: model.images };
  for await (const { name, path, bytes, problem } of archiveMembers(shard.objects, file, wanted)) {
    shard.signal.throwIfAborted();
    const earlier = found.get(name);
    // A member of exactly this name goes before those that only end so.
    if (earlier && (earlier.path === name || path !== name)) {
      if (earlier.path !== name && earlier.path !== path)
        found.set(name, { path: earlier.path, image: `several members of ${model.images} end in "${name}"` });
      continue;
    }
    found.set(name, { path, image: bytes === undefined ? (problem ?? 'damaged') : await pictures.keep(bytes) });
  }
  return new Map([...found].map(([name, { image }]) => [name, image]));
}

/** Rows that have the pictures of other rows. */
export async function fromRows(
  wanted: ReadonlySet<string>,
  rows: (only: (row: number) => boolean) => AsyncGenerator<RawRow>,
  pictures: Pictures,
): Promise<Elsewhere['rows']> {
  const found = new Map<string, readonly (QuestionImage | string)[]>();
  if (wanted.size === 0) return found;
  const none: Elsewhere = { paths: new Map(), rows: new Map() };
  for await (const { questions } of rows(() => true)) {
    for (const { index, images } of questions) {
      if (index === undefined || !wanted.has(index) || images.some((image) => 'row' in image)) continue;
      const kept: (QuestionImage | string)[] = [];
      for (const image of images) kept.push(...(await imageOf(image, pictures, none)));
      found.set(index, kept);
    }
  }
  return found;
}

/** A picture that a question names, or what is wrong with it; several where it names a row that has several. */
export async function imageOf(
  image: RawImage,
  pictures: Pictures,
  found: Elsewhere,
): Promise<readonly (QuestionImage | string)[]> {
  if ('url' in image) return [{ url: image.url }];
  if ('bytes' in image) return [await pictures.keep(Buffer.from(image.bytes))];
  if ('base64' in image) {
    const bytes = fromBase64(image.base64);
    return [bytes ? await pictures.keep(bytes) : 'its base64 is broken'];
  }
  if ('row' in image) return found.rows.get(image.row) ?? [`there is no row "${image.row}" with a picture`];
  const path = safeName(image.path);
  if (path === undefined) return [`"${image.path.slice(0, 80)}" leads out of the archive`];
  return [found.paths.get(path) ?? `the archive of pictures has no "${path.slice(0, 120)}"`];
}

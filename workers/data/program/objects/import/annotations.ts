/** Annotation files of a recipe as a world. */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ProgramSource } from '../../../../../shared/data/recipe/program.ts';
import { CotaError } from '../../../../../shared/errors.ts';
import type { JobView } from '../../../factory/stage.ts';
import type { World } from '../../world.ts';
import { type AnnotatedPicture, annotationWorld } from '../annotation-world.ts';
import { cocoPictures } from './coco.ts';
import { note, type Open, type Tally } from './shapes.ts';
import { visualGenomePictures } from './visual-genome.ts';

export interface ImportedWorld {
  readonly world: World;
  /** `pictures`, and records that were left out by reason. */
  readonly counts: Readonly<Tally>;
}

type Annotations = NonNullable<ProgramSource['annotations']>;

/** Of the last files that were read: shards of one job follow each other in a process. */
let kept: { readonly of: string; readonly world: Promise<ImportedWorld> } | undefined;

/** Reads annotations from any place. @throws CotaError for files that cannot be made anything of */
export async function importWorld(
  layout: Annotations['layout'],
  files: readonly string[],
  open: Open,
): Promise<ImportedWorld> {
  const counts: Tally = {};
  if (layout === 'coco' && !files.includes('instances'))
    throw new CotaError(
      'invalid_request',
      'Annotations of layout coco need the file instances (instances_train2017.json, say).',
      { param: 'annotations' },
    );
  const pictures: AnnotatedPicture[] = [];
  const from = layout === 'coco' ? cocoPictures(open, counts) : visualGenomePictures(open, files, counts);
  for await (const picture of from) pictures.push(picture);
  if (pictures.length === 0) {
    const why = Object.entries(counts).map(([reason, n]) => `${n} ${reason}`);
    throw new CotaError(
      'invalid_request',
      `No picture with objects is in these annotations (${why.join('; ') || 'no record at all'}).`,
      { param: 'annotations' },
    );
  }
  if (pictures.length < 2) note(counts, 'too few pictures for questions about several');
  return { world: annotationWorld(layout, pictures), counts };
}

/** The same from the inputs of a job, plain or gzip. */
export function annotatedWorld(
  { layout, files }: Annotations,
  job: Pick<JobView, 'input' | 'objects'>,
): Promise<ImportedWorld> {
  const keys = Object.entries(files).map(([name, input]) => [name, job.input(input)] as const);
  const of = JSON.stringify([layout, keys]);
  if (kept?.of === of) return kept.world;
  const open: Open = async (name) => {
    const key = keys.find(([one]) => one === name)![1];
    const { body } = await job.objects.stream(key);
    return unpacked(body);
  };
  const world = importWorld(
    layout,
    keys.map(([name]) => name),
    open,
  );
  kept = { of, world };
  // A failure is not kept: the file may be there the next time.
  world.catch(() => {
    if (kept?.world === world) kept = undefined;
  });
  return world;
}

/** A gzip file says so in its first two bytes. */
async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return;
  const all = (async function* () {
    yield first.value;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  })();
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* all;
    return;
  }
  const plain = createGunzip();
  Readable.from(all)
    .on('error', (error) => plain.destroy(error))
    .pipe(plain);
  try {
    yield* plain as AsyncIterable<Uint8Array>;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CotaError('invalid_request', `An annotation file is no whole gzip file: ${why}.`, {
      param: 'annotations',
    });
  }
}

/** Pictures of Visual Genome: objects.json, image_data.json and, where they are given, attributes and relationships. */
import { CotaError } from '../../../../../shared/errors.ts';
import type { SceneRelation } from '../scene.ts';
import { COLOURS } from '../words/kinds.ts';
import { elements } from './json-stream.ts';
import {
  isRecord,
  listOf,
  type Marked,
  note,
  type Open,
  type Pictures,
  placed,
  type Size,
  sizeOf,
  type Tally,
} from './shapes.ts';

/** Words for colours that are not among ours: a thing with one of them has no colour that can be asked for. */
const OTHER_COLOURS = new Set([
  'tan',
  'beige',
  'gold',
  'golden',
  'silver',
  'maroon',
  'teal',
  'navy',
  'cream',
  'blonde',
  'multicolored',
  'colorful',
]);
const PEOPLE = [
  'man',
  'woman',
  'boy',
  'girl',
  'child',
  'kid',
  'guy',
  'lady',
  'baby',
  'player',
  'people',
  'men',
  'women',
];

type Records = ReadonlyMap<string, readonly Record<string, unknown>[]>;

const idOf = (record: Record<string, unknown>): string | undefined => {
  const id = record.image_id ?? record.id;
  return typeof id === 'number' || typeof id === 'string' ? String(id) : undefined;
};

/** `names` is a list in newer versions, `name` a text in older ones. */
const nameOf = (record: Record<string, unknown>): string | undefined => {
  const name = listOf(record.names)[0] ?? record.name;
  if (typeof name !== 'string') return undefined;
  const plain = name.trim().toLowerCase().replace(/\s+/g, ' ');
  return /^[a-z][a-z' -]{1,30}$/.test(plain) ? plain : undefined;
};

/**
 * Lists of records by picture, read only as far as they are asked for: the files have one order, so that next to
 * nothing is held; where they have not, what was passed over waits.
 */
function byPicture(body: AsyncIterable<Uint8Array> | undefined, file: string, field: string, tally: Tally) {
  const waiting = new Map<string, readonly Record<string, unknown>[]>();
  const source = body && elements(body, `The file ${file}`);
  let over = source === undefined;
  return async (id: string): Promise<readonly Record<string, unknown>[]> => {
    while (!over && !waiting.has(id)) {
      const next = await source!.next();
      if (next.done) {
        over = true;
        break;
      }
      const { value } = next.value;
      const own = isRecord(value) ? idOf(value) : undefined;
      if (!isRecord(value) || own === undefined) note(tally, `${file}:no record of a picture`);
      else waiting.set(own, listOf(value[field]).filter(isRecord));
    }
    const found = waiting.get(id) ?? [];
    waiting.delete(id);
    return found;
  };
}

async function sizesOf(body: AsyncIterable<Uint8Array>, tally: Tally): Promise<Map<string, Size>> {
  const sizes = new Map<string, Size>();
  for await (const { value } of elements(body, 'The file images')) {
    const id = isRecord(value) ? idOf(value) : undefined;
    const size = isRecord(value) ? sizeOf(value) : undefined;
    if (id === undefined || !size) note(tally, 'picture:no id, width or height');
    else sizes.set(id, size);
  }
  return sizes;
}

/** The one colour that is said of each object; an object that two are said of has none. */
function coloursOf(records: readonly Record<string, unknown>[]): Map<string, string | undefined> {
  const colours = new Map<string, string | undefined>();
  for (const record of records) {
    const words = listOf(record.attributes).flatMap((word) =>
      typeof word === 'string' ? [word.trim().toLowerCase().replace('gray', 'grey')] : [],
    );
    const said = [...new Set(words.filter((word) => word in COLOURS || OTHER_COLOURS.has(word)))];
    if (said.length === 0) continue;
    const id = String(record.object_id);
    const one = said.length === 1 && said[0]! in COLOURS ? said[0] : undefined;
    colours.set(id, colours.has(id) && colours.get(id) !== one ? undefined : one);
  }
  return colours;
}

/**
 * Reads `objects` and `images`, and `attributes` and `relationships` where they are among `files`.
 * Not all that a picture shows is marked in Visual Genome: numbers of things are those of its annotators.
 */
export async function* visualGenomePictures(open: Open, files: readonly string[], tally: Tally): Pictures {
  for (const needed of ['objects', 'images'])
    if (!files.includes(needed))
      throw new CotaError(
        'invalid_request',
        `Annotations of layout visual-genome need the file ${needed} (objects: objects.json, images: image_data.json; attributes and relationships may be given, too).`,
        { param: 'annotations' },
      );
  const sizes = await sizesOf(await open('images'), tally);
  const optional = async (name: string) => (files.includes(name) ? await open(name) : undefined);
  const attributes = byPicture(await optional('attributes'), 'attributes', 'attributes', tally);
  const relationships = byPicture(await optional('relationships'), 'relationships', 'relationships', tally);
  for await (const { value } of elements(await open('objects'), 'The file objects')) {
    const id = isRecord(value) ? idOf(value) : undefined;
    if (!isRecord(value) || id === undefined) {
      note(tally, 'objects:no record of a picture');
      continue;
    }
    const [said, related] = [await attributes(id), await relationships(id)];
    const size = sizes.get(id);
    if (!size) {
      note(tally, 'picture:not among the images');
      continue;
    }
    const colours = coloursOf(said);
    const marks: (Marked & { id: string })[] = [];
    for (const record of listOf(value.objects)) {
      const label = isRecord(record) ? nameOf(record) : undefined;
      if (!isRecord(record) || label === undefined) {
        note(tally, 'object:no name that is a word');
        continue;
      }
      const own = String(record.object_id);
      const at = [record.x, record.y, record.w ?? record.width, record.h ?? record.height];
      marks.push({ id: own, label, colour: colours.get(own), at });
    }
    const { objects, vague, index } = placed(marks, size, tally);
    if (objects.length === 0) {
      note(tally, 'picture:no object');
      continue;
    }
    const at = new Map(marks.map((mark, i) => [mark.id, index[i]!]));
    note(tally, 'pictures');
    const people = objects.some(({ label }) => PEOPLE.includes(label)) ? ['person', 'people'] : [];
    yield {
      id,
      ...size,
      template: 'visual-genome',
      objects,
      vague: [...vague, ...people],
      relations: relationsOf(related, at, tally),
    };
  }
}

function relationsOf(
  records: Records extends ReadonlyMap<string, infer List> ? List : never,
  at: ReadonlyMap<string, number>,
  tally: Tally,
): SceneRelation[] {
  return records.flatMap((record) => {
    const [subject, object] = [record.subject, record.object].map((one) =>
      isRecord(one) ? at.get(String(one.object_id)) : undefined,
    );
    const predicate = typeof record.predicate === 'string' ? record.predicate.trim().toLowerCase() : '';
    if (
      subject === undefined ||
      object === undefined ||
      subject < 0 ||
      object < 0 ||
      !/^[a-z][a-z ]{1,24}$/.test(predicate)
    ) {
      note(tally, 'relation:of things that are not there, or with no word');
      return [];
    }
    return [{ subject, object, predicate }];
  });
}

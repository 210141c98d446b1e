/** Pictures of COCO's instances_*.json, and of the many files that have its shape. */
import { CotaError } from '../../../../../shared/errors.ts';
import { elements } from './json-stream.ts';
import {
  isRecord,
  type Marked,
  note,
  type Open,
  type Pictures,
  placed,
  type Size,
  sizeOf,
  type Tally,
} from './shapes.ts';

/**
 * Reads `instances`. Its arrays may stand in any order. Category names are taken as they are: COCO's own are the words
 * that the embedded detector knows.
 */
export async function* cocoPictures(open: Open, tally: Tally): Pictures {
  const sizes = new Map<string, Size>();
  const names = new Map<string, string>();
  const marks = new Map<string, { category: string; at: readonly unknown[]; crowd: boolean }[]>();
  for await (const { of, value } of elements(await open('instances'), 'The file instances')) {
    if (of !== 'images' && of !== 'annotations' && of !== 'categories') continue;
    if (!isRecord(value)) {
      note(tally, `${of}:no record`);
    } else if (of === 'images') {
      const size = sizeOf(value);
      if (value.id === undefined || !size) note(tally, 'picture:no id, width or height');
      else if (sizes.has(String(value.id))) note(tally, 'picture:its id is there twice');
      else sizes.set(String(value.id), size);
    } else if (of === 'categories') {
      if (typeof value.name === 'string' && value.name.trim() !== '')
        names.set(String(value.id), value.name.trim().toLowerCase());
      else note(tally, 'category:no name');
    } else {
      const at = value.bbox;
      if (!Array.isArray(at) || at.length !== 4 || value.image_id === undefined) {
        note(tally, 'object:no bbox or image_id');
        continue;
      }
      const list = marks.get(String(value.image_id)) ?? [];
      list.push({ category: String(value.category_id), at, crowd: Number(value.iscrowd ?? 0) === 1 });
      marks.set(String(value.image_id), list);
    }
  }
  if (sizes.size === 0 || names.size === 0)
    throw new CotaError(
      'invalid_request',
      `The file instances has ${sizes.size} pictures and ${names.size} categories: it must have images, annotations and categories, as COCO's instances_val2017.json has.`,
      { param: 'annotations' },
    );
  for (const id of marks.keys()) if (!sizes.has(id)) note(tally, 'object:of a picture that is not there');
  for (const [id, size] of sizes) {
    const mine: Marked[] = [];
    for (const { category, at, crowd } of marks.get(id) ?? []) {
      const label = names.get(category);
      if (label === undefined) note(tally, 'object:its category is not there');
      else mine.push({ label, at, crowd });
    }
    marks.delete(id);
    const { objects, vague } = placed(mine, size, tally);
    if (objects.length === 0) {
      note(tally, 'picture:no object');
      continue;
    }
    note(tally, 'pictures');
    yield { id, ...size, template: 'coco', objects, vague };
  }
}

/** What was read of each input image, a second look put in the place of the first. */
import type { JsonObject } from '../../../../shared/contract.ts';
import { isBox } from '../boxes.ts';
import type { Box, Place, Seen } from '../contract.ts';
import { alike, squeeze } from './spelling.ts';

interface Row {
  readonly text: string;
  /** In fractions of the input image; absent where the reader gave no places. */
  readonly box?: Box;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A box of a picture as a box of the input image that the picture shows a part of. */
function inInput([left, top, right, bottom]: Box, { box }: Place): Box {
  const width = box[2] - box[0];
  const height = box[3] - box[1];
  return [box[0] + left * width, box[1] + top * height, box[0] + right * width, box[1] + bottom * height];
}

function rowsOf(result: JsonObject, place: Place): Row[] {
  const { rows, text } = result;
  if (Array.isArray(rows) && rows.every(isObject))
    return rows.map((row): Row => {
      const { cells, text: whole, bbox } = row;
      const texts = Array.isArray(cells)
        ? cells.flatMap((cell) =>
            isObject(cell) && typeof cell.text === 'string' ? [cell.text.replaceAll('\t', ' ')] : [],
          )
        : [];
      return {
        text: texts.length > 0 ? texts.join('\t') : typeof whole === 'string' ? whole : '',
        ...(isBox(bbox) ? { box: inInput(bbox, place) } : {}),
      };
    });
  return typeof text === 'string' ? text.split('\n').map((line) => ({ text: line })) : [];
}

/** Whether two rows are readings of the same line. */
const sameLine = (a: string, b: string): boolean => {
  const [x, y] = [squeeze(a), squeeze(b)];
  return x.length > 2 && (alike(x, y) || (y.length > 3 && x.startsWith(y)) || (x.length > 3 && y.startsWith(x)));
};

/** The rows of a page with those that were read again, larger, in their place. */
function renewed(first: readonly Row[], again: readonly Row[], { box }: Place): Row[] {
  const placed = first.every((row) => row.box !== undefined) && first.length > 0;
  if (placed) {
    const middle = (row: Row): number => ((row.box as Box)[1] + (row.box as Box)[3]) / 2;
    const inside = (row: Row): boolean => middle(row) > box[1] && middle(row) < box[3];
    const hidden = (row: Row): boolean =>
      inside(row) && (row.box as Box)[0] >= box[0] - 0.01 && (row.box as Box)[2] <= box[2] + 0.01;
    const kept = first.filter((row) => !hidden(row));
    const at = kept.findIndex((row) => middle(row) > box[1]);
    const place = at < 0 ? kept.length : at;
    return [...kept.slice(0, place), ...again, ...kept.slice(place)];
  }
  const rows = [...first];
  for (const row of again) {
    const at = rows.findIndex((old) => sameLine(old.text, row.text));
    if (at >= 0) rows[at] = row;
    else rows.push(row);
  }
  return rows;
}

/** Rows of each input image by its number, cells parted by tabs, in reading order. */
export function readingsOf({ steps }: Seen): Map<number, string[]> {
  const pages = new Map<number, Row[]>();
  for (const { action, result, place } of steps) {
    if (action.name !== 'OCR' || place === undefined || !isObject(result)) continue;
    const rows = rowsOf(result, place).filter((row) => row.text.trim() !== '');
    const before = pages.get(place.input);
    const whole = place.box[0] <= 0 && place.box[1] <= 0 && place.box[2] >= 1 && place.box[3] >= 1;
    pages.set(place.input, before === undefined || whole ? rows : renewed(before, rows, place));
  }
  return new Map([...pages].map(([input, rows]) => [input, rows.map(({ text }) => text)]));
}

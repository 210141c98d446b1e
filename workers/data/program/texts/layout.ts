/** Where each cell of a scene stands on its page. */

import type { Placed } from '../../render/ink.ts';
import { type Page, pieces } from '../../render/page.ts';
import type { Place, Scene } from '../../scene/scene.ts';

/** [left, top, right, bottom] as fractions of the picture. */
export type Box = readonly [number, number, number, number];

export interface Layout {
  /** Pixels of the picture. */
  readonly width: number;
  readonly height: number;
  /** Undefined for a cell that the page does not show. */
  at(place: Place): Box | undefined;
}

/** Ink of a line of text above and below its baseline, as shares of the font size. */
const ABOVE = 0.78;
const BELOW = 0.22;

export const around = (boxes: readonly Box[]): Box | undefined =>
  boxes.length === 0
    ? undefined
    : [
        Math.min(...boxes.map((b) => b[0])),
        Math.min(...boxes.map((b) => b[1])),
        Math.max(...boxes.map((b) => b[2])),
        Math.max(...boxes.map((b) => b[3])),
      ];

/** As OCR gives boxes: four decimals, inside the picture. */
export const rounded = (box: Box): Box =>
  box.map((side) => Math.round(Math.min(1, Math.max(0, side)) * 1e4) / 1e4) as unknown as Box;

/** Cells that are drawn as one piece, and its text. */
function grouped(cells: readonly string[], glued: readonly number[]): number[][] {
  const groups: number[][] = [];
  cells.forEach((_, i) => {
    if (i > 0 && glued.includes(i - 1)) groups.at(-1)?.push(i);
    else groups.push([i]);
  });
  return groups;
}

/**
 * @param page the scene's page
 * @param turned takes a point of the page, in its pixels, to fractions of the picture that was made of it
 */
export function layoutOf(
  scene: Scene,
  page: Pick<Page, 'placed' | 'width' | 'height'>,
  picture: { readonly width: number; readonly height: number } = page,
  turned: (x: number, y: number) => readonly [number, number] = (x, y) => [x / page.width, y / page.height],
): Layout {
  const free = new Map<string, Placed[]>();
  // Pages draw a row from either end; what stands further up or further left comes first.
  for (const one of [...page.placed].sort((a, b) => a.y - b.y || a.left - b.left)) {
    const list = free.get(one.text);
    if (list) list.push(one);
    else free.set(one.text, [one]);
  }
  const boxes = new Map<number, Box>();
  const put = (row: number, cell: number, { left, y, width, size }: Placed, from: number, to: number): void => {
    const [x0, x1] = [left + width * from, left + width * to];
    const [y0, y1] = [y - size * ABOVE, y + size * BELOW];
    const corners = [turned(x0, y0), turned(x1, y0), turned(x0, y1), turned(x1, y1)];
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, v]) => v)];
    boxes.set(row * 64 + cell, [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]);
  };
  scene.rows.forEach((row, r) => {
    const texts = pieces(row);
    const groups = grouped(row.cells, row.glued ?? []);
    const joined = free.get(texts.join('   ')) ?? free.get(texts.join('  '));
    groups.forEach((cells, g) => {
      const placed = free.get(texts[g] as string)?.shift() ?? (texts.length > 1 ? joined?.[0] : undefined);
      if (!placed) return;
      const length = Math.max(1, placed.text.length);
      let from = Math.max(0, placed.text.indexOf(texts[g] as string));
      for (const cell of cells) {
        const to = from + (row.cells[cell] as string).length;
        put(r, cell, placed, from / length, Math.min(1, to / length));
        from = to + 1;
      }
    });
  });
  return {
    width: picture.width,
    height: picture.height,
    at: ({ row, cell }) => boxes.get(row * 64 + cell),
  };
}

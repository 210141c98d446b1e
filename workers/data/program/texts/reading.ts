/**
 * What OCR gives for a page, whole or cut out: really read, taken from the scene, or taken from it with the errors of a
 * reader. All three keep the same of OCR's result: the text and each row with its box. The cells within rows are left
 * out, since tabs in the text part them already and they are three quarters of the bytes.
 */
import type { JsonObject } from '../../../../shared/contract.ts';
import { align } from '../../observe/align.ts';
import { type NoiseRates, readWithNoise } from '../../observe/noise.ts';
import type { Observed } from '../../observe/observed.ts';
import type { Random } from '../../random.ts';
import type { Place, Scene, SceneRow } from '../../scene/scene.ts';
import { around, type Box, type Layout, rounded } from './layout.ts';

export interface Reading {
  /** Of the OCR call: `{text, rows: [{text, bbox}]}`. */
  readonly result: JsonObject;
  /** Rows, and where each cell of the scene stands in them. */
  readonly observed: Observed;
  /** Of each row, as fractions of the image that was read. */
  readonly boxes: readonly Box[];
}

/** The reading of a scene from its rows of text; a row that is of no cell stands between its neighbours. */
export function readingOf(scene: Scene, observed: Observed, layout: Layout): Reading {
  const found: Box[][] = observed.rows.map(() => []);
  scene.rows.forEach((row, r) => {
    row.cells.forEach((_, cell) => {
      const span = observed.at({ row: r, cell });
      const box = span && layout.at({ row: r, cell });
      if (span && box) found[span.row]?.push(box);
    });
  });
  let below = 0.02;
  const boxes = found.map((list): Box => {
    const box = around(list);
    if (box) {
      below = box[3];
      return rounded(box);
    }
    const top = Math.min(below, 0.97);
    return rounded([0.1, top, 0.6, top + 0.02]);
  });
  return { result: resultOf(observed.rows, boxes), observed, boxes };
}

const resultOf = (rows: readonly string[], boxes: readonly Box[]): JsonObject => ({
  text: rows.join('\n'),
  rows: rows.map((text, i) => ({ text, bbox: [...(boxes[i] as Box)] })),
});

/** What is kept of a result of the real tool, and where the scene's cells stand in it. @throws TypeError for another shape */
export function readingOfTool(scene: Scene, result: JsonObject): Reading {
  const rows = result.rows as unknown as readonly { readonly text: string; readonly bbox: Box }[];
  const texts = rows.map(({ text }) => text);
  const boxes = rows.map(({ bbox }) => bbox);
  return { result: resultOf(texts, boxes), observed: align(scene, texts), boxes };
}

export const readNoisily = (rng: Random, scene: Scene, layout: Layout, rates: NoiseRates): Reading =>
  readingOf(scene, readWithNoise(rng, scene, rates), layout);

/** The part of a scene that stands in a box of its page, as a scene of its own. */
export function partOf(
  scene: Scene,
  layout: Layout,
  box: Box,
): { scene: Scene; layout: Layout; back(place: Place): Place } {
  const [left, top, right, bottom] = box;
  const [width, height] = [right - left, bottom - top];
  const places: Place[][] = [];
  const rows: SceneRow[] = [];
  scene.rows.forEach((row, r) => {
    const cells: string[] = [];
    const glued: number[] = [];
    const from: Place[] = [];
    row.cells.forEach((text, cell) => {
      const at = layout.at({ row: r, cell });
      if (!at) return;
      const [x, y] = [(at[0] + at[2]) / 2, (at[1] + at[3]) / 2];
      if (x < left || x > right || y < top || y > bottom) return;
      if (cells.length > 0 && row.glued?.includes(cell - 1)) glued.push(cells.length - 1);
      cells.push(text);
      from.push({ row: r, cell });
    });
    if (cells.length === 0) return;
    rows.push({ ...row, cells, glued });
    places.push(from);
  });
  return {
    scene: { ...scene, rows },
    layout: {
      width: layout.width * width,
      height: layout.height * height,
      at: ({ row, cell }) => {
        const place = places[row]?.[cell];
        const at = place && layout.at(place);
        return at && [(at[0] - left) / width, (at[1] - top) / height, (at[2] - left) / width, (at[3] - top) / height];
      },
    },
    back: ({ row, cell }) => places[row]?.[cell] ?? { row: -1, cell: -1 },
  };
}

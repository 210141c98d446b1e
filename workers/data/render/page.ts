/** A page: SVG of a size, and what all layouts need to make one. */
import type { SceneRow } from '../scene/scene.ts';
import type { Canvas, Placed } from './ink.ts';

export interface Page {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  readonly paper: string;
  /** Where its texts stand, in the order of drawing. */
  readonly placed: readonly Placed[];
}

/** A page of what was drawn, on its paper. */
export const finish = (c: Canvas, width: number, height: number, paper: string): Page => {
  const w = Math.ceil(width);
  const h = Math.ceil(height);
  let svg: string | undefined;
  return {
    width: w,
    height: h,
    paper,
    placed: c.placed,
    get svg() {
      svg ??= `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}"><rect width="${w}" height="${h}" fill="${paper}"/>${c.drawing()}</svg>`;
      return svg;
    },
  };
};

/** Cells of a row with what is glued to them, as pieces that stand apart. */
export function pieces(row: SceneRow): string[] {
  const out: string[] = [];
  row.cells.forEach((cell, i) => {
    if (i > 0 && row.glued?.includes(i - 1)) out[out.length - 1] += ` ${cell}`;
    else out.push(cell);
  });
  return out;
}

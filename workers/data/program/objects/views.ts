/** Pictures that tools make of pictures: which part of the scene each shows, and its pixels. */
import { area, type Box, type SceneObject, type ScenePicture, shared } from './scene.ts';

export interface View {
  /** Number of the input picture. */
  readonly picture: number;
  /** The part of it that is shown, in fractions of it. */
  readonly box: Box;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** As in the tools: room round a cut-out, the largest side that is drawn on, the smallest, and how far that is enlarged. */
const MARGIN = 0.1;
const LONGEST = 2048;
const SHORTEST = 480;
const MOST_ENLARGED = 8;

/** Share of an object that must be inside a cut-out to be found there. */
const INSIDE = 0.5;

/** What Crop (factor 1) and ZoomIn give, in the whole pixels that they cut at. */
export function cutOf(view: View, [left, top, right, bottom]: Box, factor: number): View {
  const { width, height, box } = view;
  const [w, h] = [(right - left) * width, (bottom - top) * height];
  const from = (at: number): number => Math.max(0, Math.floor(at + 1e-6));
  const to = (at: number, end: number): number => Math.min(end, Math.ceil(at - 1e-6));
  const [x0, y0] = [from(left * width - w * MARGIN), from(top * height - h * MARGIN)];
  const [x1, y1] = [to(right * width + w * MARGIN, width), to(bottom * height + h * MARGIN, height)];
  const [across, down] = [box[2] - box[0], box[3] - box[1]];
  return {
    picture: view.picture,
    box: [
      box[0] + (x0 / width) * across,
      box[1] + (y0 / height) * down,
      box[0] + (x1 / width) * across,
      box[1] + (y1 / height) * down,
    ],
    width: Math.max(1, Math.round((x1 - x0) * factor)),
    height: Math.max(1, Math.round((y1 - y0) * factor)),
  };
}

/** Pixels of a picture with boxes drawn on it. */
export function drawnSize({ width, height }: Pick<View, 'width' | 'height'>): { width: number; height: number } {
  const less = Math.min(1, LONGEST / Math.max(width, height));
  const [w, h] = [Math.round(width * less), Math.round(height * less)];
  const more = Math.max(1, Math.min(MOST_ENLARGED, SHORTEST / Math.max(w, h)));
  return { width: Math.round(w * more), height: Math.round(h * more) };
}

/** A box of the picture in fractions of a view of it; undefined where too little of it is inside. */
export function partOf({ box: [l, t, r, b] }: View, box: Box): Box | undefined {
  if (shared([l, t, r, b], box) < INSIDE * area(box)) return undefined;
  const x = (at: number): number => Math.min(1, Math.max(0, (at - l) / (r - l)));
  const y = (at: number): number => Math.min(1, Math.max(0, (at - t) / (b - t)));
  return [x(box[0]), y(box[1]), x(box[2]), y(box[3])];
}

/** Objects that a view shows, with their boxes in it. */
export function visible(
  view: View,
  { objects }: ScenePicture,
): readonly { readonly object: SceneObject; readonly box: Box }[] {
  const { box } = view;
  if (box[0] === 0 && box[1] === 0 && box[2] === 1 && box[3] === 1)
    return objects.map((object) => ({ object, box: object.box }));
  const seen: { object: SceneObject; box: Box }[] = [];
  for (const object of objects) {
    const part = partOf(view, object.box);
    if (part) seen.push({ object, box: part });
  }
  return seen;
}

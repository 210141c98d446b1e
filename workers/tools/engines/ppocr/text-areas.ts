import { convexHull, corners, type Point, smallestBox, type TurnedBox } from '../ocr-page/geometry.ts';

/** Share of a pixel being text above which it belongs to a text area. PP-OCR's own setting. */
const PIXEL_THRESHOLD = 0.3;
/** Mean share over a box above which it is kept. */
const BOX_THRESHOLD = 0.5;
/** The network is trained on shrunken areas: boxes grow by this share of area over perimeter on each side. */
const UNCLIP = 1.6;
/** Pixels of the map; smaller areas are specks. */
const SMALLEST_SIDE = 3;
/** A page with more areas than this is a texture, not text: the largest are kept. */
const MOST_AREAS = 1000;

/** A stretch of text pixels in one line of the map. */
interface Run {
  readonly y: number;
  /** First and one past the last column. */
  readonly from: number;
  readonly to: number;
}

/**
 * The text boxes in the network's map, by differentiable binarisation as PP-OCR does it: threshold, connected areas,
 * smallest turned rectangle, mean score, growth.
 * @param map row by row, `width * height` shares 0..1
 * @returns boxes in pixels of the map
 */
export function textAreas(map: Float32Array, width: number, height: number): TurnedBox[] {
  const areas = connectedAreas(map, width, height);
  if (areas.length > MOST_AREAS) areas.sort((a, b) => b.length - a.length).length = MOST_AREAS;
  const boxes: TurnedBox[] = [];
  for (const runs of areas) {
    const box = smallestBox(convexHull(outline(runs)));
    if (Math.min(box.width, box.height) < SMALLEST_SIDE) continue;
    if (meanInside(map, width, height, box) < BOX_THRESHOLD) continue;
    const growth = (box.width * box.height * UNCLIP) / (2 * (box.width + box.height));
    boxes.push({ ...box, width: box.width + 2 * growth, height: box.height + 2 * growth });
  }
  return boxes;
}

/** Areas of touching text pixels (corners count), each as its runs. One pass over the map and one over the runs. */
function connectedAreas(map: Float32Array, width: number, height: number): Run[][] {
  const runs: Run[] = [];
  const parent: number[] = [];
  const root = (i: number): number => {
    let at = i;
    while (parent[at]! !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  let above = 0;
  for (let y = 0; y < height; y++) {
    const first = runs.length;
    const line = y * width;
    for (let x = 0; x < width; x++) {
      if (map[line + x]! <= PIXEL_THRESHOLD) continue;
      const from = x;
      while (x < width && map[line + x]! > PIXEL_THRESHOLD) x++;
      parent.push(runs.length);
      runs.push({ y, from, to: x });
    }
    // Runs of both lines are in order of x: walk them side by side.
    let a = above;
    for (let b = first; b < runs.length; b++) {
      while (a < first && runs[a]!.to < runs[b]!.from) a++;
      for (let c = a; c < first && runs[c]!.from <= runs[b]!.to; c++) parent[root(c)] = root(b);
    }
    above = first;
  }
  const areas = new Map<number, Run[]>();
  for (let i = 0; i < runs.length; i++) {
    const of = root(i);
    const area = areas.get(of);
    if (area) area.push(runs[i]!);
    else areas.set(of, [runs[i]!]);
  }
  return [...areas.values()];
}

/** Corner points of the runs' ends: all that the hull can touch. */
function outline(runs: readonly Run[]): Point[] {
  return runs.flatMap(({ y, from, to }): Point[] => [
    [from, y],
    [to, y],
    [from, y + 1],
    [to, y + 1],
  ]);
}

function meanInside(map: Float32Array, width: number, height: number, box: TurnedBox): number {
  const around = corners(box);
  const xs = around.map(([x]) => x);
  const ys = around.map(([, y]) => y);
  const [x0, x1] = [Math.max(0, Math.floor(Math.min(...xs))), Math.min(width - 1, Math.ceil(Math.max(...xs)))];
  const [y0, y1] = [Math.max(0, Math.floor(Math.min(...ys))), Math.min(height - 1, Math.ceil(Math.max(...ys)))];
  const cos = Math.cos(box.angle);
  const sin = Math.sin(box.angle);
  let sum = 0;
  let count = 0;
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const dx = x + 0.5 - box.x;
      const dy = y + 0.5 - box.y;
      if (Math.abs(dx * cos + dy * sin) > box.width / 2 || Math.abs(dy * cos - dx * sin) > box.height / 2) continue;
      sum += map[y * width + x]!;
      count++;
    }
  }
  return count ? sum / count : 0;
}

/** Where labels go: beside their boxes, inside the picture, and not on each other. */

/** Whole pixels. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * @param boxes one for each chip
 * @param chips their sizes; none is larger than the picture
 * @returns a place for each chip. Small boxes choose first: their labels have fewest places that say whose they are
 */
export function placeChips(boxes: readonly Rectangle[], chips: readonly Size[], picture: Size): Rectangle[] {
  const order = boxes.map((_, i) => i).toSorted((a, b) => area(boxes[a]!) - area(boxes[b]!) || a - b);
  const placed = new Map<number, Rectangle>();
  for (const i of order) {
    const taken = [...placed.values()];
    const others = boxes.filter((_, other) => other !== i);
    placed.set(i, bestPlace(boxes[i]!, chips[i]!, picture, taken, others));
  }
  return boxes.map((_, i) => placed.get(i)!);
}

function bestPlace(
  box: Rectangle,
  chip: Size,
  picture: Size,
  taken: readonly Rectangle[],
  others: readonly Rectangle[],
): Rectangle {
  let best: Rectangle | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [rank, wanted] of candidates(box, chip).entries()) {
    const place = inside(wanted, picture);
    const moved = Math.abs(place.left - wanted.left) + Math.abs(place.top - wanted.top);
    const onChips = sum(taken, (other) => shared(place, other)) / area(place);
    // A chip over another thing is better than one over another chip, and a chip over its own thing better than that.
    const onOthers = sum(others, (other) => shared(place, other)) / area(place);
    const onOwn = shared(place, box) / Math.max(1, area(box));
    const cost = onChips * 100 + Math.min(3, onOthers) + onOwn * 4 + rank * 0.05 + (moved / chip.height) * 0.5;
    if (cost < least) [best, least] = [place, cost];
  }
  return best!;
}

/** Around the box from near to far; the ones further off are for crowds. */
function candidates({ left, top, width, height }: Rectangle, chip: Size): Rectangle[] {
  const right = left + width - chip.width;
  const bottom = top + height;
  const at = (x: number, y: number): Rectangle => ({ left: x, top: y, ...chip });
  const near = [
    at(left, top - chip.height),
    at(left, bottom),
    at(right, top - chip.height),
    at(right, bottom),
    at(left + width, top),
    at(left - chip.width, top),
    at(left + width, bottom - chip.height),
    at(left - chip.width, bottom - chip.height),
    at(left, top),
    at(right, top),
    at(left, bottom - chip.height),
    at(right, bottom - chip.height),
  ];
  const far = Array.from({ length: 24 }, (_, i) => (Math.floor(i / 2) + 1) * (i % 2 === 0 ? -1 : 1)).flatMap((step) => [
    at(left, top + step * chip.height),
    at(left + (width - chip.width) / 2, top + step * chip.height),
    at(left + width, top + step * chip.height),
    at(left - chip.width, top + step * chip.height),
  ]);
  return [...near, ...far];
}

function inside({ left, top, width, height }: Rectangle, picture: Size): Rectangle {
  const x = Math.max(0, Math.min(Math.round(left), picture.width - width));
  const y = Math.max(0, Math.min(Math.round(top), picture.height - height));
  return { left: x, top: y, width, height };
}

const area = ({ width, height }: Size) => width * height;

/** Pixels that two rectangles have in common. */
export function shared(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

const sum = (list: readonly Rectangle[], of: (one: Rectangle) => number) =>
  list.reduce((total, one) => total + of(one), 0);

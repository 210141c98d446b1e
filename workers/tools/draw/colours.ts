/** Red, green, blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Far from each other for the eye, and none so dark or so light that it vanishes. */
const DISTINCT: readonly Colour[] = [
  [230, 25, 75],
  [255, 225, 25],
  [0, 130, 200],
  [60, 180, 75],
  [245, 130, 48],
  [145, 30, 180],
  [70, 240, 240],
  [240, 50, 230],
  [210, 245, 60],
  [250, 190, 212],
  [0, 128, 128],
  [170, 110, 40],
];

/** What a colour may be called. */
const NAMED: Readonly<Record<string, Colour>> = {
  red: [230, 25, 75],
  orange: [245, 130, 48],
  yellow: [255, 225, 25],
  lime: [210, 245, 60],
  green: [60, 180, 75],
  teal: [0, 128, 128],
  cyan: [70, 240, 240],
  blue: [0, 130, 200],
  navy: [0, 0, 128],
  purple: [145, 30, 180],
  magenta: [240, 50, 230],
  pink: [250, 190, 212],
  brown: [170, 110, 40],
  white: [255, 255, 255],
  grey: [128, 128, 128],
  gray: [128, 128, 128],
  black: [0, 0, 0],
};

export const COLOUR_NAMES = Object.keys(NAMED).filter((name) => name !== 'gray');

/**
 * A colour by its name, as `#rgb` or `#rrggbb`, or as `rgb(r, g, b)`.
 * @returns undefined when it is none of these
 */
export function parseColour(text: string): Colour | undefined {
  const plain = text.trim().toLowerCase();
  const named = Object.hasOwn(NAMED, plain) ? NAMED[plain] : undefined;
  if (named) return named;
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/.exec(plain);
  const hex = short ? short.slice(1).map((digit) => digit + digit) : /^#(..)(..)(..)$/.exec(plain)?.slice(1);
  if (hex?.every((pair) => /^[0-9a-f]{2}$/.test(pair)))
    return hex.map((pair) => Number.parseInt(pair, 16)) as unknown as Colour;
  const rgb = /^(?:rgb)?\(?\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*\)?$/.exec(plain)?.slice(1).map(Number);
  return rgb?.every((value) => value <= 255) ? (rgb as unknown as Colour) : undefined;
}

/** One colour for each group, in the order in which they first come; after a dozen they come again. */
export function distinctColours(groups: readonly string[]): ReadonlyMap<string, Colour> {
  const names = [...new Set(groups)];
  return new Map(names.map((name, i) => [name, DISTINCT[i % DISTINCT.length]!]));
}

export const css = ([red, green, blue]: Colour): string => `rgb(${red},${green},${blue})`;

/** Black or white: whichever can be read on it. */
export const inkOn = ([red, green, blue]: Colour): string =>
  0.299 * red + 0.587 * green + 0.114 * blue > 140 ? '#000' : '#fff';

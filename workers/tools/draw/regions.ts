import sharp from 'sharp';
import { inTurn } from '../../../shared/images/in-turn.ts';
import { ToolError } from '../tool.ts';
import { placeChips, type Rectangle, shared } from './chips.ts';
import { type Colour, css, distinctColours, inkOn } from './colours.ts';
import { fitText, textPath, textWidth } from './lettering.ts';

/** Something to be drawn. */
export interface DrawnRegion {
  /** Text beside the box; none when empty. */
  readonly label: string;
  /** [left, top, right, bottom] as fractions of the upright picture. */
  readonly bbox: readonly number[];
  /** Regions of one group have one colour; the label when left out. */
  readonly group?: string;
}

/** Pixels of a picture that is drawn on at most: 100 million, as at intake. */
const MOST_PIXELS = 100_000_000;
/** Longest side of the result: vision models shrink anything larger before they look. */
const LONGEST = 2048;
/** Pictures that are smaller are enlarged to this, up to eight times: no label could be read on them. */
const SHORTEST = 480;
const MOST_ENLARGED = 8;
/** A font that is smaller cannot be read; labels that have no room for it are left out. */
const SMALLEST_FONT = 10;

/**
 * Draws boxes with labels onto a picture. Widths and letters grow with the picture, every line has a dark edge and every
 * label a ground of its own, so that they are seen on anything; labels stay inside and apart. The same input gives the
 * same bytes.
 * @param bytes an encoded picture
 * @param options.colour for all; left out: one for each group
 * @returns PNG, upright, 2048 pixels on its longer side at most; small pictures are enlarged
 * @throws ToolError `unreadable_image`; the signal's reason
 */
export async function drawRegions(
  bytes: Uint8Array,
  regions: readonly DrawnRegion[],
  options: { readonly colour?: Colour | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<Buffer> {
  try {
    const { width, height } = await open(bytes).metadata();
    return await inTurn(width * height, async () => {
      options.signal?.throwIfAborted();
      const { data, info } = await open(bytes)
        .autoOrient()
        .toColourspace('srgb')
        .flatten({ background: '#ffffff' })
        .resize({ width: LONGEST, height: LONGEST, fit: 'inside', withoutEnlargement: true })
        .raw()
        .toBuffer({ resolveWithObject: true });
      options.signal?.throwIfAborted();
      const factor = Math.max(1, Math.min(MOST_ENLARGED, SHORTEST / Math.max(info.width, info.height)));
      const size = { width: Math.round(info.width * factor), height: Math.round(info.height * factor) };
      const drawing = Buffer.from(drawingOf(regions, size, options.colour));
      // Enlarged first: sharp would compose before it resizes.
      const ground = await sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
        .resize(size.width, size.height, { fit: 'fill', kernel: 'cubic' })
        .toColourspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      return sharp(ground.data, { raw: { ...size, channels: ground.info.channels } })
        .composite([{ input: drawing }])
        .removeAlpha()
        .png({ compressionLevel: 6, adaptiveFiltering: false, palette: false })
        .toBuffer();
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new ToolError(
      'unreadable_image',
      `the picture cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
}

const open = (bytes: Uint8Array) => sharp(bytes, { limitInputPixels: MOST_PIXELS, pages: 1, failOn: 'error' });

/** The boxes and labels as SVG. Only numbers and colours of ours get into it: labels come as outlines. */
export function drawingOf(
  regions: readonly DrawnRegion[],
  picture: { readonly width: number; readonly height: number },
  colour?: Colour,
): string {
  const longest = Math.max(picture.width, picture.height);
  const line = Math.max(2, Math.round(longest / 350));
  const edge = Math.max(1, Math.round(line / 3));
  const font = Math.round(Math.max(SMALLEST_FONT, Math.min(40, longest / 42)));
  const pad = Math.round(font * 0.28);
  const colours = distinctColours(regions.map(groupOf));
  const drawn = regions.map((region) => {
    const box = pixelsOf(region.bbox, picture, line);
    const text = fitText(region.label.trim(), font, picture.width - 2 * pad);
    const tall = font + 2 * pad;
    const wide = Math.ceil(textWidth(text, font)) + 2 * pad;
    const chip = text !== '' && tall <= picture.height ? { width: wide, height: tall } : undefined;
    return { box, text, chip, colour: colour ?? colours.get(groupOf(region))! };
  });
  const labelled = drawn.flatMap((one) => (one.chip ? [{ ...one, chip: one.chip }] : []));
  const places = placeChips(
    labelled.map(({ box }) => box),
    labelled.map(({ chip }) => chip),
    picture,
  );
  const boxes = drawn.map(({ box, colour }) => boxOf(box, colour, line, edge));
  const chips = labelled.map(({ box, text, colour }, i) => {
    const place = places[i]!;
    return (
      leader(box, place, colour, edge) +
      `<rect ${at(place)} fill="${css(colour)}" stroke="#000" stroke-opacity="0.6" stroke-width="1"/>` +
      `<path d="${textPath(text, place.left + pad, place.top + pad + font * 0.86, font)}" fill="${inkOn(colour)}"/>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${picture.width}" height="${picture.height}">${boxes.join('')}${chips.join('')}</svg>`;
}

const groupOf = ({ group, label }: DrawnRegion) => group ?? label;

/** A box's rectangle, wide and high enough to be seen. */
function pixelsOf(
  [left = 0, top = 0, right = 1, bottom = 1]: readonly number[],
  { width, height }: { readonly width: number; readonly height: number },
  least: number,
): Rectangle {
  const x = Math.min(Math.round(left * width), Math.max(0, width - least));
  const y = Math.min(Math.round(top * height), Math.max(0, height - least));
  return {
    left: x,
    top: y,
    width: Math.min(width - x, Math.max(least, Math.round(right * width) - x)),
    height: Math.min(height - y, Math.max(least, Math.round(bottom * height) - y)),
  };
}

const at = ({ left, top, width, height }: Rectangle) => `x="${left}" y="${top}" width="${width}" height="${height}"`;

/** A line of colour on a wider dark one, both inside the box so that neither is cut off at the picture's edge. */
function boxOf({ left, top, width, height }: Rectangle, colour: Colour, line: number, edge: number): string {
  const inset = (by: number) =>
    at({
      left: left + by,
      top: top + by,
      width: Math.max(0.5, width - 2 * by),
      height: Math.max(0.5, height - 2 * by),
    });
  const outer = line + 2 * edge;
  return (
    `<rect ${inset(outer / 2)} fill="none" stroke="#000" stroke-opacity="0.6" stroke-width="${outer}"/>` +
    `<rect ${inset(outer / 2)} fill="none" stroke="${css(colour)}" stroke-width="${line}"/>`
  );
}

/** From a label to its box, where the two do not touch. */
function leader(box: Rectangle, chip: Rectangle, colour: Colour, width: number): string {
  const around = { left: box.left - 2, top: box.top - 2, width: box.width + 4, height: box.height + 4 };
  if (shared(around, chip) > 0) return '';
  const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));
  const [x1, y1] = [chip.left + chip.width / 2, chip.top + chip.height / 2];
  const [x2, y2] = [clamp(x1, box.left, box.left + box.width), clamp(y1, box.top, box.top + box.height)];
  const line = `x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"`;
  return (
    `<line ${line} stroke="#000" stroke-opacity="0.6" stroke-width="${width * 3}"/>` +
    `<line ${line} stroke="${css(colour)}" stroke-width="${width * 1.5}"/>`
  );
}

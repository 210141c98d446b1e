/** What a camera, a scanner and a bad copy do to a page. */
import sharp, { type OverlayOptions } from 'sharp';
import type { Random } from '../random.ts';
import type { Page } from './page.ts';

/**
 * `clean`, `scan`, `photo` and `poor` are what training pictures have; `fax` (two tones, coarse) and `dim` (little light,
 * a dark side) are kept for validation and holdout.
 */
export type Wear = 'clean' | 'scan' | 'photo' | 'poor' | 'fax' | 'dim';

export interface Picture {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  readonly type: 'image/png' | 'image/jpeg';
  /** Takes a point of the page, in its pixels, to fractions of the picture. */
  readonly at: (x: number, y: number) => readonly [number, number];
}

/** Grey noise of a strength in grey levels, as an image that is added by hard light. */
function noise(rng: Random, width: number, height: number, strength: number): Buffer {
  const out = Buffer.alloc(width * height);
  // Two uniform draws are near enough to a normal one and far quicker.
  for (let i = 0; i < out.length; i++) out[i] = 128 + (rng.next() + rng.next() - 1) * strength;
  return out;
}

const shadow = (rng: Random, width: number, height: number): Buffer => {
  const x = rng.int(0, 100);
  const depth = 0.15 + rng.next() * 0.3;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><linearGradient id="g" x1="${x}%" y1="0%" x2="${100 - x}%" y2="100%"><stop offset="0" stop-color="#000" stop-opacity="${depth.toFixed(2)}"/><stop offset="${(0.4 + rng.next() * 0.4).toFixed(2)}" stop-color="#000" stop-opacity="0"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/></svg>`,
  );
};

type Matrix = readonly [number, number, number, number];

/** Where a page's points go: turned and sheared, each time onto a canvas that just holds the result, and a border added. */
interface Path {
  readonly corners: readonly (readonly [number, number])[];
  readonly by: Matrix;
  readonly border: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

const NO_BORDER = { left: 0, top: 0, width: 0, height: 0 };
const start = ({ width, height }: Page): Path => ({
  corners: [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ],
  by: [1, 0, 0, 1],
  border: NO_BORDER,
});
const turned = (angle: number): Matrix => [Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle)];
const moved = ([a, b, c, d]: Matrix, [x, y]: readonly [number, number]): readonly [number, number] => [
  a * x + b * y,
  c * x + d * y,
];

/** A second change works on the rectangle that the first one left, whose corners are empty and count as well. */
function then(path: Path, by: Matrix): Path {
  const [a, b, c, d] = path.by;
  const corners = path.corners.map((corner) => moved(path.by, corner));
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [e, f, g, h] = by;
  const product: Matrix = [e * a + f * c, e * b + f * d, g * a + h * c, g * b + h * d];
  // The corners of that rectangle, taken back to the page, so that one matrix serves for all points.
  const det = a * d - b * c;
  const back: Matrix = [d / det, -b / det, -c / det, a / det];
  const held = [
    [x0, y0],
    [x1, y0],
    [x0, y1],
    [x1, y1],
  ].map(([x = 0, y = 0]) => moved(back, [x, y]));
  return { ...path, corners: held, by: product };
}

/** @param width of the finished picture in pixels, @param height likewise */
function pointOn(path: Path, width: number, height: number): Picture['at'] {
  const corners = path.corners.map((corner) => moved(path.by, corner));
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const { border } = path;
  const [w, h] = [width - border.width, height - border.height];
  return (x, y) => {
    const [mx, my] = moved(path.by, [x, y]);
    return [(border.left + ((mx - x0) / (x1 - x0)) * w) / width, (border.top + ((my - y0) / (y1 - y0)) * h) / height];
  };
}

/** A page as a picture with the marks of its way into the computer. */
export async function wearOut(rng: Random, page: Page, wear: Wear): Promise<Picture> {
  const tables = ['#6b5846', '#8d8d8d', '#3c3f44', '#b9a88c', '#dcdcdc', '#4e5b4a'];
  const held = wear === 'photo' || wear === 'poor' || wear === 'dim';
  const background = held ? rng.pick(tables) : page.paper;
  // Long sides of 500 to 1,300 pixels: below, letters fall under what any reader can tell.
  const long = Math.max(page.width, page.height);
  const target = wear === 'poor' ? rng.int(520, 800) : wear === 'fax' ? rng.int(650, 950) : rng.int(700, 1300);
  const density = Math.min(1.6, Math.max(0.45, target / long));
  let image = sharp(Buffer.from(page.svg), { density: 72 * density });
  let path = start(page);
  if (wear !== 'clean') {
    const turn = wear === 'scan' || wear === 'fax' ? (rng.next() - 0.5) * 1.5 : (rng.next() - 0.5) * 6;
    image = sharp(await image.rotate(turn, { background }).png().toBuffer());
    path = then(path, turned((turn * Math.PI) / 180));
    if (held && rng.chance(0.5)) {
      const sx = (rng.next() - 0.5) * 0.08;
      const sy = (rng.next() - 0.5) * 0.04;
      image = sharp(
        await image
          .affine(
            [
              [1, sx],
              [sy, 1],
            ],
            { background },
          )
          .png()
          .toBuffer(),
      );
      path = then(path, [1, sx, sy, 1]);
    }
  }
  if (held) {
    const border = rng.int(4, 60);
    const [top, bottom, left, right] = [rng.int(0, border), rng.int(0, border), rng.int(0, border), rng.int(0, border)];
    image = sharp(
      await image
        .extend({
          top,
          bottom,
          left,
          right,
          background,
        })
        .png()
        .toBuffer(),
    );
    path = { ...path, border: { left, top, width: left + right, height: top + bottom } };
  }
  let { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const raw = { width, height, channels: info.channels as 3 };
  if (held) {
    const layers: OverlayOptions[] = [
      {
        input: noise(rng, width, height, wear === 'poor' ? rng.int(15, 50) : rng.int(5, 25)),
        raw: { width, height, channels: 1 },
        blend: 'overlay',
      },
    ];
    if (rng.chance(0.6)) layers.push({ input: shadow(rng, width, height), blend: 'over' });
    if (wear === 'dim') layers.push({ input: shadow(rng, width, height), blend: 'multiply' });
    ({ data, info } = await sharp(data, { raw })
      .composite(layers)
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true }));
  }
  let last = sharp(data, { raw: { width, height, channels: info.channels as 3 } });
  if (wear !== 'clean' && rng.chance(wear === 'poor' ? 0.9 : 0.5))
    last = last.blur(0.3 + rng.next() * (wear === 'poor' ? 0.9 : 0.5));
  if (wear !== 'clean' && rng.chance(0.4)) {
    const contrast = 0.55 + rng.next() * 0.4;
    last = last.linear(contrast, (1 - contrast) * rng.int(60, 160));
  }
  if (wear === 'dim') last = last.linear(0.35 + rng.next() * 0.3, rng.int(0, 18));
  if (wear === 'fax') last = sharp(await last.greyscale().png().toBuffer()).threshold(rng.int(120, 165));
  const at = pointOn(path, width, height);
  if ((wear === 'clean' && rng.chance(0.5)) || wear === 'fax')
    return { bytes: await last.png().toBuffer(), width, height, type: 'image/png', at };
  const quality = wear === 'poor' ? rng.int(28, 60) : rng.int(55, 92);
  return { bytes: await last.jpeg({ quality }).toBuffer(), width, height, type: 'image/jpeg', at };
}

/** What a camera, a scanner and a bad copy do to a page. */
import sharp, { type OverlayOptions } from 'sharp';
import type { Random } from '../random.ts';
import type { Page } from './page.ts';

export type Wear = 'clean' | 'scan' | 'photo' | 'poor';

export interface Picture {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  readonly type: 'image/png' | 'image/jpeg';
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

/** A page as a picture with the marks of its way into the computer. */
export async function wearOut(rng: Random, page: Page, wear: Wear): Promise<Picture> {
  const tables = ['#6b5846', '#8d8d8d', '#3c3f44', '#b9a88c', '#dcdcdc', '#4e5b4a'];
  const background = wear === 'photo' || wear === 'poor' ? rng.pick(tables) : page.paper;
  // Long sides of 500 to 1,300 pixels: below, letters fall under what any reader can tell.
  const long = Math.max(page.width, page.height);
  const target = wear === 'poor' ? rng.int(520, 800) : rng.int(700, 1300);
  const density = Math.min(1.6, Math.max(0.45, target / long));
  let image = sharp(Buffer.from(page.svg), { density: 72 * density });
  if (wear !== 'clean') {
    const turn = wear === 'scan' ? (rng.next() - 0.5) * 1.5 : (rng.next() - 0.5) * 6;
    image = sharp(await image.rotate(turn, { background }).png().toBuffer());
    if (wear !== 'scan' && rng.chance(0.5)) {
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
    }
  }
  if (wear === 'photo' || wear === 'poor') {
    const border = rng.int(4, 60);
    image = sharp(
      await image
        .extend({
          top: rng.int(0, border),
          bottom: rng.int(0, border),
          left: rng.int(0, border),
          right: rng.int(0, border),
          background,
        })
        .png()
        .toBuffer(),
    );
  }
  let { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const raw = { width, height, channels: info.channels as 3 };
  if (wear === 'photo' || wear === 'poor') {
    const layers: OverlayOptions[] = [
      {
        input: noise(rng, width, height, wear === 'poor' ? rng.int(15, 50) : rng.int(5, 25)),
        raw: { width, height, channels: 1 },
        blend: 'overlay',
      },
    ];
    if (rng.chance(0.6)) layers.push({ input: shadow(rng, width, height), blend: 'over' });
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
  if (wear === 'clean' && rng.chance(0.5))
    return { bytes: await last.png().toBuffer(), width, height, type: 'image/png' };
  const quality = wear === 'poor' ? rng.int(28, 60) : rng.int(55, 92);
  return { bytes: await last.jpeg({ quality }).toBuffer(), width, height, type: 'image/jpeg' };
}

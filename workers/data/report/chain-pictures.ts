/** A chain's pictures as SVG: the picture itself, made small, or a sketch of what was seen in one that was never drawn. */
import sharp from 'sharp';
import type { Chain, ChainImage } from '../../../shared/data/chain.ts';
import { COLOURS } from './chart/palette.ts';
import { type Html, html } from './html.ts';

/** Pixels of the longer side at most, as they lie in the page. */
const SIDE = 560;

interface Box {
  readonly label: string;
  /** [left, top, right, bottom], fractions of the image. */
  readonly bbox: readonly [number, number, number, number];
  readonly kind: 'region' | 'text' | 'look';
}

const isBox = (value: unknown): value is Box['bbox'] =>
  Array.isArray(value) && value.length === 4 && value.every((one) => typeof one === 'number' && one >= 0 && one <= 1);

/** What the chain's tools found, or looked at, in this image. */
export function boxesOn(chain: Chain, image: string): Box[] {
  const boxes: Box[] = [];
  for (const { actions, observations } of chain.turns) {
    const called = actions.filter(({ name }) => name !== 'Terminate');
    called.forEach(({ name, arguments: args }, i) => {
      if (args.image !== image) return;
      if (isBox(args.bbox)) boxes.push({ label: name, bbox: args.bbox, kind: 'look' });
      const found = observations[i];
      if (!found?.ok) return;
      for (const [field, kind] of [
        ['regions', 'region'],
        ['rows', 'text'],
      ] as const) {
        const list = found.result[field];
        if (!Array.isArray(list)) continue;
        for (const one of list) {
          const { bbox, label, text, score } = Object(one) as Record<string, unknown>;
          if (!isBox(bbox)) continue;
          const words = String(label ?? text ?? '') + (typeof score === 'number' ? ` ${score.toFixed(2)}` : '');
          boxes.push({ label: words.slice(0, 120), bbox, kind });
        }
      }
    });
  }
  return boxes.slice(0, 80);
}

/**
 * @param bytesOf reads a picture by its key as chains have it
 * @returns the image with its boxes; `sketched` where there is no picture under them
 */
export async function pictureOf(
  bytesOf: (key: string) => Promise<Buffer>,
  image: ChainImage,
  boxes: readonly Box[],
): Promise<{ readonly svg: Html; readonly sketched: boolean }> {
  const scale = Math.min(1, SIDE / Math.max(image.width, image.height));
  const [width, height] = [Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale))];
  const data = image.key === undefined ? undefined : await embedded(bytesOf(image.key), width, height);
  const words = `${image.name}${data === undefined ? ', not drawn' : ''}: ${boxes.map(({ label }) => label).join('; ') || 'nothing marked'}`;
  const svg = html`<svg class="picture" viewBox="0 0 ${width} ${height}" style="max-width:${width}px" role="img" aria-label="${words.slice(0, 400)}">${
    data === undefined
      ? html`<rect width="${width}" height="${height}" class="paper"/>`
      : html`<image href="${data}" width="${width}" height="${height}"/>`
  }${boxes.map((box, i) => drawn(box, i, width, height, data === undefined))}</svg>`;
  return { svg, sketched: data === undefined };
}

async function embedded(bytes: Promise<Buffer>, width: number, height: number): Promise<string | undefined> {
  try {
    const small = await sharp(await bytes)
      .resize(width, height, { fit: 'fill' })
      .webp({ quality: 70 })
      .toBuffer();
    return `data:image/webp;base64,${small.toString('base64')}`;
  } catch (error) {
    // A page with a sketch is of more use than none; a store that is away is waited for.
    if (error instanceof Error && error.name === 'StoreAway') throw error;
    return undefined;
  }
}

function drawn({ label, bbox, kind }: Box, index: number, width: number, height: number, sketch: boolean): Html {
  const [left, top, right, bottom] = [bbox[0] * width, bbox[1] * height, bbox[2] * width, bbox[3] * height];
  const [wide, high] = [Math.max(1, right - left), Math.max(1, bottom - top)];
  const colour =
    kind === 'look' ? COLOURS[2] : kind === 'text' ? COLOURS[4] : (COLOURS[index % 4 === 2 ? 5 : index % 4] as string);
  const size = Math.max(9, width / 36);
  if (kind === 'text') {
    // On a picture the text stands already; in a sketch it is all there is.
    const letters = Math.min(high * 0.8, size * 1.6);
    return html`<g><rect x="${left}" y="${top}" width="${wide}" height="${high}" fill="none" stroke="${colour}" stroke-width="1"/>${
      sketch &&
      html`<text x="${left + 1}" y="${top + high * 0.78}" font-size="${letters}" textLength="${Math.max(1, wide - 2)}" lengthAdjust="spacingAndGlyphs" class="ink">${label}</text>`
    }</g>`;
  }
  // Above the box where there is room, else within it; below what was looked at, as what was found there is above.
  const above = top > size * 1.4 ? top - size * 0.35 : top + size * 1.05;
  // Near the right edge a label ends with its box, or it would be cut off.
  const late = left > width * 0.6;
  const at = kind === 'look' ? Math.min(bottom + size, height - 2) : above;
  return html`<g><rect x="${left}" y="${top}" width="${wide}" height="${high}" fill="${sketch ? colour : 'none'}" fill-opacity="0.15" stroke="${colour}" stroke-width="2"${
    kind === 'look' && html` stroke-dasharray="6 4"`
  }/><text x="${late ? right : left + 2}" text-anchor="${late ? 'end' : 'start'}" y="${at}" font-size="${size}" class="halo">${label}</text></g>`;
}

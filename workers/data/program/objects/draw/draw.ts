/** A scene of objects as a picture. */
import sharp from 'sharp';
import type { Wear } from '../../../observe/detector.ts';
import type { Random } from '../../../random.ts';
import type { Pattern, SceneObject, ScenePicture } from '../scene.ts';
import { COLOURS } from '../words/kinds.ts';
import { GROUNDS } from './grounds.ts';
import { DRAWINGS } from './shapes.ts';
import { SHAPES } from './sizes.ts';

/** A colour between this one and black (below 1) or white (above 1). */
function toned(hex: string, factor: number): string {
  const parts = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16));
  const mixed = parts.map((part) => (factor <= 1 ? part * factor : 255 - (255 - part) * (2 - factor)));
  return `#${mixed.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

/** Marks of a pattern are of the thing's own colour, lighter or darker, so that its colour stays plain. */
function patternOf(id: string, pattern: Pattern, colour: string, dark: boolean): string {
  if (pattern === 'plain') return '';
  const mark = toned(colour, dark ? 1.35 : 0.72);
  const marks =
    pattern === 'striped'
      ? `<rect width="7" height="20" fill="${mark}"/>`
      : `<circle cx="10" cy="10" r="4.5" fill="${mark}"/>`;
  const turn = pattern === 'striped' ? ' patternTransform="rotate(30)"' : '';
  return `<pattern id="${id}" width="20" height="20" patternUnits="userSpaceOnUse"${turn}><rect width="20" height="20" fill="${colour}"/>${marks}</pattern>`;
}

function drawn(
  { label, colour, pattern = 'plain', box, depth }: SceneObject,
  id: string,
  width: number,
  height: number,
): string {
  const drawing = DRAWINGS[label];
  const shape = SHAPES[label];
  const hex = COLOURS[colour ?? ''];
  if (!drawing || !shape || hex === undefined) throw new Error(`there is no drawing of a ${colour} ${label}`);
  const dark = colour === 'black';
  const [x, y] = [box[0] * width, box[1] * height];
  const [w, h] = [(box[2] - box[0]) * width, (box[3] - box[1]) * height];
  const line = dark ? '#77777c' : '#2a2a2e';
  const fill = pattern === 'plain' ? hex : `url(#${id})`;
  // What stands on the ground has a shadow there, which says where it stands.
  const shadow =
    depth === undefined || shape.flies
      ? ''
      : `<ellipse cx="${(x + w / 2).toFixed(1)}" cy="${(y + h).toFixed(1)}" rx="${(w * 0.5).toFixed(1)}" ry="${(w * 0.07).toFixed(1)}" fill="#000000" fill-opacity="0.22"/>`;
  const scale = `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${(w / (100 * shape.aspect)).toFixed(4)} ${(h / 100).toFixed(4)})`;
  const body = drawing({ fill, shade: toned(hex, dark ? 1.25 : 0.72), line });
  return `<defs>${patternOf(id, pattern, hex, dark)}</defs>${shadow}<g transform="${scale}" stroke="${line}" stroke-width="1.8" stroke-linejoin="round">${body}</g>`;
}

/** The picture as SVG, things in the order of the scene: farthest first. */
export function sceneSvg(rng: Random, { width, height, template, objects }: ScenePicture): string {
  const ground = GROUNDS[template];
  if (!ground) throw new Error(`there is no ground for ${template}`);
  const things = objects.map((object, i) => drawn(object, `p${i}`, width, height)).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${ground(rng, width, height)}${things}</svg>`;
}

/** Blur (sigma in pixels), grain (grey levels), JPEG quality of each degree of wear, as cameras and copies do it. */
const WORN: Readonly<Record<Wear, { blur: number; grain: number; quality: number; contrast: number }>> = {
  none: { blur: 0, grain: 0, quality: 100, contrast: 1 },
  light: { blur: 0.5, grain: 4, quality: 80, contrast: 0.95 },
  medium: { blur: 0.9, grain: 9, quality: 55, contrast: 0.85 },
  heavy: { blur: 1.6, grain: 18, quality: 30, contrast: 0.7 },
};

/** PNG of a scene, worn without moving anything: boxes stay true. */
export async function drawPicture(rng: Random, picture: ScenePicture, wear: Wear): Promise<Buffer> {
  const clean = sharp(Buffer.from(sceneSvg(rng, picture))).removeAlpha();
  if (wear === 'none') return clean.png({ compressionLevel: 6 }).toBuffer();
  const { blur, grain, quality, contrast } = WORN[wear];
  const { data, info } = await clean
    .blur(Math.max(0.3, blur))
    .linear(contrast, (1 - contrast) * 128)
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let i = 0; i < data.length; i += 3) {
    const shift = (rng.next() + rng.next() - 1) * grain * 2;
    for (let c = 0; c < 3; c++) data[i + c] = Math.min(255, Math.max(0, data[i + c]! + shift));
  }
  const raw = { width: info.width, height: info.height, channels: 3 as const };
  const copied = await sharp(data, { raw }).jpeg({ quality }).toBuffer();
  return sharp(copied).png({ compressionLevel: 6 }).toBuffer();
}

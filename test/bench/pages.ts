/**
 * What the engines see: every photo of a folder with its objects and faces drawn on it, several to a sheet, to be looked
 * at and counted by eye.
 *
 *     npm run bench -- pages [FOLDER] [--out FOLDER]
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp, { type OverlayOptions } from 'sharp';
import { drawRegions } from '../../workers/tools/draw/regions.ts';
import { detector } from '../../workers/tools/engines/detector.ts';
import { detectFaces } from '../../workers/tools/engines/faces/engine.ts';
import type { Detection } from '../../workers/tools/engines/vision.ts';
import { regionList } from '../../workers/tools/region-list.ts';

/** A sheet has three photos across and two down, each in a cell of this size with its name above it. */
const [ACROSS, DOWN] = [3, 2];
const CELL = { width: 640, height: 520 };
const NAME_HEIGHT = 40;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
const standard = fileURLToPath(new URL('../../../shared/data/mmvet-open/images/', import.meta.url));
// The first word is the benchmark's own name where it is started by main.ts.
const folder = resolve(positionals.filter((word) => word !== 'pages')[0] ?? standard);
const out = resolve(values.out ?? '.cota/pages');

if (!existsSync(folder)) {
  console.log(`No photos at ${folder}: nothing to draw.`);
  process.exit(0);
}

const limits = { timeLimitMs: 120_000 };

async function look(file: string): Promise<Buffer> {
  const bytes = readFileSync(join(folder, file));
  const picture = { sha256: file, bytes };
  const objects = await detector().detect(picture, undefined, limits);
  const faces = await detectFaces(picture, limits);
  console.log(`${file}: ${listed(objects)}${faces.length > 0 ? `; ${listed(faces)}` : ''}`);
  const all = [...objects, ...faces];
  const named = [...regionList(objects), ...regionList(faces)];
  return drawRegions(
    bytes,
    named.map(({ label, bbox, score }, i) => ({ label: `${label} ${score}`, bbox, group: all[i]!.label })),
  );
}

const listed = (found: readonly Detection[]) =>
  found.map(({ label, score }) => `${label} ${score.toFixed(2)}`).join(', ') || 'no objects';

/** A white strip with the name of the photo on it, drawn as every other label is. */
async function nameStrip(name: string): Promise<Buffer> {
  const strip = sharp({ create: { width: CELL.width, height: NAME_HEIGHT, channels: 3, background: '#ffffff' } });
  const blank = await strip.png().toBuffer();
  return drawRegions(blank, [{ label: name, bbox: [0, 0, 0.001, 0.02] }], { colour: [255, 255, 255] });
}

async function sheetOf(files: readonly string[]): Promise<Buffer> {
  const parts: OverlayOptions[] = [];
  for (const [i, file] of files.entries()) {
    const [left, top] = [(i % ACROSS) * CELL.width, Math.floor(i / ACROSS) * CELL.height];
    const room = { width: CELL.width - 10, height: CELL.height - NAME_HEIGHT - 10 };
    const drawn = await sharp(await look(file))
      .resize({ ...room, fit: 'inside' })
      .toBuffer();
    parts.push({ input: await nameStrip(file), left, top }, { input: drawn, left, top: top + NAME_HEIGHT });
  }
  const size = { width: ACROSS * CELL.width, height: DOWN * CELL.height };
  return sharp({ create: { ...size, channels: 3, background: '#ffffff' } })
    .composite(parts)
    .png()
    .toBuffer();
}

mkdirSync(out, { recursive: true });
const photos = readdirSync(folder).filter((name) => /\.(png|jpe?g|webp|gif|tiff?|avif)$/i.test(name));
for (let start = 0; start < photos.length; start += ACROSS * DOWN) {
  const name = `sheet-${start / (ACROSS * DOWN) + 1}.png`;
  await sharp(await sheetOf(photos.slice(start, start + ACROSS * DOWN))).toFile(join(out, name));
  console.log(`-> ${join(out, name)}`);
}

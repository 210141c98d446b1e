/**
 * How the embedded detector errs on photos that get worse: `node workers/data/observe/measure-detector.ts FOLDER [N]`.
 * Each photo of the folder is looked at as it is; what is found there is held for true. Then it is cut, scaled, blurred
 * and compressed N times for each wear, and asked for those kinds and four others. Printed are the rates of detector-rates.ts.
 * What the detector misses in the untouched photo cannot show: the rates are of what wear adds.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { detector } from '../../tools/engines/detector.ts';
import type { Detection } from '../../tools/engines/vision.ts';
import { type Random, random } from '../random.ts';
import type { Box, Wear } from './detector.ts';

type Worn = Exclude<Wear, 'none'>;
const WEARS: readonly Worn[] = ['light', 'medium', 'heavy'];
const HARSHNESS: Readonly<Record<Worn, number>> = { light: 0.25, medium: 0.6, heavy: 1 };

interface Seen {
  readonly bytes: Buffer;
  /** Part of the photo that is left: left, top, width, height as fractions of it. */
  readonly part: readonly [number, number, number, number];
}

/** A photo as a worse camera, held a little otherwise, would have taken it. */
async function worn(rng: Random, photo: Buffer, wear: Worn): Promise<Seen> {
  const h = HARSHNESS[wear];
  const { width, height } = (await sharp(photo).metadata()) as { width: number; height: number };
  const cut = (): number => rng.next() * 0.06 * h;
  const [l, t] = [cut(), cut()];
  const part = [l, t, 1 - l - cut(), 1 - t - cut()] as const;
  const box = {
    left: Math.round(part[0] * width),
    top: Math.round(part[1] * height),
    width: Math.floor(part[2] * width),
    height: Math.floor(part[3] * height),
  };
  const long = Math.max(box.width, box.height);
  const side = Math.round(Math.min(long, 1000 - h * (300 + rng.next() * 420)));
  let image = sharp(await sharp(photo).extract(box).resize({ width: side, height: side, fit: 'inside' }).toBuffer());
  if (rng.chance(0.3 + 0.5 * h)) image = image.blur(0.3 + rng.next() * 1.7 * h);
  const contrast = 1 - rng.next() * 0.5 * h;
  image = image.removeAlpha().linear(contrast, (1 - contrast) * rng.int(40, 190));
  return { bytes: await image.jpeg({ quality: Math.round(90 - h * rng.int(10, 68)) }).toBuffer(), part };
}

const overlap = (a: Box, b: Box): number => {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (w <= 0 || h <= 0) return 0;
  const area = (x: Box): number => (x[2] - x[0]) * (x[3] - x[1]);
  return (w * h) / (area(a) + area(b) - w * h);
};

/** A box of the photo, in the part of it that is left. */
function within(box: Box, [l, t, w, h]: Seen['part']): Box {
  const x = (v: number): number => Math.min(1, Math.max(0, (v - l) / w));
  const y = (v: number): number => Math.min(1, Math.max(0, (v - t) / h));
  return [x(box[0]), y(box[1]), x(box[2]), y(box[3])];
}

const LIMITS = { timeLimitMs: 120_000 };
const folder = process.argv[2];
const times = Number(process.argv[3] ?? 12);
if (!folder) {
  console.error('node workers/data/observe/measure-detector.ts FOLDER [TIMES]: a folder of photos');
  process.exit(2);
}
const photos = readdirSync(folder)
  .filter((name) => /\.(png|jpe?g|webp)$/i.test(name))
  .sort();
const look = (name: string, bytes: Buffer, labels?: readonly string[]): Promise<readonly Detection[]> =>
  detector().detect({ sha256: name, bytes }, labels, LIMITS);

/** Clear: found at 0.5 or more in the untouched photo. */
type Clarity = 'clear' | 'faint';
interface Group {
  objects: number;
  missed: number;
  doubtful: number;
  scores: number[];
}
interface Tally {
  groups: Readonly<Record<Clarity, Group>>;
  pictures: number;
  falseBoxes: number;
  falseSure: number;
  offsets: number[];
  falseScores: number[];
}
const tallies = new Map<Worn, Tally>();
for (const wear of WEARS)
  tallies.set(wear, {
    groups: {
      clear: { objects: 0, missed: 0, doubtful: 0, scores: [] },
      faint: { objects: 0, missed: 0, doubtful: 0, scores: [] },
    },
    ...{ pictures: 0, falseBoxes: 0, falseSure: 0, offsets: [], falseScores: [] },
  });

/** Scores in the untouched photos. */
const plain: number[] = [];
for (const [nth, name] of photos.entries()) {
  const photo = await sharp(readFileSync(join(folder, name)))
    .rotate()
    .removeAlpha()
    .png()
    .toBuffer();
  const found = await look(`${name}-plain`, photo);
  plain.push(...found.map(({ score }) => score));
  const kinds = [...new Set(found.map(({ label }) => label))];
  for (const wear of WEARS) {
    const tally = tallies.get(wear) as Tally;
    for (let i = 0; i < times; i++) {
      const seen = await worn(random(nth, `${wear}-${i}`), photo, wear);
      const others = random(nth, `others-${i}`).sample(
        (detector().vocabulary ?? []).filter((kind) => !kinds.includes(kind)),
        4,
      );
      const asked = await look(`${name}-${wear}-${i}`, seen.bytes, [...kinds, ...others]);
      const again = asked.filter(({ score }) => score >= 0.3);
      tally.pictures++;
      const taken = new Set<Detection>();
      for (const object of found) {
        const box = within(object.bbox, seen.part);
        // Cut in half by the border: another object, as far as anybody can tell.
        if ((box[2] - box[0]) * seen.part[2] < 0.7 * (object.bbox[2] - object.bbox[0])) continue;
        if ((box[3] - box[1]) * seen.part[3] < 0.7 * (object.bbox[3] - object.bbox[1])) continue;
        const group = tally.groups[object.score >= 0.5 ? 'clear' : 'faint'];
        group.objects++;
        const best = again
          .filter((d) => d.label === object.label && !taken.has(d) && overlap(d.bbox, box) >= 0.5)
          .sort((a, b) => overlap(b.bbox, box) - overlap(a.bbox, box))[0];
        if (!best) {
          group.missed++;
          continue;
        }
        taken.add(best);
        if (best.score < 0.5) group.doubtful++;
        group.scores.push(best.score);
        const [w, h] = [box[2] - box[0], box[3] - box[1]];
        for (const [k, side] of best.bbox.entries())
          tally.offsets.push((side - (box[k] as number)) / (k % 2 === 0 ? w : h));
      }
      for (const d of again) {
        if (taken.has(d) || found.some((f) => f.label === d.label && overlap(within(f.bbox, seen.part), d.bbox) > 0.3))
          continue;
        tally.falseBoxes++;
        if (d.score >= 0.5) tally.falseSure++;
        tally.falseScores.push(d.score);
      }
    }
  }
}

const quantiles = (values: number[]): number[] => {
  const sorted = [...values].sort((a, b) => a - b);
  return [0.05, 0.25, 0.5, 0.75, 0.95].map((q) =>
    Number((sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN).toFixed(3)),
  );
};
console.log(`${plain.length} objects in ${photos.length} photos, scores (5 25 50 75 95 %) ${quantiles(plain)}`);
for (const wear of WEARS) {
  const t = tallies.get(wear) as Tally;
  const share = (n: number, of: number): string => (n / of).toFixed(4);
  console.log(`${wear}: ${t.pictures} pictures`);
  for (const [clarity, g] of Object.entries(t.groups)) {
    console.log(
      `  ${clarity}: ${g.objects} objects, missed ${share(g.missed, g.objects)}, doubtful ${share(g.doubtful, g.objects)}`,
    );
    console.log(`    scores (5 25 50 75 95 %) ${quantiles(g.scores)}`);
  }
  console.log(
    `  false boxes a picture ${share(t.falseBoxes, t.pictures)}, of them sure ${share(t.falseSure, t.falseBoxes)}`,
  );
  console.log(`  scores of false ones (5 25 50 75 95 %) ${quantiles(t.falseScores)}`);
  const absolute = t.offsets.map(Math.abs);
  console.log(`  offset of a side in box sizes: ${quantiles(t.offsets)}; absolute ${quantiles(absolute)}`);
}
process.exit(0);

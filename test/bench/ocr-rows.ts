/**
 * Whether rows keep together: each picture is bent, and every pair of neighbours that stood in one row of the picture
 * as it is should stand in one row still. Pairs that are not read any more are left out, and counted.
 *
 *     node test/bench/ocr-rows.ts [name of a picture ...]
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { readPage } from '../../workers/tools/engines/ppocr/read-page.ts';

type From = (x: number, y: number, width: number, height: number) => readonly [number, number];

const bends: Readonly<Record<string, (bytes: Buffer) => Promise<Buffer>>> = {
  'turned by -8 degrees': (bytes) => sharp(bytes).rotate(-8, { background: '#fff' }).png().toBuffer(),
  'turned by 4 degrees': (bytes) => sharp(bytes).rotate(4, { background: '#fff' }).png().toBuffer(),
  'from aside (edges 20 % apart)': (bytes) =>
    bent(bytes, (x, y, width, height) => [x, height / 2 + (y - height / 2) * (1 + 0.2 * (x / width - 0.5))]),
  'curled (by 3 % of its width)': (bytes) =>
    bent(bytes, (x, y, width) => [x, y + 0.03 * width * (Math.sin((Math.PI * x) / width) - 0.5)]),
  'on its head': (bytes) => sharp(bytes).rotate(180).png().toBuffer(),
};

async function bent(bytes: Buffer, from: From): Promise<Buffer> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const out = Buffer.alloc(data.length, 255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [sx, sy] = from(x, y, width, height);
      const [x0, y0] = [Math.floor(sx), Math.floor(sy)];
      if (x0 < 0 || y0 < 0 || x0 >= width - 1 || y0 >= height - 1) continue;
      const [fx, fy] = [sx - x0, sy - y0];
      for (let c = 0; c < 3; c++) {
        const at = (y0 * width + x0) * 3 + c;
        const below = at + width * 3;
        const upper = data[at]! * (1 - fx) + data[at + 3]! * fx;
        out[(y * width + x) * 3 + c] = upper * (1 - fy) + (data[below]! * (1 - fx) + data[below + 3]! * fx) * fy;
      }
    }
  }
  return sharp(out, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Started by test/bench/main.ts, the name of this benchmark stands before them. */
const asked = process.argv.slice(2).filter((name) => name !== 'ocr-rows');

const folders = ['receipts-open', 'mmvet-open'].map(
  (name) => new URL(`../../../shared/data/${name}/images/`, import.meta.url),
);
const files = folders
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => new URL(name, folder)))
  .filter(({ pathname }) => asked.length === 0 || asked.some((name) => pathname.includes(`/${name}.`)));
if (!files.length) console.log('There are no such pictures in ../shared/data: nothing to measure.');

const tight = (text: string) => text.toLowerCase().replace(/\s/g, '');
const options = { session: { device: 'cpu', threads: 1 } } as const;
const sums = new Map(Object.keys(bends).map((name) => [name, { kept: 0, read: 0, pairs: 0 }]));
for (const file of files) {
  const plain = await sharp(readFileSync(file))
    .autoOrient()
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .png()
    .toBuffer();
  const pairs = (await readPage(plain, options)).rows
    .flatMap(({ cells }) => cells.slice(1).map((cell, i) => [tight(cells[i]!.text), tight(cell.text)] as const))
    .filter(([a, b]) => a.length > 1 && b.length > 1);
  for (const [name, bend] of pairs.length ? Object.entries(bends) : []) {
    const page = await readPage(await bend(plain), options);
    const rows = page.rows.map(({ text }) => tight(text));
    const all = tight(page.text);
    const read = pairs.filter(([a, b]) => all.includes(a) && all.includes(b));
    const kept = read.filter(([a, b]) =>
      rows.some((row) => row.includes(a) && row.includes(b, row.indexOf(a) + a.length)),
    );
    const sum = sums.get(name)!;
    sum.kept += kept.length;
    sum.read += read.length;
    sum.pairs += pairs.length;
  }
}
for (const [name, { kept, read, pairs }] of sums)
  console.log(`${name.padEnd(30)} ${kept}/${read} = ${((100 * kept) / read).toFixed(1)} % of pairs read (of ${pairs})`);

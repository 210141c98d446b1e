/**
 * Makes the pictures of `npm run demo` again: `node infra/demo/make-pictures.ts`. They are drawn from the scenes below by
 * the data factory's renderer; everything on them is invented.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { random } from '../../workers/data/random.ts';
import { layOut } from '../../workers/data/render/draw.ts';
import type { Facts, Scene, SceneRow } from '../../workers/data/scene/scene.ts';

interface Demo {
  readonly file: string;
  /** Chooses colours and fonts. */
  readonly seed: number;
  readonly scene: Scene;
}

const title = (text: string): SceneRow => ({ style: 'title', cells: [text] });
const section = (text: string): SceneRow => ({ style: 'section', cells: [text] });
const text = (...cells: string[]): SceneRow => ({ style: 'text', cells });
const item = (...cells: string[]): SceneRow => ({ style: 'item', cells, valueLast: true });
const total = (...cells: string[]): SceneRow => ({ style: 'total', cells, valueLast: true });
const rule: SceneRow = { style: 'rule', cells: [] };

const menu: Facts = { kind: 'prices', what: 'menu', entries: [], subject: 'price', noun: 'dish' };
const receipt: Facts = { kind: 'receipt', fields: {}, items: [] };

const demos: readonly Demo[] = [
  {
    file: 'menu.png',
    seed: 8,
    scene: {
      template: 'demo-menu',
      facts: menu,
      rows: [
        title('The Copper Kettle'),
        section('From the oven'),
        item('Leek and walnut tart', '$8.50'),
        item('Pumpkin flatbread', '$7.20'),
        item('Mushroom pie', '$9.40'),
        section('Bowls'),
        item('Barley salad', '$6.80'),
        item('Lentil soup', '$5.60'),
        item('Ginger noodles', '$8.90'),
        section('Drinks'),
        item('Mint lemonade', '$3.20'),
        item('Oolong tea', '$2.70'),
        item('Cold brew coffee', '$3.90'),
      ],
    },
  },
  {
    file: 'receipt.png',
    seed: 10,
    scene: {
      template: 'demo-receipt',
      facts: receipt,
      rows: [
        title('MERIDIAN HOME STORE'),
        text('14, Quarry Lane'),
        text('20417 Larkham'),
        text('Tel 555-014-2290'),
        section('SALES RECEIPT'),
        text('Date', '06/03/2025'),
        text('Receipt No', 'M-20418'),
        rule,
        item('Garden hose 10m', '1', '24.90', '24.90'),
        item('Flower pot', '3', '4.25', '12.75'),
        item('Gloves', '2', '6.15', '12.30'),
        rule,
        total('Subtotal', '49.95'),
        total('Tax 8%', '4.00'),
        total('Total', '53.95'),
        total('Rounding', '-0.02'),
        total('Total rounded', '53.93'),
        total('Cash', '60.00'),
        total('Change', '6.07'),
        text('Thank you'),
      ],
    },
  },
  {
    file: 'equation.png',
    seed: 12,
    scene: {
      template: 'demo-equation',
      facts: { kind: 'equations', columns: 1, lines: 1, equations: [] },
      rows: [item('18 + 6 × 7 = ?')],
    },
  },
];

for (const { file, seed, scene } of demos) {
  const page = layOut(random(seed, file), 'train', scene);
  const path = join(import.meta.dirname, file);
  const bytes = await sharp(Buffer.from(page.svg)).png({ compressionLevel: 9 }).toBuffer();
  writeFileSync(path, bytes);
  console.log(`${path} ${page.width}x${page.height} ${Math.ceil(readFileSync(path).length / 1024)} KB`);
}

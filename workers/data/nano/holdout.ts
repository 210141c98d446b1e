/**
 * Receipts and menus of a layout, fonts, words and question skeletons that no training picture has: pictures and
 * questions.json, and what simple rules answer on them:
 * `node workers/data/nano/holdout.ts [--out .cota/data/holdout] [--pictures 300] [--seed 300]`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPage } from '../../tools/engines/ppocr/read-page.ts';
import type { Ask } from '../ask/ask.ts';
import { askScene } from '../ask/make.ts';
import { align } from '../observe/align.ts';
import { type Random, random } from '../random.ts';
import { wearOut } from '../render/degrade.ts';
import { boxMenuPage, cardMenuPage, framedReceiptPage } from '../render/holdout-pages.ts';
import { makeScene } from '../scene/make.ts';
import type { Scene } from '../scene/scene.ts';
import { realise } from './chain.ts';
import { truthOf } from './generate.ts';
import { RULES } from './rules.ts';
import { isRight } from './score.ts';

/** Kinds of question and how many of each come on ten pictures. */
const SHARES = {
  menu: [
    ['look-up/menu', 3],
    ['sums/2', 3],
    ['sums/1', 1],
    ['sums/difference', 1],
    ['sums/change', 1],
    ['extremes/name', 1],
  ],
  receipt: [
    ['receipt/total', 4],
    ['receipt/change', 1],
    ['receipt/cash', 1],
    ['receipt/tax', 1],
    ['receipt/subtotal', 0.5],
    ['receipt/date', 0.5],
    ['receipt/item', 1.5],
    ['sums/receipt', 1],
  ],
} as const;

/** A scene of the kind with a question of the wanted sort. */
function askFor(rng: Random, kind: 'menu' | 'receipt'): { scene: Scene; ask: Ask } {
  const wanted = rng.weighted(SHARES[kind] as readonly (readonly [string, number])[]);
  for (;;) {
    const scene = makeScene(rng, 'holdout', kind);
    if (scene.template === 'menu-two' || scene.template.endsWith('below')) continue;
    for (let tries = 0; tries < 60; tries++) {
      const ask = askScene(rng, scene, 'holdout');
      if (ask?.kind === wanted) return { scene, ask };
    }
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: '.cota/data/holdout' },
      pictures: { type: 'string', default: '300' },
      seed: { type: 'string', default: '300' },
    },
  });
  const wanted = Number(values.pictures);
  mkdirSync(values.out, { recursive: true });
  const questions: {
    image: string;
    question: string;
    answer: string;
    kind: string;
    derivable: boolean;
    rows: readonly string[];
  }[] = [];
  for (let index = 0; index < wanted; index++) {
    const rng = random(Number(values.seed), `holdout-${index}`);
    const kind = index % 2 === 0 ? 'menu' : 'receipt';
    const { scene, ask } = askFor(rng, kind);
    const page =
      kind === 'menu'
        ? rng.chance(0.5)
          ? cardMenuPage(rng, scene)
          : boxMenuPage(rng, scene)
        : framedReceiptPage(rng, scene, rng.chance(0.5));
    const picture = await wearOut(
      rng,
      page,
      rng.weighted([
        ['clean', 45],
        ['scan', 30],
        ['photo', 25],
      ] as const),
    );
    const image = `${String(index).padStart(3, '0')}-${kind}.${picture.type === 'image/png' ? 'png' : 'jpg'}`;
    writeFileSync(join(values.out, image), picture.bytes);
    const read = await readPage(picture.bytes, { session: { device: 'cpu', threads: 1 } });
    const rows = read.rows.map((row) => row.cells.map((cell) => cell.text.replaceAll('\t', ' ')).join('\t'));
    const derivable = realise(random(1), ask, align(scene, rows), truthOf(scene), picture)?.answer !== undefined;
    questions.push({ image, question: ask.text, answer: ask.truth, kind: ask.kind, derivable, rows });
    if ((index + 1) % 50 === 0) console.log(`${index + 1}/${wanted} pictures`);
  }
  writeFileSync(join(values.out, 'questions.json'), `${JSON.stringify(questions, null, 1)}\n`);
  const show = (name: string, right: (q: (typeof questions)[number]) => boolean): void => {
    const share = (list: typeof questions): string =>
      `${((100 * list.filter(right).length) / Math.max(1, list.length)).toFixed(0).padStart(4)} %`;
    console.log(
      `${name.padEnd(24)} all ${share(questions)}   menus ${share(questions.filter((q) => q.image.includes('menu')))}   receipts ${share(questions.filter((q) => q.image.includes('receipt')))}`,
    );
  };
  show('what was read suffices', (q) => q.derivable);
  for (const [name, rule] of Object.entries(RULES)) show(name, (q) => isRight(rule(q.question, q.rows), q.answer));
}

if (import.meta.main) await main();

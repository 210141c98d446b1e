/**
 * `npm run bench -- nano [questions per family] [folder] [--real] [--split validation] [--family NAMES] [--show]`: how
 * often a cota-nano folder is right on held-out questions of each family, every token its own. Columns: what the picture
 * truly says, what tools that err as ours do say of it, and (`--real`, for families of text) what our OCR reads of the
 * drawn picture. Beside each the ceiling: how often the program that knows the question's meaning is right from the same
 * observations. Right is what equals the truth of the picture, whatever a tool made of it.
 */
import { parseArgs } from 'node:util';
import { CANNOT_TELL, CHAIN_VERSION, type Chain, type Split } from '../../shared/data/chain.ts';
import { WORLDS } from '../../workers/data/program/program.ts';
import { random } from '../../workers/data/random.ts';
import { nanoChain } from '../../workers/train/nano/from-chain.ts';
import { type Played, play } from '../../workers/train/nano/play.ts';
import { isRight } from '../../workers/train/nano/score.ts';
import { openSpeaker } from './engine/speaker.ts';
import { madeOf, openDrawing } from './made-chains.ts';

const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: {
    real: { type: 'boolean', default: false },
    split: { type: 'string', default: 'holdout' },
    family: { type: 'string' },
    show: { type: 'boolean', default: false },
  },
});
const perFamily = Number(positionals[0] ?? 200);
const folder = positionals[1] ?? 'models/cota-nano';
const AT_ONCE = 16;

const { speak, close } = await openSpeaker(folder, 'fp32');

/** Counts of one family under one kind of observation. */
class Line {
  asked = 0;
  right = 0;
  free = 0;
  ceiling = 0;
  /** Questions that the observations answer, and how many of them were refused. */
  told = 0;
  refused = 0;
  untold = 0;
  refusedUntold = 0;

  add(other: Line): void {
    for (const key of Object.keys(other) as (keyof Omit<Line, 'add'>)[]) this[key] += other[key];
  }
}

/** Questions that need a tool which cota-nano does not have are not asked. */
async function judge(chain: Chain, line: Line, free: boolean): Promise<void> {
  const nano = nanoChain(chain, random(1, chain.id));
  if (typeof nano === 'string' || nano.prompt.tools.length < 2) return;
  const masked = await play(chain, nano.prompt, (prompt) => speak(prompt, 'spans'));
  // What the picture shows, also where its observations do not.
  const truth = { ...chain, truth: chain.facts?.sceneTruth ?? chain.truth, answer: null };
  const right = isRight(truth, masked.answer);
  line.asked++;
  line.right += Number(right);
  if (free)
    line.free += Number(isRight(truth, (await play(chain, nano.prompt, (prompt) => speak(prompt, undefined))).answer));
  const program = chain.answer ?? chain.truth;
  line.ceiling += Number(isRight(truth, program === CANNOT_TELL ? 'unknown' : program));
  if (truth.truth === CANNOT_TELL) {
    line.untold++;
    line.refusedUntold += Number(masked.answer === 'unknown');
  } else if (program !== CANNOT_TELL) {
    line.told++;
    line.refused += Number(masked.answer === 'unknown');
  }
  if (values.show && !right) show(chain, truth.truth, masked);
}

function show(chain: Chain, truth: string, { answer, turns: said, problem }: Played): void {
  const steps = said.map(({ quotes, action }) => {
    const marks = quotes.map((mark) => `r${mark}`).join(' ');
    return action === 'unknown' ? `${marks} unknown` : `${marks} ${action.name}(${action.argument})`;
  });
  const wanted = chain.answer === truth ? truth : `${truth} (program: ${chain.answer})`;
  console.log(`  - ${chain.question}\n    wanted ${wanted}, got ${answer ?? problem}: ${steps.join(' | ')}`);
}

const share = (part: number, whole: number): string =>
  (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)}`).padStart(9);
const KINDS = values.real ? (['annotation', 'noise', 'tool'] as const) : (['annotation', 'noise'] as const);
const TITLES = { annotation: 'true', noise: 'erring', tool: 'read' };

function print(name: string, lines: readonly Line[]): void {
  const cells = lines.flatMap(({ asked, right, ceiling }) => [share(right, asked), share(ceiling, asked)]);
  const last = lines[1] as Line;
  console.log(
    name.padEnd(20) +
      String(last.asked).padStart(6) +
      cells.join('') +
      share(last.free, last.asked) +
      share(last.refused, last.told) +
      share(last.refusedUntold, last.untold) +
      String(last.untold).padStart(8),
  );
}

console.log(`${folder}, split ${values.split}; right in per cent, ceiling beside it\n`);
console.log(
  `${'family'.padEnd(20)} asked${KINDS.map((kind) => `${TITLES[kind].padStart(9)}  ceiling`).join('')}  no mask  refused   untold   of them`,
);
const all = KINDS.map(() => new Line());
const drawing = values.real ? await openDrawing() : undefined;
for (const world of WORLDS) {
  for (const family of world.families) {
    if (values.family !== undefined && !values.family.split(',').includes(family)) continue;
    const lines = KINDS.map(() => new Line());
    for (const [nth, kind] of KINDS.entries()) {
      if (kind === 'tool' && world.name !== 'texts') continue;
      let open: Promise<void>[] = [];
      let number = 0;
      const wish = { perFamily, seed: 4242, split: values.split as Split, observe: kind, drawing };
      for await (const made of madeOf(world, family, wish)) {
        const chain: Chain = {
          ...{ version: CHAIN_VERSION, id: `${family}/${number++}`, source: 'held-out', origin: 'program' },
          ...{ licence: 'CC0-1.0', ...made },
        };
        open.push(judge(chain, lines[nth] as Line, kind === 'noise'));
        if (open.length < AT_ONCE) continue;
        await Promise.all(open);
        open = [];
      }
      await Promise.all(open);
      all[nth]?.add(lines[nth] as Line);
    }
    if (lines.some(({ asked }) => asked > 0)) print(family, lines);
  }
}
print('all', all);
await drawing?.close();
await close();

/**
 * `npm run bench -- nano [questions per family] [folder] [observe] [split]`: how often a cota-nano folder is right on
 * questions of each family, every token its own: with the mask of serving and without, and how often it says that it
 * cannot tell, on questions that can be told and on those that cannot. `observe`: annotation = what the picture truly
 * says, noise = as the tools err.
 */
import { CHAIN_VERSION, type Chain } from '../../shared/data/chain.ts';
import { checkChain } from '../../workers/data/check/check-chain.ts';
import { WORLDS } from '../../workers/data/program/program.ts';
import { random } from '../../workers/data/random.ts';
import { nanoChain } from '../../workers/train/nano/from-chain.ts';
import { type Played, play } from '../../workers/train/nano/play.ts';
import { isRight } from '../../workers/train/nano/score.ts';
import { openSpeaker } from './engine/speaker.ts';
import { madeOf } from './made-chains.ts';

const perFamily = Number(process.argv[3] ?? 200);
const folder = process.argv[4] ?? 'models/cota-nano';
const observe = process.argv[5] === 'annotation' ? 'annotation' : 'noise';
const split = process.argv[6] === 'validation' ? 'validation' : 'holdout';
const verbose = process.argv.includes('--show');

const { speak, close } = await openSpeaker(folder, 'fp32');

interface Line {
  asked: number;
  right: number;
  free: number;
  refused: number;
  told: number;
  untold: number;
  refusedUntold: number;
}

/** @returns 'other' for a family whose questions need a tool that it does not have */
async function judge(chain: Chain, line: Line): Promise<void> {
  const nano = nanoChain(chain, random(1, chain.id));
  if (typeof nano === 'string') return;
  const masked = await play(chain, nano.prompt, (prompt) => speak(prompt, 'spans'));
  const free = await play(chain, nano.prompt, (prompt) => speak(prompt, undefined));
  const right = isRight(chain, masked.answer);
  line.asked++;
  line.right += Number(right);
  line.free += Number(isRight(chain, free.answer));
  const untold = nano.turns.at(-1)?.action === 'unknown';
  line[untold ? 'untold' : 'told']++;
  if (masked.answer === 'unknown') line[untold ? 'refusedUntold' : 'refused']++;
  if (verbose && !right) show(chain, masked);
}

function show(chain: Chain, { answer, turns: said, problem }: Played): void {
  const steps = said.map(({ quotes, action }) => {
    const marks = quotes.map((mark) => `r${mark}`).join(' ');
    return action === 'unknown' ? `${marks} unknown` : `${marks} ${action.name}(${action.argument})`;
  });
  console.log(`  - ${chain.question}\n    wanted ${chain.answer}, got ${answer ?? problem}: ${steps.join(' | ')}`);
}

const share = (part: number, whole: number): string =>
  (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`).padStart(9);
console.log(`${folder}, ${observe} observations, split ${split}`);
console.log(
  `${'family'.padEnd(20)}${'asked'.padStart(7)}${'right'.padStart(9)}${'no mask'.padStart(9)}${'refused'.padStart(9)}${'untold'.padStart(8)}${'refused'.padStart(9)}`,
);
const all: Line = { asked: 0, right: 0, free: 0, refused: 0, told: 0, untold: 0, refusedUntold: 0 };
for (const world of WORLDS) {
  for (const family of world.families) {
    const line: Line = { asked: 0, right: 0, free: 0, refused: 0, told: 0, untold: 0, refusedUntold: 0 };
    let open: Promise<void>[] = [];
    let number = 0;
    for await (const made of madeOf(world, family, { perFamily, seed: 4242, split, observe })) {
      const chain: Chain = {
        version: CHAIN_VERSION,
        id: `${family}/${number++}`,
        source: 'held-out',
        origin: 'program',
        licence: 'CC0-1.0',
        ...made,
      };
      if (!checkChain(chain).ok) continue;
      open.push(judge(chain, line));
      if (open.length < 16) continue;
      await Promise.all(open);
      open = [];
    }
    await Promise.all(open);
    for (const key of Object.keys(all) as (keyof Line)[]) all[key] += line[key];
    print(family, line);
  }
}
print('all', all);
await close();

function print(name: string, { asked, right, free, refused, told, untold, refusedUntold }: Line): void {
  console.log(
    `${name.padEnd(20)}${String(asked).padStart(7)}${share(right, asked)}${share(free, asked)}${share(refused, told)}${String(untold).padStart(8)}${share(refusedUntold, untold)}`,
  );
}

/**
 * Chains in the shape of the factory's for tests and benchmarks of filter and mixture: as many as are asked for, each a
 * function of seed and number, with words enough that no two are alike unless they are meant to be.
 */
import type { Chain, OutcomeKind } from '../shared/data/chain.ts';
import { type Random, random } from '../workers/data/random.ts';

const THINGS = 'ball box cup lamp chair plate book shoe clock bottle vase spoon kite drum basket ladder'.split(' ');
const COLOURS = 'red green blue yellow black white orange purple brown grey'.split(' ');
const NAMES = 'mira solan teko barin ulm vessa quor dalin pemba roth sil nara'.split(' ');

export interface SampleOptions {
  readonly seed?: number;
  readonly source?: string;
  readonly origin?: 'model' | 'program';
  readonly outcome?: OutcomeKind;
  /** Changes a chain before it is handed out. */
  readonly change?: (chain: Chain, n: number) => Chain;
}

/** The n-th chain of a source: it counts objects, or reads a price list and adds two of its prices. */
export function sampleChain(n: number, options: SampleOptions = {}): Chain {
  const { seed = 1, source = 'sample', origin = 'program', outcome = 'CoTA-pos', change } = options;
  const rng = random(seed, `${source} ${n}`);
  const made = rng.chance(0.5) ? counting(rng) : adding(rng);
  const right = outcome.endsWith('-pos') || outcome === 'Direct';
  const answer = right ? made.truth : '0';
  const calls = outcome.startsWith('CoTA');
  const last = made.turns.at(-1) as Chain['turns'][number];
  const end = {
    thought: right ? last.thought : `${last.thought} I doubt it.`,
    actions: [{ name: 'Terminate', arguments: { answer } }],
    observations: [],
  };
  const chain: Chain = {
    version: 1,
    id: `${source}/${String(n).padStart(7, '0')}`,
    source,
    origin,
    split: 'train',
    outcome,
    question: made.question,
    truth: made.truth,
    answer,
    images: [{ name: 'image-0', width: 640, height: 480 }],
    tools: ['OCR', 'LocalizeObjects', 'Calculate', 'ZoomIn', 'Terminate'],
    turns: calls ? [...made.turns.slice(0, -1), end] : [end],
    ...(origin === 'program' && {
      facts: {
        family: made.family,
        template: 'sample',
        skeleton: made.skeleton,
        scene: `s${n}`,
        form: 'short-answer' as const,
        observed: 'noise' as const,
        wear: 'none',
        unanswerable: false,
      },
    }),
    verdict: { by: origin === 'program' ? 'checker' : 'rule', correct: right, why: right ? 'same' : 'other' },
    made: {
      seed,
      toolVersions: { OCR: '1', LocalizeObjects: '2' },
      ...(origin === 'model' && { model: 'm', modelVersion: 'm-1' }),
    },
    licence: 'CC0-1.0',
  };
  return change ? change(chain, n) : chain;
}

type Made = Pick<Chain, 'question' | 'truth' | 'turns'> & { readonly family: string; readonly skeleton: string };

function counting(rng: Random): Made {
  const kinds = rng.sample(THINGS, 3);
  const asked = kinds[0] as string;
  const regions = kinds.flatMap((label) =>
    Array.from({ length: rng.int(1, 4) }, (_, i) => ({
      label: i === 0 ? label : `${label}-${i + 1}`,
      bbox: [rng.int(0, 40), rng.int(0, 40), rng.int(50, 99), rng.int(50, 99)].map((v) => v / 100),
      score: rng.int(500, 990) / 1000,
    })),
  );
  const count = regions.filter(({ label }) => label.split('-')[0] === asked).length;
  const form = rng.pick(['How many $x are there?', 'Count the $x in the picture.', 'What is the number of $x?']);
  const rest = kinds.slice(1).join(' and ');
  return {
    family: 'count',
    skeleton: form,
    question: form.replace('$x', `${rng.pick(COLOURS)} ${asked}s`),
    truth: String(count),
    turns: [
      {
        thought: rng.pick([`I have to find each ${asked}.`, `Let me look for every ${asked} first.`]),
        actions: [{ name: 'LocalizeObjects', arguments: { image: 'image-0', objects: kinds } }],
        observations: [{ ok: true, result: { regions } }],
      },
      {
        thought: `There are ${count} regions of ${asked}, next to ${rest}, seen by ${rng.pick(NAMES)}.`,
        actions: [],
        observations: [],
      },
    ],
  };
}

function adding(rng: Random): Made {
  const rows = Array.from({ length: rng.int(4, 9) }, () => ({
    name: `${rng.pick(COLOURS)} ${rng.pick(NAMES)} ${rng.pick(THINGS)}`,
    price: rng.int(100, 9999) / 100,
  }));
  const [a, b] = rng.sample(rows, 2) as [(typeof rows)[number], (typeof rows)[number]];
  const sum = (a.price + b.price).toFixed(2);
  const form = rng.pick(['What do $a and $b cost together?', 'How much is $a with $b?', 'Total of $a plus $b?']);
  return {
    family: 'sums',
    skeleton: form,
    question: form.replace('$a', a.name).replace('$b', b.name),
    truth: sum,
    turns: [
      {
        thought: rng.pick(['The prices are printed, so I read them.', 'I need the text of the list.']),
        actions: [{ name: 'OCR', arguments: { image: 'image-0' } }],
        observations: [
          { ok: true, result: { text: rows.map(({ name, price }) => `${name}\t${price.toFixed(2)}`).join('\n') } },
        ],
      },
      {
        thought: `${a.name} is ${a.price.toFixed(2)} and ${b.name} is ${b.price.toFixed(2)}.`,
        actions: [{ name: 'Calculate', arguments: { expression: `${a.price.toFixed(2)} + ${b.price.toFixed(2)}` } }],
        observations: [{ ok: true, result: { result: Number(sum) } }],
      },
      { thought: `Together that is ${sum}.`, actions: [], observations: [] },
    ],
  };
}

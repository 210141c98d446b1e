/**
 * Options of multiple choice: one is right, the others come from where the right one comes from, so that neither size,
 * length nor place gives it away.
 */
import type { Random } from '../../random.ts';

export interface Options {
  /** In the order of the letters. */
  readonly texts: readonly string[];
  readonly letter: string;
}

const WANTED = 4;
const plainNumber = /^-?\d+(?:\.\d+)?$/;

/** Numbers near the right one, with as many decimals: what a slip in the sum would give. */
function nearMisses(rng: Random, truth: string, above: boolean, count: number, taken: Set<string>): string[] {
  const value = Number(truth);
  const places = truth.split('.')[1]?.length ?? 0;
  const step = 10 ** -places;
  const out: string[] = [];
  for (let tries = 0; out.length < count && tries < 40; tries++) {
    const by = Math.max(step, Math.abs(value) * (0.02 + rng.next() * rng.pick([0.1, 0.3, 0.6])));
    const made = (above ? value + by : value - by).toFixed(places);
    if (taken.has(made) || Number(made) === value || (value >= 0 && Number(made) < 0)) continue;
    taken.add(made);
    out.push(made);
  }
  return out;
}

/**
 * @param others of the same kind on the page: other names, other amounts; empty for what was calculated
 * @returns undefined where there are not enough different ones
 */
export function optionsFor(rng: Random, truth: string, others: readonly string[]): Options | undefined {
  const key = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}.]/gu, '');
  const taken = new Set([key(truth)]);
  const pool: string[] = [];
  for (const other of rng.shuffle(others)) {
    if (other === '' || taken.has(key(other)) || (plainNumber.test(truth) && Number(other) === Number(truth))) continue;
    taken.add(key(other));
    pool.push(other);
  }
  let wrong: string[];
  if (plainNumber.test(truth)) {
    // The right one is as often the least as the greatest of the options.
    const below = rng.int(0, WANTED - 1);
    const less = pool.filter((p) => plainNumber.test(p) && Number(p) < Number(truth));
    const more = pool.filter((p) => plainNumber.test(p) && Number(p) > Number(truth));
    wrong = [
      ...less.slice(0, below),
      ...nearMisses(rng, truth, false, Math.max(0, below - less.length), taken),
      ...more.slice(0, WANTED - 1 - below),
    ];
    wrong.push(...nearMisses(rng, truth, true, WANTED - 1 - wrong.length, taken));
  } else wrong = pool.slice(0, WANTED - 1);
  if (wrong.length < 2) return undefined;
  const texts = rng.shuffle([truth, ...wrong]);
  return { texts, letter: String.fromCharCode(65 + texts.indexOf(truth)) };
}

/** The question with its options below it. */
export function withOptions(rng: Random, question: string, texts: readonly string[]): string {
  const mark = rng.pick<(letter: string) => string>([(l) => `${l}.`, (l) => `(${l})`, (l) => `${l})`, (l) => `${l}:`]);
  const lines = texts.map((text, i) => `${mark(String.fromCharCode(65 + i))} ${text}`);
  const head = rng.weighted([
    ['', 5],
    ['\nOptions:', 2],
    ['\nChoices:', 2],
  ] as const);
  const tail = rng.weighted([
    ['', 5],
    ["\nAnswer with the option's letter.", 2],
    ['\nReply with one letter.', 1],
    ['\nChoose the right option.', 1],
  ] as const);
  return `${question}${head}\n${lines.join('\n')}${tail}`;
}

/**
 * The shortcut audit: how often rules that ignore the question, or the picture, come to the answer. What a rule gains
 * over chance is what a model could learn instead of looking; none may gain more than 15 points.
 */
import { CANNOT_TELL, type Chain } from '../../../shared/data/chain.ts';

export interface AuditLine {
  readonly family: string;
  readonly form: 'multiple-choice' | 'short-answer';
  readonly chains: number;
  /** Per cent that guessing among what is there gets right. */
  readonly chance: number;
  /** Per cent right, by rule. */
  readonly rules: Readonly<Record<string, number>>;
  /** Points by which the best rule beats chance, and which one that is. */
  readonly worst: number;
  readonly by: string;
}

export const MOST_POINTS = 15;

type AuditChain = Pick<Chain, 'question' | 'choices' | 'truth' | 'turns' | 'facts' | 'images'>;

interface View {
  readonly truth: string;
  readonly choices: readonly string[] | undefined;
  /** Numbers in the order in which observations of looking have them. */
  readonly numbers: readonly string[];
  /** Names: labels of regions, or cells of rows that are no number. */
  readonly labels: readonly string[];
  readonly images: readonly string[];
  /**
   * Whether these come from reading: what a page says does not hang on the question, what was looked for does. Which of
   * four things a picture shows (`exists` with options) is answered by the one that was found: that is no way round the
   * question, which is in what was looked for.
   */
  readonly read: boolean;
}

const LOOKS = new Set([
  'OCR',
  'LocalizeObjects',
  'GetObjects',
  'DetectFaces',
  'EstimateObjectDepth',
  'EstimateRegionDepth',
]);
const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}.-]/gu, '');

/** What a rule may look at: the observations of the first looks, without what was calculated. */
function viewOf({ truth, choices, turns, images }: AuditChain): View {
  const numbers: string[] = [];
  const labels: string[] = [];
  let read = false;
  for (const { actions, observations } of turns)
    actions.forEach(({ name }, i) => {
      const observation = observations[i];
      if (!LOOKS.has(name) || !observation?.ok) return;
      const { text, regions, objects, depth } = observation.result as Record<string, unknown>;
      if (typeof text === 'string') {
        read = true;
        numbers.push(...(text.match(/\d+(?:[.,]\d+)*/g) ?? []).map((n) => n.replace(/,(?=\d{3}\b)/g, '')));
        labels.push(...text.split(/[\n\t]/).filter((cell) => /\p{L}{2}/u.test(cell)));
      }
      if (Array.isArray(regions))
        for (const region of regions as { label?: unknown }[])
          if (typeof region.label === 'string') labels.push(region.label.replace(/-\d+$/, ''));
      if (Array.isArray(objects)) labels.push(...objects.filter((one) => typeof one === 'string'));
      if (typeof depth === 'number') numbers.push(String(depth));
    });
  return { truth, choices, numbers, labels, images: images.map(({ name }) => name), read };
}

const ordered = (numbers: readonly string[]): string[] => [...numbers].sort((a, b) => Number(a) - Number(b));

function commonest(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Rules that see what was looked at, or the options, and never the question. */
const RULES: Readonly<Record<string, (view: View) => string | undefined>> = {
  'first number': ({ numbers }) => numbers[0],
  'last number': ({ numbers }) => numbers.at(-1),
  'largest number': ({ numbers }) => ordered(numbers).at(-1),
  'smallest number': ({ numbers }) => ordered(numbers)[0],
  'commonest number': ({ numbers }) => commonest(numbers),
  'first label': ({ labels }) => labels[0],
  'last label': ({ labels }) => labels.at(-1),
  'commonest label': ({ labels }) => commonest(labels),
  'first image': ({ images }) => images[0],
  'last image': ({ images }) => images.at(-1),
};

const letter = (at: number): string | undefined => (at < 0 ? undefined : String.fromCharCode(65 + at));
const extreme = (choices: readonly string[], size: (text: string) => number, sign: 1 | -1): string | undefined => {
  const sizes = choices.map((choice) => sign * size(choice));
  return sizes.some(Number.isNaN) ? undefined : letter(sizes.indexOf(Math.max(...sizes)));
};
const numberIn = (text: string): number => (/^-?\d+(?:\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN);

const OPTION_RULES: Readonly<Record<string, (choices: readonly string[], view: View) => string | undefined>> = {
  'first option': () => 'A',
  'last option': (choices) => letter(choices.length - 1),
  'always C': () => 'C',
  'longest option': (choices) => extreme(choices, (text) => text.length, 1),
  'shortest option': (choices) => extreme(choices, (text) => text.length, -1),
  'largest option': (choices) => extreme(choices, numberIn, 1),
  'smallest option': (choices) => extreme(choices, numberIn, -1),
  'only option seen': (choices, { numbers, labels, read }) => {
    if (!read) return undefined;
    const seen = new Set([...numbers, ...labels].map(plain));
    const found = choices.filter((choice) => seen.has(plain(choice)));
    return found.length === 1 ? letter(choices.indexOf(found[0] as string)) : undefined;
  },
};

const same = (said: string | undefined, truth: string): boolean =>
  said !== undefined &&
  (plain(said) === plain(truth) || (said !== '' && truth !== '' && Number(said) === Number(truth)));

/** Different answers of a family that are few enough to be guessed among: `left of`, `above`, ... */
const FEW = 12;

/** Answers that guessing chooses from: options; images where one is asked for; what is there; a few that all questions share. */
function chanceOf({ truth, choices, numbers, labels, images }: View, answers: number): number {
  if (choices) return 1 / choices.length;
  if (/^image-\d+$/.test(truth)) return 1 / Math.max(1, images.length);
  if (/^(yes|no)\b/i.test(truth)) return 0.5;
  const there = Number.isNaN(Number(truth)) ? labels : numbers;
  if (there.some((one) => same(one, truth))) return 1 / new Set(there.map(plain)).size;
  return answers <= FEW ? 1 / answers : 0;
}

/**
 * Question only: the commonest answer of the skeleton (of the family, where the skeleton is new), learned on every other
 * scene and tested on the rest.
 * @returns chains of the tested half that it gets right, and how many there are
 */
function questionOnly(
  chains: readonly AuditChain[],
  answer: (chain: AuditChain) => string,
): { right: number; all: number } {
  const scenes = [...new Set(chains.map(({ facts }) => facts?.scene ?? ''))].sort();
  const learning = new Set(scenes.filter((_, i) => i % 2 === 0));
  const seen = new Map<string, string[]>();
  for (const chain of chains) {
    if (!learning.has(chain.facts?.scene ?? '')) continue;
    const key = chain.facts?.skeleton ?? '';
    seen.set(key, [...(seen.get(key) ?? []), answer(chain)]);
  }
  const usual = commonest([...seen.values()].flat());
  let right = 0;
  let all = 0;
  for (const chain of chains) {
    if (learning.has(chain.facts?.scene ?? '')) continue;
    all++;
    const guess = commonest(seen.get(chain.facts?.skeleton ?? '') ?? []) ?? usual;
    if (guess !== undefined && same(guess, answer(chain))) right++;
  }
  return { right, all };
}

/**
 * Opposite questions are one group: whoever ignores the question does not know which of them it is, and `the commonest`
 * is no shortcut to the most frequent thing but what it is. Nor is the first region's label, though it is that of the
 * most frequent thing in more than half of the pictures: of a kind with more regions the surest one comes first oftener.
 */
const PAIRS: readonly (readonly [string, string])[] = [
  ['most', 'least'],
  ['select-most', 'select-least'],
  ['leftmost', 'rightmost'],
  ['topmost', 'bottommost'],
  ['closer', 'farther'],
  ['closer-to-anchor', 'farther-to-anchor'],
];

const group = (family: string): string => PAIRS.find((pair) => pair.includes(family))?.join(' or ') ?? family;

/** @param least chains of a family and form, below which percentages say nothing */
export function audit(chains: readonly AuditChain[], least = 60): AuditLine[] {
  const groups = Map.groupBy(chains, ({ facts }) => `${group(facts?.family ?? '')}\n${facts?.form ?? ''}`);
  const lines: AuditLine[] = [];
  for (const [key, list] of groups) {
    if (list.length < least) continue;
    const [family = '', form = ''] = key.split('\n');
    // Where nothing can be told, guessing among what is there is always wrong: those only lower all rules alike. How many
    // they are is for the recipe's share of twins to say.
    const told = list.filter(({ truth }) => truth !== CANNOT_TELL);
    if (told.length === 0) continue;
    const views = told.map(viewOf);
    const answers = new Set(views.map(({ truth }) => plain(truth))).size;
    const chance = (100 * views.reduce((sum, view) => sum + chanceOf(view, answers), 0)) / views.length;
    const share = (rule: (view: View) => string | undefined): number =>
      (100 * views.filter((view) => same(rule(view), view.truth)).length) / views.length;
    const rules: Record<string, number> = {};
    if (form === 'multiple-choice')
      for (const [name, rule] of Object.entries(OPTION_RULES))
        rules[name] = share((view) => (view.choices ? rule(view.choices, view) : undefined));
    else for (const [name, rule] of Object.entries(RULES)) rules[name] = share(rule);
    const text = ({ truth, choices }: AuditChain): string =>
      choices && truth.length === 1 ? (choices[truth.charCodeAt(0) - 65] ?? truth) : truth;
    const blind = questionOnly(told, text);
    rules['question only'] = blind.all === 0 ? 0 : (100 * blind.right) / blind.all;
    const [by, most] = Object.entries(rules).sort((a, b) => b[1] - a[1])[0] as [string, number];
    lines.push({
      family,
      form: form as AuditLine['form'],
      chains: list.length,
      chance,
      rules,
      worst: most - chance,
      by,
    });
  }
  return lines.sort((a, b) => b.worst - a.worst);
}

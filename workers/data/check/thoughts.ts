/**
 * What thoughts may say: words in quotation marks stand in an observation or in the question, numbers come from an
 * observation, the question, a count or a sum that is written out.
 */
import type { CheckInput } from './contract.ts';
import { endsEquation, numbersSaid, type Said, Sources } from './numbers.ts';
import { type Fault, fault } from './reasons.ts';
import type { Walked } from './walk.ts';

/** Figures of the rules of evidence themselves. */
const RULES = new Set([0.5, 0.3, 0.02, 0.9, 50, 30, 2, 90, 100]);
/** Counts that need no figure of their own somewhere: what there is few of is counted without writing it down. */
const SMALL = 12;

const QUOTED =
  /"([^"\n]+)"|“([^”\n]+)”|«([^»\n]+)»|`([^`\n]+)`|(?<![A-Za-z0-9])'([^'\n]+(?:'(?=[A-Za-z])[^'\n]*)*)'(?![A-Za-z0-9])|(?<![A-Za-z0-9])‘([^’\n]+)’(?![A-Za-z0-9])/g;

/** What a thought without any of these quotes nothing. */
const QUOTES = /["“«`'‘]/;

/** Lower case, one blank between words and cells, no sentence mark at the end. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\s|]+/g, ' ')
    .replace(/^[\s…]+|[\s….,;:!?]+$/g, '');

const allTexts = (value: unknown, into: string[]): void => {
  if (typeof value === 'string') into.push(value);
  else if (Array.isArray(value)) for (const one of value) allTexts(one, into);
  else if (typeof value === 'object' && value !== null) {
    for (const one of Object.values(value)) allTexts(one, into);
  }
};

/** Quotes and numbers of all thoughts, each against what was there when it was thought. */
export function thoughtFault(input: CheckInput, { answer }: Walked): Fault | undefined {
  const sources = new Sources();
  sources.add(input.question, { words: true });
  for (const { width, height } of input.images) {
    sources.addValue(width);
    sources.addValue(height);
  }
  const shown: unknown[] = [input.question];
  const texts = new Texts(shown);
  let images = input.images.length;
  let most = SMALL;
  for (const [turn, { thought, actions, observations }] of input.turns.entries()) {
    const at = `turn ${turn + 1}`;
    // What the turn itself asks for may be said in its thought.
    const own = new Texts(actions.map(({ arguments: given }) => given));
    for (const match of QUOTES.test(thought) ? thought.matchAll(QUOTED) : []) {
      const quote = match.slice(1).find((group) => group !== undefined) ?? '';
      const wanted = plain(quote);
      if (wanted === '' || own.holds(wanted) || texts.holds(wanted)) continue;
      if (!texts.holdsParts(wanted)) return fault('quote-not-seen', `${at}: "${quote}"`);
    }
    const argued = new Sources();
    for (const action of actions) {
      if (action.name !== 'Terminate') argued.addResult(action.arguments);
    }
    argued.add(answer, { words: true });
    const words = thought
      .replace(/image-(\d+)/gi, (_, n: string) => (Number(n) <= images ? ' ' : `image ${n}`))
      .replace(/[A-Za-z][\w]*-\d+\b/g, ' ');
    for (const said of numbersSaid(words)) {
      if (!stated(said, words, { sources, argued, most })) return fault('number-not-seen', `${at}: ${said.text}`);
    }
    const missing = /image-(\d+)/gi;
    for (const [name, n] of thought.matchAll(missing)) {
      if (Number(n) > images) return fault('no-such-image', `${at}: the thought names ${name}; there are ${images}`);
    }
    const contradicted = otherImage(thought, actions);
    if (contradicted !== undefined) return fault('image-contradicted', `${at}: ${contradicted}`);
    for (const observation of observations) {
      const all = observation.ok ? observation.result : { error: observation.error.message };
      sources.addResult(all);
      shown.push(all);
      if (observation.ok) {
        images += observation.images?.length ?? 0;
        const { regions, rows } = observation.result;
        if (Array.isArray(regions)) most = Math.max(most, regions.length);
        if (Array.isArray(rows)) most = Math.max(most, rows.length);
      }
    }
  }
  return operandFault(input);
}

/** Texts that quotes are looked for in. Few thoughts quote, so texts are brought to one form only where one does. */
class Texts {
  readonly #shown: readonly unknown[];
  readonly #plain: string[] = [];
  #read = 0;

  /** @param shown may still grow */
  constructor(shown: readonly unknown[]) {
    this.#shown = shown;
  }

  #all(): readonly string[] {
    for (; this.#read < this.#shown.length; this.#read++) {
      const strings: string[] = [];
      allTexts(this.#shown[this.#read], strings);
      this.#plain.push(...strings.map(plain));
    }
    return this.#plain;
  }

  holds(wanted: string): boolean {
    return this.#all().some((text) => text.includes(wanted));
  }

  /** A row quoted with other marks between its cells: all of its parts stand in one text, in this order. */
  holdsParts(wanted: string): boolean {
    const parts = wanted.split(/ ?(?:\.{3}|…|→|->|:| {2,}| - | – | — |=) ?/).filter((part) => part !== '');
    if (parts.length < 2) return false;
    return this.#all().some((text) => {
      let from = 0;
      return parts.every((part) => {
        const found = text.indexOf(part, from);
        from = found + part.length;
        return found >= 0;
      });
    });
  }
}

interface From {
  readonly sources: Sources;
  readonly argued: Sources;
  readonly most: number;
}

function stated(said: Said, text: string, { sources, argued, most }: From): boolean {
  const { value, places } = said;
  if (places === 0 && value <= most) return true;
  if (RULES.has(value) || sources.near(said) || argued.near(said)) return true;
  return sources.sameDigits(said.text) || endsEquation(text, said) || sources.difference(said);
}

/** The thought that leads to a call may not be about another image alone. */
function otherImage(thought: string, actions: CheckInput['turns'][number]['actions']): string | undefined {
  const used = new Set<string>();
  for (const { name, arguments: given } of actions) {
    if (name === 'Terminate') return undefined;
    for (const value of Object.values(given)) {
      for (const one of Array.isArray(value) ? value : [value])
        if (typeof one === 'string' && /^image-\d+$/.test(one)) used.add(one);
    }
  }
  if (used.size === 0) return undefined;
  const named = new Set((thought.match(/image-\d+/gi) ?? []).map((name) => name.toLowerCase()));
  if (named.size === 0 || [...named].some((name) => used.has(name))) return undefined;
  // A thought may look back at other images before it goes on; the last sentence is about what is done now.
  const last =
    thought
      .trim()
      .split(/(?<=[.!?;:])\s+/)
      .at(-1) ?? '';
  const [name] = last.match(/image-\d+/i) ?? [];
  return name === undefined ? undefined : `the thought is about ${name}, the call about ${[...used].join(', ')}`;
}

/** Operands of calculations come from an observation, the question, or a count. */
function operandFault({ question, turns }: CheckInput): Fault | undefined {
  if (!turns.some(({ actions }) => actions.some(({ name }) => name === 'Calculate'))) return undefined;
  const sources = new Sources();
  sources.add(question, { words: true });
  let most = 1;
  for (const [turn, { actions, observations }] of turns.entries()) {
    for (const { name, arguments: given } of actions) {
      if (name !== 'Calculate') continue;
      const expression = String(given.expression);
      for (const said of numbersSaid(expression.replace(/,(?!\d{3}(?!\d))/g, ' ; '))) {
        const { value, places } = said;
        const places_ = /round\(.*,\s*(\d)\)\s*$/.exec(expression)?.[1];
        const known =
          sources.has(value) ||
          sources.sameDigits(said.text) ||
          value === 100 ||
          (places === 0 && value <= most) ||
          (places_ !== undefined && value === Number(places_)) ||
          sources.has(Math.round((100 - value) * 1e6) / 1e6) ||
          sources.has(Math.round(value * 100 * 1e6) / 1e6) ||
          sources.has(Math.round((1 - value) * 100 * 1e6) / 1e6) ||
          sources.has(Math.round((value - 1) * 100 * 1e6) / 1e6);
        if (!known) return fault('operand-not-seen', `turn ${turn + 1}: ${said.text} in ${expression}`);
      }
    }
    for (const observation of observations) {
      if (!observation.ok) continue;
      sources.addResult(observation.result);
      const { regions, rows } = observation.result;
      for (const list of [regions, rows]) if (Array.isArray(list)) most = Math.max(most, list.length);
    }
  }
  return undefined;
}

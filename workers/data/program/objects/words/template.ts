/** Templates with choices, compiled once: a million texts are made of them. */

import type { Split } from '../../../ask/phrase.ts';
import { hashText, type Random } from '../../../random.ts';

type Part = string | readonly (readonly Part[])[];

/** Reads `[a|b|]` and `$name`; text and slots stay together in plain strings. */
function parse(template: string): readonly Part[] {
  let at = 0;
  const sequence = (): Part[] => {
    const parts: Part[] = [];
    let text = '';
    while (at < template.length && template[at] !== '|' && template[at] !== ']') {
      if (template[at] !== '[') {
        text += template[at++];
        continue;
      }
      if (text !== '') parts.push(text);
      text = '';
      at++;
      const choices: Part[][] = [sequence()];
      while (template[at] === '|') {
        at++;
        choices.push(sequence());
      }
      at++;
      parts.push(choices);
    }
    if (text !== '') parts.push(text);
    return parts;
  };
  return sequence();
}

const tidy = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:?])/g, '$1')
    .trim();

function drawn(rng: Random, parts: readonly Part[]): string {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : drawn(rng, rng.pick(part));
  return text;
}

/** All expansions. */
function all(parts: readonly Part[]): string[] {
  let texts = [''];
  for (const part of parts) {
    const tails = typeof part === 'string' ? [part] : part.flatMap(all);
    texts = texts.flatMap((text) => tails.map((tail) => text + tail));
  }
  return texts;
}

const parsed = new Map<string, readonly Part[]>();

function partsOf(template: string): readonly Part[] {
  let parts = parsed.get(template);
  if (!parts) {
    parts = parse(template);
    parsed.set(template, parts);
  }
  return parts;
}

export type Slots = Readonly<Record<string, string>>;

/** Fills `$name`; a name that is not given stays as it is. */
export const fill = (text: string, slots: Slots): string =>
  text.replace(/\$([a-z_]+)/g, (whole, name: string) => slots[name] ?? whole);

/** One expansion with its slots filled. */
export const say = (rng: Random, template: string, slots: Slots): string =>
  tidy(fill(drawn(rng, partsOf(template)), slots));

const SENTENCE = /(^|[.?!] )([a-z])(?!mage-\d)|\bi\b/g;

/** Sentences begin with a capital, but names of images; `i` is one always. */
export const inSentences = (text: string): string =>
  text.replace(SENTENCE, (_, before?: string, letter?: string) =>
    letter === undefined ? 'I' : before + letter.toUpperCase(),
  );

/** All expansions of a template, each once. */
export const skeletonsOf = (template: string): string[] => [...new Set(all(partsOf(template)).map(tidy))];

/** Every eighth skeleton is for validation, every eighth for the holdout. */
export function splitOf(skeleton: string): Split {
  const bucket = hashText(skeleton) % 8;
  return bucket === 0 ? 'validation' : bucket === 1 ? 'holdout' : 'train';
}

const bySplit = new Map<readonly string[], Record<Split, readonly (readonly string[])[]>>();

/**
 * A skeleton of a split. Templates are equally likely, and so are the expansions of one, so that no skeleton is
 * frequent.
 */
export function skeletonFor(rng: Random, templates: readonly string[], split: Split): string {
  let known = bySplit.get(templates);
  if (!known) {
    const lists = templates.map(skeletonsOf);
    const of = (wanted: Split) =>
      lists.map((list) => list.filter((text) => splitOf(text) === wanted)).filter((list) => list.length > 0);
    known = { train: of('train'), validation: of('validation'), holdout: of('holdout') };
    bySplit.set(templates, known);
  }
  return rng.pick(rng.pick(known[split]));
}

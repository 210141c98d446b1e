/** Regions of LocalizeObjects, and which of them are there: rule 1 of docs/data.md. */

import type { JsonObject } from '../../../../shared/contract.ts';
import type { Look } from './look.ts';
import { doubtSaid } from './recap.ts';
import { Unmade } from './rules.ts';
import type { Box } from './scene.ts';
import { pluralOf, withArticle } from './words/kinds.ts';

export interface Region {
  /** Of which image. */
  readonly image: string;
  /** As the tool says it: `ball-2`. */
  readonly name: string;
  /** What it is one of: `ball`. */
  readonly label: string;
  readonly bbox: Box;
  readonly score: number;
  /** The image that a second look made of it. */
  readonly enlarged?: string;
}

const SURE = 0.5;
const NOTHING = 0.3;
/** More doubtful regions than this are too much to go into. */
const MOST_DOUBTS = 4;

const STRANGE = new Unmade('a region has a label that was not asked for');
const TOO_MANY = new Unmade('too many doubtful regions');

export const UNKNOWN = 'unknown';

export function regionsIn(result: JsonObject, image: string, labels: readonly string[]): Region[] {
  return (result.regions as unknown as { label: string; bbox: Box; score: number }[]).map(
    ({ label: name, bbox, score }) => {
      const label = labels.find((one) => one === name) ?? labels.find((one) => one === name.replace(/-\d+$/, ''));
      if (label === undefined) throw STRANGE;
      return { image, name, label, bbox, score };
    },
  );
}

/** What is asked about in words: `balls and cups`, `the ball and the cup`. */
export const inPlural = (labels: readonly string[]): string => joined(labels.map(pluralOf));
export const inSingular = (labels: readonly string[]): string => joined(labels.map((label) => `the ${label}`));
export const withArticles = (labels: readonly string[]): string => joined(labels.map(withArticle));
const joined = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

export const localize = (image: string, objects: readonly string[]) => ({
  name: 'LocalizeObjects',
  arguments: { image, objects: [...objects] },
});

/** All choices of which of `open` are there. */
function* choices(open: readonly Region[]): Generator<Region[]> {
  for (let bits = 0; bits < 1 << open.length; bits++) yield open.filter((_, i) => (bits >> i) & 1);
}

export interface Settled {
  /** What `answerOf` gives, or UNKNOWN. */
  readonly answer: string;
  /** Regions that are there, without those that were doubtful and did not matter. */
  readonly there: readonly Region[];
  /** What stays doubtful and matters, in words. */
  readonly doubt?: string;
}

/**
 * Looks again at doubtful regions as long as they could change the answer.
 * @param answerOf the answer if these regions were there, and no other; a key for it will do
 */
export async function settle(
  look: Look,
  regions: readonly Region[],
  answerOf: (there: readonly Region[]) => string,
): Promise<Settled> {
  const there = regions.filter(({ score }) => score >= SURE);
  let open = regions.filter(({ score }) => score < SURE && score >= NOTHING);
  const stuck: Region[] = [];
  for (;;) {
    const doubts = [...open, ...stuck];
    if (doubts.length > MOST_DOUBTS) throw TOO_MANY;
    if (doubts.length === 0) return { answer: answerOf(there), there };
    const answers = new Map([...choices(doubts)].map((some) => [answerOf([...there, ...some]), some]));
    if (answers.size === 1) return { answer: [...answers.keys()][0]!, there };
    const next = open.find((one) => matters(one, doubts, there, answerOf));
    if (!next) {
      const [first] = stuck;
      const said = first ? { doubt: doubtSaid(look.rng, first.image, first.label) } : {};
      return { answer: UNKNOWN, there, ...said };
    }
    open = open.filter((one) => one !== next);
    const { is, enlarged } = await lookAgain(look, next);
    if (is === 'there') there.push(enlarged === undefined ? next : { ...next, enlarged });
    else if (is === 'unknown') stuck.push(next);
  }
}

function matters(
  one: Region,
  doubts: readonly Region[],
  there: readonly Region[],
  answerOf: (there: readonly Region[]) => string,
): boolean {
  const others = doubts.filter((other) => other !== one);
  for (const some of choices(others))
    if (answerOf([...there, ...some]) !== answerOf([...there, ...some, one])) return true;
  return false;
}

interface Closer {
  readonly is: 'there' | 'gone' | 'unknown';
  readonly enlarged?: string;
}

/** ZoomIn on a doubtful region, then the same search on what that gives. */
async function lookAgain(look: Look, region: Region): Promise<Closer> {
  const { image, name, label, bbox, score } = region;
  const side = Math.max(bbox[2] - bbox[0], bbox[3] - bbox[1]);
  const zoom_factor = side < 0.12 ? 4 : side < 0.25 ? 3 : 2;
  const { result } = await look.one(look.say('zoom', { image, name, score: score.toFixed(2) }), {
    name: 'ZoomIn',
    arguments: { image, bbox: [...bbox], zoom_factor },
  });
  // Where the picture is large already, the tool enlarges less than asked: no second look then.
  if (Number(result.zoom_factor) < 2) return { is: 'unknown' };
  const enlarged = String(result.image);
  const second = await look.one(
    look.say('lookCloser', { image: enlarged, what: withArticle(label) }),
    localize(enlarged, [label]),
  );
  const found = regionsIn(second.result, enlarged, [label]);
  if (found.some(({ score }) => score >= SURE)) return { is: 'there', enlarged };
  return { is: found.some(({ score }) => score >= NOTHING) ? 'unknown' : 'gone', enlarged };
}

/** Recaps of observations, in words, for the thoughts that come after them. */
import type { Random } from '../../random.ts';
import type { Region } from './regions.ts';
import { listed, pluralOf, withArticle } from './words/kinds.ts';

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** `3 balls`, `one ball`, `no cup`. */
export function amount(rng: Random, label: string, count: number): string {
  if (count === 0) return `no ${label}`;
  const figure = rng.chance(0.5) ? String(count) : (NUMBERS[count] ?? String(count));
  return `${figure} ${count === 1 ? label : pluralOf(label)}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `In image-0 there are 3 balls (0.91, 0.88, 0.74) and no cup.` */
export function countsSaid(rng: Random, image: string, labels: readonly string[], there: readonly Region[]): string {
  const scores = rng.chance(0.4);
  const parts = labels.map((label) => {
    const mine = there.filter((region) => region.label === label);
    const said = amount(rng, label, mine.length);
    if (!scores || mine.length === 0 || mine.length > 5) return said;
    return `${said} (${mine.map(({ score }) => score.toFixed(2)).join(', ')})`;
  });
  const all = listed(parts, 'and');
  return capital(
    rng.pick([
      `${image} shows ${all}.`,
      `in ${image} I have ${all}.`,
      `there is now proof of ${all} in ${image}.`,
      `sure regions in ${image}: ${all}.`,
      `the boxes of ${image} mark ${all}.`,
      `counted in ${image}: ${all}.`,
      `LocalizeObjects finds ${all} in ${image}.`,
    ]),
  );
}

/** `The ball is at 0.31 and the cup at 0.72 from the left.` */
export function placesSaid(rng: Random, image: string, regions: readonly Region[], axis: 0 | 1 | 'both'): string {
  const at = ({ bbox }: Region): string => {
    const [x, y] = [((bbox[0] + bbox[2]) / 2).toFixed(2), ((bbox[1] + bbox[3]) / 2).toFixed(2)];
    return axis === 'both' ? `(${x}, ${y})` : axis === 0 ? x : y;
  };
  const parts = regions.map((region) => `the ${region.name} ${at(region)}`);
  const what = axis === 'both' ? 'centres' : axis === 0 ? 'centres from the left' : 'centres from the top';
  return rng.pick([
    `In ${image} the ${what} are: ${listed(parts, 'and')}.`,
    `Going by the boxes of ${image}, the ${what} are ${listed(parts, 'and')}.`,
    `${capital(what)} in ${image}: ${listed(parts, 'and')}.`,
    `The boxes in ${image} put the ${what} at ${listed(parts, 'and')}.`,
    `Comparing ${what} in ${image}: ${listed(parts, 'and')}.`,
  ]);
}

export function depthsSaid(rng: Random, depths: readonly { readonly label: string; readonly depth: number }[]): string {
  const parts = depths.map(({ label, depth }) => `${depth} for the ${label}`);
  return rng.pick([
    `The depths are ${listed(parts, 'and')}.`,
    `Measured depths: ${listed(parts, 'and')}.`,
    `EstimateDepth gives ${listed(parts, 'and')}.`.replace('EstimateDepth gives', 'The measurements give'),
    `I have depths of ${listed(parts, 'and')}.`,
    `In depth, that is ${listed(parts, 'and')}.`,
  ]);
}

/** `The best match is a red ball with 0.29.` */
export function matchSaid(rng: Random, best: string, value: number, second: number | undefined): string {
  const rest =
    second === undefined ? '' : rng.pick([`, the next ${second}`, ` against ${second}`, `, before ${second}`]);
  return rng.pick([
    `The best match is ${best} with ${value}${rest}.`,
    `It fits ${best} best: ${value}${rest}.`,
    `The highest similarity is ${value} for ${best}${rest}.`,
    `${capital(best)} has the highest value, ${value}${rest}.`,
    `With ${value}${rest}, ${best} fits best.`,
  ]);
}

export function closeSaid(rng: Random, image: string): string {
  return rng.pick([
    `The highest similarities for ${image} lie too close together to tell them apart.`,
    `For ${image} the first two similarities are nearly the same.`,
    `Two phrases fit ${image} about equally well.`,
    `No phrase is clearly ahead for ${image}.`,
  ]);
}

export function absentSaid(rng: Random, image: string, labels: readonly string[]): string {
  const what = listed(labels.map(withArticle));
  return rng.pick([
    `There is no sure region of ${what} in ${image}.`,
    `Nothing in ${image} was found to be ${what}.`,
    `${capital(image)} does not show ${what}.`.replace('Image', 'image'),
    `The search found nothing like ${what} in ${image}.`,
    `In ${image} I find no proof of ${what}.`,
  ]);
}

export function doubtSaid(rng: Random, image: string, label: string): string {
  return rng.pick([
    `Even enlarged, the ${label} in ${image} stays doubtful.`,
    `The closer look at the doubtful ${label} in ${image} settled nothing: its score stays below 0.5.`,
    `Whether the doubtful region in ${image} is ${withArticle(label)} cannot be told, not even enlarged.`,
    `A second look leaves the ${label} in ${image} between 0.3 and 0.5.`,
    `The doubtful ${label} in ${image} is neither confirmed nor ruled out.`,
  ]);
}

/**
 * What observations show of objects: regions by label and input image, depths, likenesses. All boxes are fractions of
 * the input image, wherever a region was seen.
 */
import { centre, cutOut, isBox, sameBox, toInput } from '../boxes.ts';
import type { Box, Place, Seen, SeenStep } from '../contract.ts';
import { colour, sameNoun } from './nouns.ts';

/** From this score on a region is there. */
const SURE = 0.5;
/** Below this a region is nothing. */
const DOUBTFUL = 0.3;
/** A second look at a doubtful region enlarges it at least so many times. */
const LARGER = 2;
/** Two values (centres, depths, likenesses) closer than this cannot be told apart; for a hair less they can. */
export const APART = 0.02;

export const closer = (a: number, b: number): boolean => Math.abs(a - b) < APART - 1e-9;

export interface Region {
  /** The label that was asked for. */
  readonly label: string;
  readonly box: Box;
  readonly score: number;
  /** `open`: doubtful, and nobody looked again; `undecided`: nor did the second look tell. */
  readonly is: 'there' | 'open' | 'undecided';
}

interface Look {
  readonly place: Place;
  readonly objects: readonly string[];
  readonly regions: readonly { readonly label: string; readonly box: Box; readonly score: number }[];
}

interface Depth {
  readonly place: Place;
  readonly depth: number;
  readonly object?: string;
  readonly box?: Box;
}

interface Likeness {
  readonly place: Place;
  /** The most like first. */
  readonly texts: readonly { readonly text: string; readonly likeness: number }[];
}

const isWhole = ({ box, zoom }: Place): boolean => zoom < 1.01 && sameBox(box, [0, 0, 1, 1], 1e-6);

/** The label that was asked for: `ball` of `ball-2`. */
function askedLabel(label: string, objects: readonly string[]): string {
  if (objects.includes(label)) return label;
  return label.replace(/-\d+$/, '');
}

function lookOf({ action, result, place }: SeenStep): Look | undefined {
  const { objects } = action.arguments;
  const { regions } = result;
  if (!place || !Array.isArray(objects) || !Array.isArray(regions)) return undefined;
  // Several names in one text are looked for one by one.
  const names = objects.flatMap((one) => String(one).split(/[,;\n]|\.\s/)).map((one) => one.replace(/\.$/, '').trim());
  return {
    place,
    objects: names,
    regions: regions.flatMap((region) => {
      const { label, bbox, score } = region as { label: string; bbox: unknown; score: number };
      return isBox(bbox) ? [{ label: askedLabel(label, names), box: toInput(bbox, place), score }] : [];
    }),
  };
}

export class Evidence {
  readonly #looks: Look[] = [];
  readonly #depths: Depth[] = [];
  readonly #lost: { readonly place: Place; readonly object: string }[] = [];
  readonly #likenesses: Likeness[] = [];
  readonly #named: { readonly place: Place; readonly objects: readonly string[] }[] = [];
  /** Texts compared with whole images: which image fits a text best. */
  readonly chosen: {
    readonly text: string;
    readonly images: readonly { readonly place: Place; readonly likeness: number }[];
  }[] = [];

  constructor({ steps, failed, places }: Seen) {
    for (const step of steps) {
      const { action, result, place } = step;
      if (action.name === 'LocalizeObjects') {
        const look = lookOf(step);
        if (look) this.#looks.push(look);
      } else if (action.name === 'GetObjects' && place) {
        this.#named.push({ place, objects: result.objects as string[] });
      } else if (action.name === 'GetTextToImagesSimilarity') {
        const images = (action.arguments.images as string[]).flatMap((name, i) => {
          const at = places.get(name);
          return at ? [{ place: at, likeness: (result.similarity as number[])[i]! }] : [];
        });
        this.chosen.push({ text: String(action.arguments.text), images });
      } else if (place) this.#measured(step, place);
    }
    for (const { action, code, place } of failed) {
      if (action.name === 'EstimateObjectDepth' && code === 'object_not_found' && place)
        this.#lost.push({ place, object: String(action.arguments.object) });
    }
  }

  #measured({ action: { name, arguments: given }, result }: SeenStep, place: Place): void {
    const depth = result.depth;
    if (name === 'EstimateObjectDepth' && typeof depth === 'number')
      this.#depths.push({ place, depth, object: String(given.object) });
    if (name === 'EstimateRegionDepth' && typeof depth === 'number' && isBox(given.bbox))
      this.#depths.push({ place, depth, box: toInput(given.bbox, place) });
    if (name === 'GetImageToTextsSimilarity') {
      const likenesses = result.similarity as number[];
      const texts = (given.texts as string[]).map((text, i) => ({ text, likeness: likenesses[i]! }));
      this.#likenesses.push({ place, texts: texts.sort((a, b) => b.likeness - a.likeness) });
    }
  }

  /** Labels that were looked for in an image as a whole. */
  labels(input: number): string[] {
    return [
      ...new Set(
        this.#looks.filter(({ place }) => place.input === input && isWhole(place)).flatMap(({ objects }) => objects),
      ),
    ];
  }

  /** Whether anything was looked for in an image as a whole, or its things were named. */
  looked(input: number): boolean {
    return (
      this.#looks.some(({ place }) => place.input === input && isWhole(place)) ||
      this.#named.some(({ place }) => place.input === input)
    );
  }

  /**
   * Regions of a label in an image as a whole, without those that are not there; undefined where nobody looked for it.
   * The last look counts.
   */
  regions(noun: string, input: number): readonly Region[] | undefined {
    const look = this.#looks.findLast(
      ({ place, objects }) => place.input === input && isWhole(place) && objects.some((one) => sameNoun(one, noun)),
    );
    if (!look) return undefined;
    const found: Region[] = [];
    for (const { label, box, score } of look.regions) {
      if (!sameNoun(label, noun) || score < DOUBTFUL) continue;
      const is = score >= SURE ? 'there' : this.#secondLook(noun, box, input);
      if (is !== 'not') found.push({ label, box, score, is });
    }
    return found;
  }

  #secondLook(noun: string, box: Box, input: number): Region['is'] | 'not' {
    const part = cutOut(box);
    const look = this.#looks.findLast(
      ({ place, objects }) =>
        place.input === input &&
        place.zoom >= LARGER - 0.1 &&
        sameBox(place.box, part, 0.012) &&
        objects.some((one) => sameNoun(one, noun)),
    );
    if (!look) return 'open';
    const best = Math.max(0, ...look.regions.filter(({ label }) => sameNoun(label, noun)).map(({ score }) => score));
    return best >= SURE ? 'there' : best < DOUBTFUL ? 'not' : 'undecided';
  }

  /** Whether GetObjects named it in an image; undefined where GetObjects was not asked. */
  named(noun: string, input: number): boolean | undefined {
    const list = this.#named.find(({ place }) => place.input === input && isWhole(place));
    return list?.objects.some((one) => sameNoun(one, noun));
  }

  /** Depth of a thing that was measured by its name; `lost` where it was not found. */
  depthOfObject(noun: string, input: number): number | 'lost' | undefined {
    const found = this.#depths.findLast(
      ({ place, object }) => place.input === input && object !== undefined && sameNoun(object, noun),
    );
    if (found) return found.depth;
    return this.#lost.some(({ place, object }) => place.input === input && sameNoun(object, noun)) ? 'lost' : undefined;
  }

  /** Depth of the region whose box it was given. */
  depthOfBox(box: Box, input: number): number | undefined {
    return this.#depths.findLast((one) => one.place.input === input && one.box !== undefined && sameBox(one.box, box))
      ?.depth;
  }

  /**
   * What the picture of a region is most like.
   * @returns the text; `alike` where the first two cannot be told apart; undefined where nobody compared
   */
  likest(
    box: Box | undefined,
    input: number,
    about: (texts: readonly string[]) => boolean,
  ): string | 'alike' | undefined {
    const found = this.#likenesses.findLast(({ place, texts }) => {
      if (place.input !== input || !about(texts.map(({ text }) => text))) return false;
      return box === undefined ? isWhole(place) : sameBox(place.box, cutOut(box), 0.012);
    });
    const [first, second] = found?.texts ?? [];
    if (!first) return undefined;
    return second && closer(first.likeness, second.likeness) ? 'alike' : first.text;
  }

  /** A cut-out that holds both things, compared with texts. */
  likestAround(boxes: readonly Box[], input: number): string | 'alike' | undefined {
    const found = this.#likenesses.findLast(
      ({ place }) => place.input === input && boxes.every((box) => holds(place.box, box)),
    );
    const [first, second] = found?.texts ?? [];
    if (!first) return undefined;
    return second && closer(first.likeness, second.likeness) ? 'alike' : first.text;
  }
}

const holds = (outer: Box, box: Box): boolean => {
  const [x, y] = centre(box);
  return x >= outer[0] && x <= outer[2] && y >= outer[1] && y <= outer[3];
};

/** The quality that a text gives a thing: `red` of `a red ball`, of `red`, of `the ball is red`. */
export function qualityIn(text: string, noun: string): string {
  const plain = colour(text)
    .replace(/^(?:a photo of |a picture of |an image of )?(?:a|an|the|some)\s+/, '')
    .replace(/[.?!]$/, '');
  const said = / (?:is|are|that is|in) /.exec(plain);
  if (said) return plain.slice(said.index + said[0].length);
  const words = plain.split(' ');
  const length = noun.split(' ').length;
  return words.length > length && sameNoun(words.slice(-length).join(' '), noun)
    ? words.slice(0, -length).join(' ')
    : plain;
}

/**
 * What the parts of the checker hand each other. The checker sees a chain's question, images, offered tools and turns;
 * neither truth nor scene, and no code of a generator: biome.json forbids the imports, independence.test.ts looks too.
 */
import type { Action } from '../../../shared/contract.ts';
import type { Chain, ChainObservation } from '../../../shared/data/chain.ts';

/** All of a chain that the checker may look at. */
export type CheckInput = Pick<Chain, 'question' | 'images' | 'tools' | 'turns'>;

/** [left, top, right, bottom] as fractions of an image. */
export type Box = readonly [number, number, number, number];

export interface Option {
  /** `A`, `B`, ... */
  readonly letter: string;
  readonly text: string;
}

export interface ParsedQuestion {
  /** What is asked, without options, without words about how to answer, on one line. */
  readonly body: string;
  /** In the order of the question; absent for a short answer. */
  readonly options?: readonly Option[];
  /** The input images. */
  readonly images: CheckInput['images'];
}

/** Where in the input images a picture comes from. */
export interface Place {
  /** Number of the input image. */
  readonly input: number;
  /** The part of it that the picture shows, in fractions of the input image. */
  readonly box: Box;
  /** How many times larger it is shown than in the input image; 1 for the image itself and its crops. */
  readonly zoom: number;
}

/** One call that succeeded. */
export interface SeenStep {
  readonly action: Action;
  readonly result: Extract<ChainObservation, { ok: true }>['result'];
  /** What the call looked at: the place of its `image` argument; absent for Calculate and other calls without one. */
  readonly place?: Place;
  /** Names of images that it made. */
  readonly made: readonly string[];
}

/** A call that failed: it shows nothing but its error (`object_not_found`, say). */
export interface FailedStep {
  readonly action: Action;
  readonly code: string;
  readonly place?: Place;
}

/** Observations in order. */
export interface Seen {
  readonly steps: readonly SeenStep[];
  readonly failed: readonly FailedStep[];
  /** Of any image that exists after the last step. */
  readonly places: ReadonlyMap<string, Place>;
}

/**
 * What the observations bear out under the rules of evidence in docs/data.md.
 * - answers: spellings of the one answer; a chain that says any of them is right. Numbers are compared as numbers. For
 *   multiple choice they are texts or numbers as for a short answer (the letter is found by the caller), unless only
 *   the options make an answer of it.
 * - unknown: all was looked at that has to be, and it cannot be told: CANNOT_TELL is right.
 * - missing: something has to be looked at first (an image of the question; a doubtful region again): neither an answer
 *   nor CANNOT_TELL is right yet.
 * - unparsed: the checker does not understand the question. Never guessed.
 */
export type Derived =
  | { readonly answers: readonly (string | number)[] }
  | 'unknown'
  | { readonly missing: string }
  | { readonly unparsed: string };

/** Of objects (./objects/derive.ts) and of texts (./texts/derive.ts): each says `unparsed` to the other's questions. */
export type Derive = (question: ParsedQuestion, seen: Seen) => Derived;

/**
 * How the embedded detector errs. Printed by `node workers/data/observe/measure-detector.ts FOLDER 12` for 20 photos with
 * 18 objects (8 of them clear), 240 worn pictures for each wear, on 2026-11-27. The row `none` has what was counted by
 * eye on the untouched photos: of 24 things that a person would name, 8 were found at 0.5 or more, 8 below, 8 not at all.
 */

/** Values below which 5, 25, 50, 75 and 95 % lie. */
export type Quantiles = readonly [number, number, number, number, number];

interface ClarityRates {
  /** Not found at 0.3 or more. */
  readonly missed: number;
  /** Found, from 0.3 up to 0.5. */
  readonly doubtful: number;
  /** Of those that were found. */
  readonly scores: Quantiles;
}

export interface DetectorRates {
  /** Objects that are found at 0.5 or more in an untouched photo, and the others. */
  readonly clear: ClarityRates;
  readonly faint: ClarityRates;
  /** Boxes where there is nothing of the label, per picture, of the kinds that were asked for; none was surer than 0.5. */
  readonly falseBoxes: number;
  readonly falseScores: Quantiles;
  /** How far a side of a box is off, as a share of the box's width or height. */
  readonly offsets: Quantiles;
}

const light: DetectorRates = {
  clear: { missed: 0, doubtful: 0, scores: [0.544, 0.59, 0.617, 0.642, 0.716] },
  faint: { missed: 0.233, doubtful: 0.75, scores: [0.31, 0.338, 0.361, 0.432, 0.48] },
  falseBoxes: 0.0125,
  falseScores: [0.305, 0.305, 0.307, 0.307, 0.307],
  offsets: [-0.043, -0.008, 0, 0.008, 0.034],
};

export const DETECTOR_RATES: Readonly<Record<'none' | 'light' | 'medium' | 'heavy', DetectorRates>> = {
  // Offsets and false boxes of the untouched photo cannot be told from it alone: those of the least wear stand for them.
  none: {
    ...light,
    clear: { missed: 0, doubtful: 0, scores: [0.53, 0.59, 0.61, 0.65, 0.71] },
    faint: { missed: 0.5, doubtful: 0.5, scores: [0.31, 0.335, 0.365, 0.42, 0.48] },
  },
  light,
  medium: {
    clear: { missed: 0, doubtful: 0.01, scores: [0.529, 0.576, 0.615, 0.663, 0.706] },
    // biome-ignore lint/suspicious/noApproximativeNumericConstant: measured, and no logarithm
    faint: { missed: 0.379, doubtful: 0.621, scores: [0.309, 0.34, 0.371, 0.434, 0.474] },
    falseBoxes: 0.0208,
    falseScores: [0.301, 0.313, 0.323, 0.327, 0.327],
    offsets: [-0.052, -0.011, 0, 0.012, 0.049],
  },
  heavy: {
    clear: { missed: 0.125, doubtful: 0.188, scores: [0.365, 0.504, 0.575, 0.654, 0.712] },
    faint: { missed: 0.535, doubtful: 0.465, scores: [0.316, 0.352, 0.375, 0.419, 0.465] },
    falseBoxes: 0.0208,
    falseScores: [0.309, 0.313, 0.326, 0.326, 0.326],
    offsets: [-0.064, -0.016, 0.001, 0.016, 0.049],
  },
};

import { LINE_HEIGHT, type LineCrop } from './crop-line.ts';

/** Lines of pixels at the top and bottom of a crop that belong to the margin (and to the neighbours in a tight print). */
const MARGIN = 6;
/** A column is empty when its darkest pixel is this much of the way from ink to paper. */
const EMPTY = 0.6;

/**
 * Which columns of a line hold no ink. Works for dark on light and light on dark.
 * @returns 1 for an empty column, 0 for one with ink
 */
export function emptyColumns({ rgb, width }: LineCrop): Uint8Array {
  const low = new Float32Array(width).fill(255);
  const high = new Float32Array(width);
  let sum = 0;
  for (let y = MARGIN; y < LINE_HEIGHT - MARGIN; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const light = 0.3 * rgb[at]! + 0.59 * rgb[at + 1]! + 0.11 * rgb[at + 2]!;
      if (light < low[x]!) low[x] = light;
      if (light > high[x]!) high[x] = light;
      sum += light;
    }
  }
  // Most of a line is paper, so the mean lies nearer to the paper than to the ink.
  const mean = sum / ((LINE_HEIGHT - 2 * MARGIN) * width);
  const darkInk = mean - quantile(low, 0.1) >= quantile(high, 0.9) - mean;
  const ends = darkInk ? low : high.map((value) => 255 - value);
  const [ink, paper] = [quantile(ends, 0.1), quantile(ends, 0.95)];
  return Uint8Array.from(ends, (value) => Number(value > ink + EMPTY * (paper - ink)));
}

/** Longest stretch of empty columns between two columns, in line heights. */
export function gapBetween(empty: Uint8Array, from: number, to: number): number {
  let longest = 0;
  let stretch = 0;
  for (let x = Math.max(0, Math.floor(from)); x < Math.min(empty.length, to); x++) {
    stretch = empty[x] ? stretch + 1 : 0;
    if (stretch > longest) longest = stretch;
  }
  return longest / LINE_HEIGHT;
}

/** What is seen between two characters of a line. */
export interface CharGap {
  readonly before: string;
  readonly after: string;
  /** The character in front of `before`. */
  readonly earlier: string;
  /** Highest share of the space class from the one character to the other. */
  readonly share: number;
  /** From `gapBetween`. */
  readonly empty: number;
  /** Distance of the two middles, as a multiple of the usual one in this line. */
  readonly pitch: number;
}

/**
 * Whether two characters stand in different words. The recogniser was trained mostly on text without spaces: its
 * space class seldom leads, but its share tells, together with the empty paper and the distance.
 *
 * The weights are a logistic regression on all gaps of lines that were read without a fault: 4,374 (495 spaces) of 13
 * scanned receipts and 6,620 (1,026 spaces) of drawn lines in 20 fonts. Leaving out one receipt or font at a time, 14
 * spaces were set wrongly and 14 lost. Taking the leading class instead, 3 were set wrongly and 635 lost. The constant is
 * then lowered from 3.3 to 2.2, since lines that are misread have wider gaps inside of words: 9 set wrongly, 26 lost.
 */
export function isWordGap({ before, after, earlier, share, empty, pitch }: CharGap): boolean {
  const insideNumber = SEPARATOR.test(before) && /\d/.test(after) && /\d/.test(earlier);
  const evidence =
    1.48 * Math.log(share + 1e-4) +
    9.06 * empty +
    3.46 * Math.log(Math.max(pitch, 0.1)) -
    5.09 * Number(insideNumber) +
    1.64 * Number(MARK.test(before)) -
    3.14 * Number(MARK.test(after)) +
    2.2;
  return evidence > 0;
}

const SEPARATOR = /^[.,:/]$/;
const MARK = /^[.,:;)%]$/;

function quantile(values: Float32Array, part: number): number {
  return values.toSorted()[Math.floor(part * (values.length - 1))] ?? 0;
}

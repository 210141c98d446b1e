import type { Detection } from './engines/vision.ts';

/**
 * A type, not an interface: only so is it known to be a JSON object.
 */
export type Region = { label: string; bbox: number[]; score: number };

/**
 * Detections as models are told of them. The n-th of a label is called `label-n`, so that each can be spoken of.
 *
 * Boxes have three decimals. With TACO's two, a person who is twenty pixels wide in a photo of a thousand loses up to
 * half of it, and so do Crop and depth after it; a fourth says more than detectors know, whose boxes are exact to about
 * a five-hundredth of the picture, and costs tokens.
 * @param detections surest first, which is the order of the result
 */
export function regionList(detections: readonly Detection[]): Region[] {
  const seen = new Map<string, number>();
  return detections.map(({ label, bbox, score }) => {
    const count = (seen.get(label) ?? 0) + 1;
    seen.set(label, count);
    const name = count === 1 ? label : `${label}-${count}`;
    return { label: name, bbox: bbox.map((side) => rounded(side, 3)), score: rounded(score, 2) };
  });
}

/** More than these nobody reads, and their labels would take seconds to be placed on the picture. */
const MOST_REGIONS = 100;

/**
 * @param detections surest first
 * @returns the surest of them, and words for the model where that is not all
 */
export function surestFew(detections: readonly Detection[]): {
  readonly few: readonly Detection[];
  readonly remark?: string;
} {
  if (detections.length <= MOST_REGIONS) return { few: detections };
  const remark = `${detections.length} were found; these are the ${MOST_REGIONS} surest. Crop the image to see the others.`;
  return { few: detections.slice(0, MOST_REGIONS), remark };
}

const rounded = (value: number, decimals: number) => Number(value.toFixed(decimals));

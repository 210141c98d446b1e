import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { agreed, asFractions, type Scored, surest } from '../detectors/boxes.ts';
import { lookAt, type Pyramid, type Region } from '../detectors/pyramid.ts';

/** The network takes 512 x 512 pixels, RGB, 0 to 255. */
const SIDE = 512;
/** What a picture is laid on where it is not square: grey, as the scores of round and of long pictures are best with it. */
const OUTSIDE = 119;
/** The best hundred places of the heat map, six numbers each: left, top, right, bottom (pixels of 512), score, kind. */
const ROWS = 100;
/** What a single view is believed so far that the other view may confirm it. */
const WORTH_A_LOOK = 0.08;
/** Boxes of one kind that overlap more than this are one thing. */
const SAME = 0.5;
/** Boxes of two kinds that overlap more than this are one thing with two names: the surer name stays. */
const SAME_PLACE = 0.75;

interface View {
  readonly region: Region;
  readonly mirrored: boolean;
}

/**
 * Two looks at each picture: with its proportions kept, and filling the square, mirrored. Only what both agree on keeps
 * its score: on drawings, where one look alone finds clocks and frisbees, the other seldom does.
 */
function viewsOf({ width, height }: Pyramid): View[] {
  const side = Math.max(width, height);
  const square = { left: (width - side) / 2, top: (height - side) / 2, width: side, height: side };
  return [
    { region: square, mirrored: false },
    { region: { left: 0, top: 0, width, height }, mirrored: true },
  ];
}

/**
 * Things of COCO's 80 kinds.
 * @param threshold score from which a thing counts
 * @returns boxes as fractions, surest first
 * @throws the signal's reason
 */
export async function findObjects(
  pyramid: Pyramid,
  session: InferenceSession,
  threshold: number,
  signal?: AbortSignal,
): Promise<Scored[]> {
  const views: Scored[][] = [];
  for (const view of viewsOf(pyramid)) {
    signal?.throwIfAborted();
    const pixels = lookAt(pyramid, view.region, SIDE, {
      mirrored: view.mirrored,
      outside: OUTSIDE,
      value: (byte) => byte,
    });
    const output = await session.run({ 'tower_0/images': new Tensor('float32', pixels, [1, SIDE, SIDE, 3]) });
    // What a place is called is decided later, when both have been heard.
    views.push(surest(readRows(output['tower_0/detections']!.data as Float32Array, view), SAME, 1));
  }
  const certain = agreed(views, SAME).filter(({ score }) => score >= threshold);
  return surest(certain, SAME, SAME_PLACE).flatMap((found) => {
    const bbox = asFractions(found.bbox, pyramid);
    return bbox ? [{ ...found, bbox }] : [];
  });
}

/** The network's rows as boxes in pixels of the picture. */
export function readRows(rows: Float32Array, { region, mirrored }: View): Scored[] {
  const [across, down] = [region.width / SIDE, region.height / SIDE];
  const found: Scored[] = [];
  for (let i = 0; i < ROWS; i++) {
    const [left = 0, top = 0, right = 0, bottom = 0, score = 0, kind = 0] = rows.subarray(i * 6, i * 6 + 6);
    if (score < WORTH_A_LOOK) continue;
    const [from, to] = mirrored ? [SIDE - right, SIDE - left] : [left, right];
    found.push({
      kind,
      score,
      bbox: [
        region.left + from * across,
        region.top + top * down,
        region.left + to * across,
        region.top + bottom * down,
      ],
    });
  }
  return found;
}

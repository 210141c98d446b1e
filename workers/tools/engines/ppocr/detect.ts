import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { TurnedBox } from '../ocr-page/geometry.ts';
import { type Picture, resizePicture } from '../picture.ts';
import { textAreas } from './text-areas.ts';

/** Means and deviations of ImageNet, in the order blue, green, red: the network was trained on OpenCV's pictures. */
const MEAN = [0.485, 0.456, 0.406] as const;
const DEVIATION = [0.229, 0.224, 0.225] as const;
/** The network halves its input five times. */
const MULTIPLE = 32;

/**
 * Finds lines of text.
 * @param scale of the picture as the network sees it
 * @returns boxes in pixels of `picture`
 */
export async function detect(session: InferenceSession, picture: Picture, scale: number): Promise<TurnedBox[]> {
  const multiple = (side: number) => Math.max(MULTIPLE, Math.round((side * scale) / MULTIPLE) * MULTIPLE);
  const [width, height] = [multiple(picture.width), multiple(picture.height)];
  const small = await resizePicture(picture, width, height);
  const input = new Tensor('float32', planes(small), [1, 3, height, width]);
  const output = (await session.run({ [session.inputNames[0]!]: input }))[session.outputNames[0]!]!;
  const [sx, sy] = [picture.width / width, picture.height / height];
  return textAreas(output.data as Float32Array, width, height).map((box) => stretch(box, sx, sy));
}

/** A box of the map in pixels of the picture. The two scales differ by the rounding to 32 only, so angles stay. */
function stretch(box: TurnedBox, sx: number, sy: number): TurnedBox {
  return { x: box.x * sx, y: box.y * sy, width: box.width * sx, height: box.height * sy, angle: box.angle };
}

function planes({ rgb, width, height }: Picture): Float32Array {
  const size = width * height;
  const out = new Float32Array(3 * size);
  for (let c = 0; c < 3; c++) {
    const scale = 1 / (255 * DEVIATION[c]!);
    const shift = MEAN[c]! / DEVIATION[c]!;
    for (let i = 0, from = 2 - c; i < size; i++, from += 3) out[c * size + i] = rgb[from]! * scale - shift;
  }
  return out;
}

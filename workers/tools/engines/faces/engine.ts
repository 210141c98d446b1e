import { find, warmUpDetectors } from '../detectors/engine.ts';
import { networkHash } from '../detectors/weights.ts';
import type { Detection, EnginePicture } from '../vision.ts';
import type { CallOptions } from '../warm-engine.ts';

/** `mediapipe-full-range@<hash>` */
export const facesEngine = (): string => `mediapipe-full-range@${networkHash('faces')}`;

/**
 * Faces of people, surest first.
 * @throws UnreadablePicture; EngineEnded; the signal's reason
 */
export async function detectFaces(picture: EnginePicture, limits: CallOptions): Promise<readonly Detection[]> {
  const faces = await find({ task: 'faces' }, picture, limits);
  return faces.map(({ bbox, score }) => ({ label: 'face', bbox, score }));
}

export const warmUpFaces = warmUpDetectors;

import { type KeptResults, keptResults } from '../kept-results.ts';
import { pulledEngine } from '../pulled-engine.ts';
import { pulledNetwork } from '../pulled-network.ts';
import type { EnginePicture } from '../vision.ts';
import type { CallOptions } from '../warm-engine.ts';
import type { ClipWork, Tile } from './clip-process.ts';

/** Directions are 2 KB each: room for thousands of pictures and texts. */
const KEPT_BYTES = 16_000_000;
/** Requests that go together through the network. */
const IN_FLIGHT = 16;

export const clipNetwork = pulledNetwork('clip', { tokenizes: true });
const engine = pulledEngine<ClipWork>(new URL('./clip-process.ts', import.meta.url), clipNetwork, IN_FLIGHT);
const kept: KeptResults<Float32Array[]> = keptResults(KEPT_BYTES, (all) =>
  all.reduce((n, one) => n + one.byteLength, 0),
);

const ask = async (work: ClipWork, limits: CallOptions) => (await engine.call(work, limits)) as Float32Array[];

/**
 * Where pictures lie in CLIP's space: the same picture is looked at once.
 * @returns directions of length 1, in the order of the pictures
 * @throws UnreadablePicture; EngineEnded; the signal's reason
 */
export function imageDirections(pictures: readonly EnginePicture[], limits: CallOptions): Promise<Float32Array[]> {
  return Promise.all(pictures.map(async (picture) => (await tileDirections(picture, undefined, limits))[0]!));
}

/** The same for parts of a picture. @param tiles undefined: the whole */
export function tileDirections(
  { sha256, bytes }: EnginePicture,
  tiles: readonly Tile[] | undefined,
  limits: CallOptions,
): Promise<Float32Array[]> {
  const work: ClipWork = tiles ? { picture: bytes, tiles } : { picture: bytes };
  const key = `${engine.hash()} picture ${sha256} ${tiles ? JSON.stringify(tiles) : ''}`;
  return kept.get(key, (signal) => ask(work, { ...limits, signal }), limits.signal);
}

/** Where texts lie in the same space. @returns directions of length 1, in the order of the texts */
export function textDirections(texts: readonly string[], limits: CallOptions): Promise<Float32Array[]> {
  const hash = engine.hash();
  const one = async (text: string) => {
    const asked = (signal: AbortSignal) => ask({ texts: [text] }, { ...limits, signal });
    return (await kept.get(`${hash} text ${text}`, asked, limits.signal))[0]!;
  };
  return Promise.all(texts.map(one));
}

/** The same for texts that are always wanted together: sent, and kept, as one. */
export function groupDirections(texts: readonly string[], limits: CallOptions): Promise<Float32Array[]> {
  const key = `${engine.hash()} texts ${JSON.stringify(texts)}`;
  return kept.get(key, (signal) => ask({ texts }, { ...limits, signal }), limits.signal);
}

/** The cosine of the angle between two directions of length 1: 1 is the same, 0 nothing in common. */
export function similarity(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export const warmUpClip = (): Promise<void> => engine.warmUp();
export const closeClip = async (): Promise<void> => {
  kept.clear();
  await engine.close();
};

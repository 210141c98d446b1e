import { find, warmUpDetectors } from '../detectors/engine.ts';
import { networkHash } from '../detectors/weights.ts';
import type { Detection, Detector, EnginePicture, Tagger } from '../vision.ts';
import type { CallOptions } from '../warm-engine.ts';
import { KINDS, meaningOf } from './kinds.ts';

/**
 * Scores from which a thing counts, as the mean of two looks. What is asked for is likelier to be there than any of the
 * 80 kinds: on twenty photos and drawings, those between the two were four things more and three that were none, of
 * kinds nobody would have asked for.
 */
const ASKED = 0.25;
const UNASKED = 0.3;

const engine = () => `centernet-coco80@${networkHash('objects')}`;
const status = () => ({ ready: true }) as const;
const look = (picture: EnginePicture, limits: CallOptions) =>
  find({ task: 'objects', threshold: ASKED }, picture, limits);

/** Finds COCO's 80 kinds with a network that comes with Cota. */
export const coco80: Detector = {
  engine,
  status,
  vocabulary: KINDS,
  async detect(picture, labels, limits) {
    const names = labels && namesByKind(labels);
    const found = await look(picture, limits);
    return found.flatMap(({ kind, bbox, score }): Detection[] => {
      const label = names ? names.get(kind) : KINDS[kind];
      return label === undefined || (!names && score < UNASKED) ? [] : [{ label, bbox, score }];
    });
  },
  remarks(labels) {
    const meant = labels.map((label) => ({ label, meaning: meaningOf(label) }));
    const unknown = meant.filter(({ meaning }) => !meaning).map(({ label }) => `"${label}"`);
    const wider = [...namesByKind(labels)].flatMap(([kind, name]) => {
      const asked = meant.filter(({ meaning }) => meaning?.kind === kind);
      if (asked.length === 1 && asked[0]!.meaning!.whole) return [];
      const words = asked.map(({ label }) => `"${label}"`).join(' and ');
      if (asked.length > 1) return [`${words} cannot be told apart: all of them are found as "${name}".`];
      return [`${words} is looked for as any "${KINDS[kind]}".`];
    });
    if (unknown.length === 0) return wider;
    return [
      `${unknown.join(', ')} cannot be looked for: this detector knows only the 80 everyday kinds of COCO, so nothing is said of whether it is there.`,
      ...wider,
    ];
  },
  warmUp: warmUpDetectors,
};

/** What each kind is called in the answer: as it was asked for; where several words mean one kind, by the kind's name. */
function namesByKind(labels: readonly string[]): Map<number, string> {
  const names = new Map<number, string>();
  for (const label of new Set(labels)) {
    const kind = meaningOf(label)?.kind;
    if (kind !== undefined) names.set(kind, names.has(kind) ? KINDS[kind]! : label);
  }
  return names;
}

/** Names the kinds that it finds. */
export const coco80Tagger: Tagger = {
  engine,
  status,
  async tag(picture, limits) {
    const scores = new Map<string, number>();
    // The surest come first.
    for (const { kind, score } of await look(picture, limits))
      if (score >= UNASKED && !scores.has(KINDS[kind]!)) scores.set(KINDS[kind]!, score);
    return [...scores].map(([label, score]) => ({ label, score }));
  },
  warmUp: warmUpDetectors,
};

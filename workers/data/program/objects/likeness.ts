/**
 * How alike pictures and texts are, as the similarity tools say it: two decimals, 0.2 for what has nothing in common,
 * near 0.3 for what fits. The height of these values is that of the tool; margins between the right text and the others
 * are assumed, as nobody has measured them on these scenes.
 */
import type { Random } from '../../random.ts';
import { iou, type ObjectScene, type SceneObject } from './scene.ts';
import { type View, visible } from './views.ts';
import { relationPhrase, withColour } from './words/phrases.ts';

const LOWEST = 0.2;
const RANGE = 0.09;
/** Assumed: standard deviation of a likeness where there is noise. */
const JITTER = 0.011;

export interface Pair {
  readonly view: View;
  readonly text: string;
}

/** Share of what a text says that a view shows: 1 all of it, 0 nothing. */
function fits({ view, text }: Pair, scene: ObjectScene): number {
  const picture = scene.pictures[view.picture]!;
  const seen = visible(view, picture);
  for (const { subject, object, predicate } of picture.relations ?? []) {
    const [a, b] = [picture.objects[subject]!, picture.objects[object]!];
    if (text === relationPhrase(a.label, predicate, b.label) && seen.some((one) => one.object === a)) return 1;
  }
  // Of a cut-out the text is about what fills it; of a whole picture about anything in it.
  const whole = view.box[0] === 0 && view.box[2] === 1 && view.box[1] === 0 && view.box[3] === 1;
  const about = whole ? seen.map(({ object }) => object) : mainOf(view, seen);
  let most = 0;
  for (const { label, colour } of about) {
    if (colour !== undefined && text === withColour(colour, label)) return 1;
    if (text.endsWith(` ${label}`)) most = 0.5;
    else if (colour !== undefined && text.includes(` ${colour} `)) most = Math.max(most, 0.4);
  }
  return most;
}

function mainOf({ box }: View, seen: readonly { readonly object: SceneObject }[]): SceneObject[] {
  let main: SceneObject | undefined;
  let most = 0;
  for (const { object } of seen) {
    const alike = iou(object.box, box);
    if (alike > most) [most, main] = [alike, object];
  }
  return main ? [main] : [];
}

/** @returns one value for each pair; without noise the fitting ones are ahead of the others by 0.03 at least */
export function likeness(rng: Random, noise: boolean, pairs: readonly Pair[], scene: ObjectScene): number[] {
  return pairs.map((pair) => {
    const share = fits(pair, scene);
    const jitter = noise ? (rng.next() + rng.next() + rng.next() - 1.5) * 2 * JITTER : (rng.next() - 0.5) * 0.008;
    return Number((LOWEST + RANGE * share + jitter).toFixed(2));
  });
}

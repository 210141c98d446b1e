/** Plans that compare depths. */
import type { Look } from '../look.ts';
import { absentSaid, depthsSaid } from '../recap.ts';
import { inSingular, settle, UNKNOWN } from '../regions.ts';
import { best, Unmade } from '../rules.ts';
import { countOf, regionsOf, theOne } from './one-look.ts';
import type { Found, PlanOf } from './plan.ts';

const PARTLY = new Unmade('some of the things that are compared were not found');

interface Measured {
  readonly label: string;
  readonly depth: number;
}

/** Which is nearest or farthest, by itself or from an anchor. Rule 5. */
export async function depth(look: Look, plan: PlanOf<'depth'>): Promise<Found> {
  const { image, labels, anchor, near } = plan;
  // The anchor first: without it the others need not be measured.
  const asked = [...(anchor === undefined ? [] : [anchor]), ...look.rng.shuffle(labels)];
  const measured = look.rng.chance(0.55)
    ? await byRegion(look, image, asked)
    : await byName(look, image, asked, anchor);
  if ('absent' in measured) {
    const none = labels.every((label) => measured.absent.includes(label));
    if (none || (anchor !== undefined && measured.absent.includes(anchor)))
      return { answer: UNKNOWN, seen: measured.said ?? absentSaid(look.rng, image, measured.absent) };
    throw PARTLY;
  }
  const values = measured.depths.filter(({ label }) => label !== anchor);
  const from = measured.depths.find(({ label }) => label === anchor)?.depth ?? 0;
  const at = best(
    values.map((one) => (anchor === undefined ? one.depth : Math.abs(one.depth - from))),
    near ? -1 : 1,
  );
  return { answer: at === undefined ? UNKNOWN : values[at]!.label, seen: depthsSaid(look.rng, measured.depths) };
}

type Depths = { readonly depths: readonly Measured[] } | { readonly absent: readonly string[]; readonly said?: string };

async function byRegion(look: Look, image: string, labels: readonly string[]): Promise<Depths> {
  const thought = look.say('findForDepth', { image, what: inSingular(labels) });
  const regions = await regionsOf(look, thought, image, labels);
  // The number of each decides which thing is meant, so a doubtful second one matters, too.
  const { answer, there } = await settle(look, regions, (some) => labels.map((label) => countOf(some, label)).join());
  if (answer === UNKNOWN) throw PARTLY;
  const absent = labels.filter((label) => countOf(there, label) === 0);
  if (absent.length > 0) return { absent };
  const ones = labels.map((label) => theOne(there, label)!);
  const measure = (bbox: readonly number[]) => ({ name: 'EstimateRegionDepth', arguments: { image, bbox: [...bbox] } });
  if (look.rng.chance(0.4)) {
    const all = look.say('measure', { image, seen: '', what: inSingular(labels) });
    const shown = await look.act(
      all,
      ones.map(({ bbox }) => measure(bbox)),
    );
    return { depths: ones.map(({ label }, i) => ({ label, depth: depthIn(shown[i]) })) };
  }
  const depths: Measured[] = [];
  for (const { label, bbox } of ones) {
    const seen = depths.length > 0 && look.rng.chance(0.5) ? depthsSaid(look.rng, depths.slice(-1)) : '';
    const shown = await look.one(look.say('measure', { image, seen, what: `the ${label}` }), measure(bbox));
    depths.push({ label, depth: depthIn(shown) });
  }
  return { depths };
}

async function byName(look: Look, image: string, labels: readonly string[], anchor?: string): Promise<Depths> {
  const depths: Measured[] = [];
  const absent: string[] = [];
  const measure = (object: string) => ({ name: 'EstimateObjectDepth', arguments: { image, object } });
  if (anchor === undefined && look.rng.chance(0.4)) {
    const all = look.say('measureObject', { image, seen: '', what: inSingular(labels) });
    const shown = await look.act(all, labels.map(measure));
    shown.forEach((one, i) => {
      if ('notFound' in one) absent.push(labels[i]!);
      else depths.push({ label: labels[i]!, depth: depthIn(one) });
    });
  } else {
    for (const label of labels) {
      const last = depths.at(-1);
      const seen = last && look.rng.chance(0.5) ? depthsSaid(look.rng, [last]) : '';
      const [one] = await look.act(look.say('measureObject', { image, seen, what: `the ${label}` }), [measure(label)]);
      if (!one || 'notFound' in one) absent.push(label);
      else depths.push({ label, depth: depthIn(one) });
      if (absent.length > 0 && anchor !== undefined) break;
    }
  }
  if (absent.length === 0) return { depths };
  // An error alone proves nothing: the detector is asked once more what it sees of them.
  const regions = await regionsOf(look, look.say('searchMissing', { image, what: inSingular(absent) }), image, absent);
  if (regions.length > 0) throw PARTLY;
  return { absent };
}

const depthIn = (shown: unknown): number => Number((shown as { result: { depth: number } }).result.depth);

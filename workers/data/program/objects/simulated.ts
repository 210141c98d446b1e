/**
 * Observations of a scene that is known, in the tools' own shapes. `annotation` is what a tool without fault would
 * say. `noise` draws misses, false boxes, offsets and scores from ../../observe/detector.ts, which is fitted to the real
 * one; what is unsure in depths, likenesses and tags is assumed here, and named so.
 */
import type { Action, JsonObject } from '../../../../shared/contract.ts';
import type { ChainImage, ChainObservation } from '../../../../shared/data/chain.ts';
import { type Detected, detectWithNoise, type Wear } from '../../observe/detector.ts';
import type { Random } from '../../random.ts';
import type { Eyes } from './eyes.ts';
import { likeness } from './likeness.ts';
import { area, type Box, type ObjectScene, type SceneObject } from './scene.ts';
import { cutOf, drawnSize, partOf, type View, visible } from './views.ts';

/** Assumed: standard deviation of a depth, share of depths that are wrong altogether. */
const DEPTH_JITTER = 0.008;
const DEPTH_GROSS = 0.01;
/** Assumed: shares of tags that are missed, and of pictures with one that is not there. */
const TAG_MISSED = 0.06;
const TAG_FALSE = 0.06;

/** A label that stays doubtful in a picture however closely one looks. */
export interface Doubt {
  readonly picture: number;
  readonly label: string;
}

export interface Simulation {
  readonly scene: ObjectScene;
  readonly images: readonly ChainImage[];
  readonly noise: boolean;
  readonly wear: Wear;
  readonly doubt?: Doubt | undefined;
}

const round = (value: number, places: number): number => Number(value.toFixed(places));
const clamp = (value: number): number => Math.min(1, Math.max(0, value));

export function simulatedEyes(rng: Random, { scene, images, noise, wear, doubt }: Simulation): Eyes {
  const views = new Map<string, View>();
  images.forEach(({ name, width, height }, picture) => {
    views.set(name, { picture, box: [0, 0, 1, 1], width, height });
  });
  let next = images.length;
  const depths = new Map<SceneObject, number>();
  let doubtful: { readonly box: Box; readonly real?: SceneObject } | undefined;

  const made = (view: View): ChainImage => {
    const name = `image-${next++}`;
    views.set(name, view);
    return { name, width: view.width, height: view.height };
  };

  /** The one thing that stays doubtful: one of the label, or a place where there is none. */
  function doubted({ picture, label }: Doubt): { readonly box: Box; readonly real?: SceneObject } {
    if (doubtful) return doubtful;
    const mine = scene.pictures[picture]!.objects.filter((object) => object.label === label);
    if (mine.length > 0) {
      const real = rng.pick(mine);
      doubtful = { box: real.box, real };
    } else {
      const [w, h] = [0.06 + rng.next() * 0.1, 0.06 + rng.next() * 0.1];
      const [x, y] = [rng.next() * (1 - w), rng.next() * (1 - h)];
      doubtful = { box: [x, y, x + w, y + h] };
    }
    return doubtful;
  }

  function detected(view: View, labels: readonly string[]): Detected[] {
    const unsure = doubt && view.picture === doubt.picture && labels.includes(doubt.label) ? doubted(doubt) : undefined;
    const objects = visible(view, scene.pictures[view.picture]!).filter(({ object }) => object !== unsure?.real);
    const found: Detected[] = noise
      ? detectWithNoise(
          rng,
          objects.map(({ object, box }) => ({ label: object.label, bbox: box })),
          labels,
          wear,
        )
      : objects.flatMap(({ object, box }, of) =>
          labels.includes(object.label) ? [{ label: object.label, bbox: box, score: sureness(rng, box), of }] : [],
        );
    const place = unsure && partOf(view, unsure.box);
    if (place && doubt) found.push({ label: doubt.label, bbox: place, score: 0.3 + rng.int(1, 18) / 100 });
    return found.sort((a, b) => b.score - a.score);
  }

  function regionsOf(view: View, labels: readonly string[]): { label: string; bbox: number[]; score: number }[] {
    const seen = new Map<string, number>();
    return detected(view, labels).flatMap(({ label, bbox, score }) => {
      const box = bbox.map((side) => round(clamp(side), 3));
      if (box[0]! >= box[2]! || box[1]! >= box[3]!) return [];
      const n = (seen.get(label) ?? 0) + 1;
      seen.set(label, n);
      return [{ label: n === 1 ? label : `${label}-${n}`, bbox: box, score: round(score, 2) }];
    });
  }

  function depthOf(object: SceneObject | undefined, box: Box): number {
    if (object?.depth === undefined) return round(clamp(1 - box[3]), 3);
    let depth = depths.get(object);
    if (depth === undefined) {
      depth = object.depth;
      if (noise) {
        depth += (rng.next() + rng.next() + rng.next() - 1.5) * 2 * DEPTH_JITTER;
        if (rng.chance(DEPTH_GROSS)) depth = rng.next();
      }
      depths.set(object, depth);
    }
    return round(clamp(depth), 3);
  }

  const tools: Record<string, (view: View, args: JsonObject) => ChainObservation> = {
    LocalizeObjects(view, args) {
      const regions = regionsOf(view, args.objects as string[]);
      if (regions.length === 0) return { ok: true, result: { image: args.image!, regions } };
      const image = made({ ...view, ...drawnSize(view) });
      return { ok: true, result: { image: image.name, regions }, images: [image] };
    },
    GetObjects(view) {
      const { objects } = scene.pictures[view.picture]!;
      const tags = [
        ...new Set(visible(view, { ...scene.pictures[view.picture]!, objects }).map(({ object }) => object.label)),
      ];
      let kept = rng.shuffle(tags);
      if (noise) {
        kept = kept.filter(() => !rng.chance(TAG_MISSED));
        const other = rng.pick(scene.labels);
        if (rng.chance(TAG_FALSE) && !tags.includes(other)) kept.push(other);
      }
      return { ok: true, result: { objects: kept } };
    },
    EstimateRegionDepth(view, args) {
      const box = args.bbox as unknown as Box;
      const found = nearestTo(view, scene, box);
      return { ok: true, result: { depth: depthOf(found, box) } };
    },
    EstimateObjectDepth(view, args) {
      const label = args.object as string;
      const [best] = regionsOf(view, [label]);
      if (!best) {
        const message = `No ${JSON.stringify(label)} was found in ${String(args.image)}. Name it by a more general word, or give EstimateRegionDepth the place of the object.`;
        return { ok: false, error: { code: 'object_not_found', message } };
      }
      const found = nearestTo(view, scene, best.bbox as unknown as Box);
      return { ok: true, result: { depth: depthOf(found, best.bbox as unknown as Box), bbox: best.bbox } };
    },
    Crop(view, args) {
      const image = made(cutOf(view, args.bbox as unknown as Box, 1));
      return { ok: true, result: { image: image.name }, images: [image] };
    },
    ZoomIn(view, args) {
      const factor = args.zoom_factor as number;
      const image = made(cutOf(view, args.bbox as unknown as Box, factor));
      return { ok: true, result: { image: image.name, zoom_factor: round(factor, 2) }, images: [image] };
    },
    GetImageToTextsSimilarity(view, args) {
      const texts = args.texts as string[];
      const similarity = likeness(
        rng,
        noise,
        texts.map((text) => ({ view, text })),
        scene,
      );
      const at = similarity.indexOf(Math.max(...similarity));
      return { ok: true, result: { similarity, best_text_index: at, best_text: texts[at]! } };
    },
  };

  return {
    images,
    toolVersions: {},
    async see({ name, arguments: args }: Action): Promise<ChainObservation> {
      if (name === 'Calculate') return { ok: true, result: { result: calculated(String(args.expression)) } };
      if (name === 'GetTextToImagesSimilarity') {
        const names = args.images as string[];
        const text = args.text as string;
        const similarity = likeness(
          rng,
          noise,
          names.map((one) => ({ view: views.get(one)!, text })),
          scene,
        );
        const at = similarity.indexOf(Math.max(...similarity));
        return { ok: true, result: { similarity, best_image_index: at, best_image: names[at]! } };
      }
      const view = views.get(args.image as string);
      const tool = tools[name];
      if (!view || !tool) throw new Error(`nothing simulates ${name} of ${String(args.image)}`);
      return tool(view, args);
    },
  };
}

/** How sure a detector without fault is: large things more than small ones. Assumed. */
function sureness(rng: Random, box: Box): number {
  const sure = 0.68 + Math.min(0.2, Math.sqrt(area(box)) * 0.6) + (rng.next() - 0.5) * 0.22;
  return round(Math.min(0.98, Math.max(0.53, sure)), 2);
}

/** The object of a view whose box is most like this one, if any is. */
function nearestTo(view: View, scene: ObjectScene, box: Box): SceneObject | undefined {
  let found: SceneObject | undefined;
  let most = 0.3;
  for (const one of visible(view, scene.pictures[view.picture]!)) {
    const [l, t, r, b] = one.box;
    const both =
      Math.max(0, Math.min(r, box[2]) - Math.max(l, box[0])) * Math.max(0, Math.min(b, box[3]) - Math.max(t, box[1]));
    const alike = both / (area(one.box) + area(box) - both);
    if (alike > most) {
      most = alike;
      found = one.object;
    }
  }
  return found;
}

/** Sums and differences of whole numbers, which is all that these chains calculate. */
const calculated = (expression: string): number =>
  expression
    .replaceAll('-', '+-')
    .split('+')
    .map((part) => Number(part.replaceAll(' ', '')))
    .reduce((a, b) => a + b, 0);

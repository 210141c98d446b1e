/** Follows a chain call by call: shape, tools, arguments, images, boxes, calculations; and gathers what was seen. */
import type { Action } from '../../../shared/contract.ts';
import type { ChainImage } from '../../../shared/data/chain.ts';
import { calculateExpression } from '../../tools/calculate/calculate-expression.ts';
import { calculated } from './arithmetic.ts';
import { cutOut, follows, isBox, sameBox, toInput } from './boxes.ts';
import type { Box, CheckInput, FailedStep, Place, Seen, SeenStep } from './contract.ts';
import { type Fault, fault } from './reasons.ts';
import { argumentsFault, imagesOf, TOOLS } from './tool-shapes.ts';

/** A call in the chain, seen or failed. */
export interface Call {
  readonly turn: number;
  readonly action: Action;
  /** Index among the seen steps; undefined where it failed. */
  readonly step: number | undefined;
  readonly error?: string;
}

export interface Walked {
  readonly seen: Seen;
  readonly calls: readonly Call[];
  /** What Terminate says. */
  readonly answer: string;
}

type Sight = { readonly place: Place; readonly width: number; readonly height: number };

/** Errors that may be gone at the next try; after any other the same call says the same. */
const PASSING = /failed|timeout|unavailable|busy|away|overload|internal|worker|engine|network|rate/i;

/** Where boxes were seen in a place of an input image. */
const WHOLE: Box = [0, 0, 1, 1];

export function walk({ images, tools, turns }: CheckInput): Walked | Fault {
  const shape = shapeFault(turns);
  if (shape !== undefined) return fault('shape', shape);
  const sights = new Map<string, Sight>();
  images.forEach(({ name, width, height }, input) => {
    sights.set(name, { place: { input, box: WHOLE, zoom: 1 }, width, height });
  });
  if (images.some(({ name }, i) => name !== `image-${i}`))
    return fault('image-numbering', 'input images are not numbered from 0');
  const steps: SeenStep[] = [];
  const failed: FailedStep[] = [];
  const calls: Call[] = [];
  /** Boxes that were seen, by input image and in its fractions. */
  const boxes = images.map((): Box[] => []);
  const succeeded = new Set<string>();
  const failedFor = new Set<string>();
  let answer = '';

  for (const [turn, { actions, observations }] of turns.entries()) {
    const at = `turn ${turn + 1}`;
    const here: { action: Action; sight: Sight | undefined }[] = [];
    for (const action of actions) {
      if (action.name === 'Terminate') {
        const said = action.arguments.answer;
        if (typeof said !== 'string' || said.trim() === '')
          return fault('bad-arguments', `${at}: Terminate has no answer`);
        answer = said.trim();
        continue;
      }
      const wrong = callFault(action, at, { tools, sights, boxes, succeeded, failedFor });
      if (wrong) return wrong;
      const [named] = imagesOf(action.name, action.arguments);
      here.push({
        action,
        sight: named === undefined || action.name === 'GetTextToImagesSimilarity' ? undefined : sights.get(named),
      });
    }
    for (const [i, { action, sight }] of here.entries()) {
      const observation = observations[i]!;
      const key = JSON.stringify(action);
      if (!observation.ok) {
        const { code, message } = observation.error;
        if (!PASSING.test(code)) failedFor.add(key);
        failed.push({ action, code, ...(sight ? { place: sight.place } : {}) });
        calls.push({ turn, action, step: undefined, error: `${code}: ${message}` });
        continue;
      }
      succeeded.add(key);
      const { result } = observation;
      const made = observation.images ?? [];
      const wrong = TOOLS[action.name]?.fault(result, action.arguments) ?? undefined;
      if (wrong !== undefined) return fault('bad-observation', `${at}: ${action.name}: ${wrong}`);
      const numbering = madeFault(action, result, made, sights.size);
      if (numbering !== undefined) return fault('image-numbering', `${at}: ${numbering}`);
      for (const image of made) sights.set(image.name, sightOf(image, action, sight));
      const miscalculated = resultFault(action, result);
      if (miscalculated !== undefined) return fault('wrong-result', `${at}: ${miscalculated}`);
      if (sight) boxes[sight.place.input]?.push(...boxesIn(result).map((box) => toInput(box, sight.place)));
      calls.push({ turn, action, step: steps.length });
      steps.push({
        action,
        result,
        ...(sight ? { place: sight.place } : {}),
        made: made.map(({ name }) => name),
      });
    }
  }
  return {
    seen: { steps, failed, places: new Map([...sights].map(([name, { place }]) => [name, place])) },
    calls,
    answer,
  };
}

function shapeFault(turns: CheckInput['turns']): string | undefined {
  if (turns.length === 0) return 'there is no turn';
  for (const [turn, { actions, observations, problem }] of turns.entries()) {
    const last = turn === turns.length - 1;
    const ends = actions.filter(({ name }) => name === 'Terminate').length;
    if (ends > 0 && !last) return `turn ${turn + 1} ends the chain and ${turns.length - 1 - turn} more follow`;
    if (last && (ends !== 1 || actions.length !== 1)) return 'the last turn does not end with Terminate alone';
    if (actions.length === 0 && problem === undefined) return `turn ${turn + 1} does nothing`;
    if (observations.length !== actions.length - ends)
      return `turn ${turn + 1} has ${actions.length - ends} calls and ${observations.length} observations`;
  }
  return undefined;
}

interface Known {
  readonly tools: readonly string[];
  readonly sights: ReadonlyMap<string, Sight>;
  readonly boxes: readonly (readonly Box[])[];
  readonly succeeded: ReadonlySet<string>;
  readonly failedFor: ReadonlySet<string>;
}

function callFault(
  action: Action,
  at: string,
  { tools, sights, boxes, succeeded, failedFor }: Known,
): Fault | undefined {
  const { name, arguments: given } = action;
  if (!tools.includes(name)) return fault('tool-not-offered', `${at}: ${name}`);
  const wrong = argumentsFault(name, given);
  if (wrong !== undefined) return fault('bad-arguments', `${at}: ${wrong}`);
  for (const image of imagesOf(name, given)) {
    if (!sights.has(image)) return fault('no-such-image', `${at}: ${image}; there are ${sights.size}`);
  }
  const key = JSON.stringify(action);
  if (succeeded.has(key)) return fault('repeated-call', `${at}: ${name} had succeeded with these arguments`);
  if (failedFor.has(key)) return fault('repeated-call', `${at}: ${name} had failed for these arguments`);
  const box = given.bbox;
  const sight = typeof given.image === 'string' ? sights.get(given.image) : undefined;
  if (isBox(box) && sight) {
    const known = boxes[sight.place.input] ?? [];
    const there = toInput(box, sight.place);
    // A depth stands for the very region whose box it was given; what is cut out may have some room around it.
    const fits = name === 'EstimateRegionDepth' ? known.some((one) => sameBox(one, there)) : follows(there, known);
    if (!fits) return fault('box-from-nowhere', `${at}: ${JSON.stringify(box)}`);
  }
  return undefined;
}

/** Images that a call made: the next numbers, and the result names the first of them. */
function madeFault(
  action: Action,
  result: SeenStep['result'],
  made: readonly ChainImage[],
  existing: number,
): string | undefined {
  const { image } = result;
  if (!(TOOLS[action.name]?.makes?.(result) ?? false)) {
    if (made.length > 0) return `${action.name} makes no image here, but ${made[0]!.name} is given`;
    if (image !== undefined && image !== action.arguments.image)
      return `${action.name} found nothing and names ${String(image)}`;
    return undefined;
  }
  if (made.length !== 1) return `${action.name} makes one image, but ${made.length} are given`;
  const next = `image-${existing}`;
  if (made[0]!.name !== next) return `${made[0]!.name} should be ${next}`;
  return image === next ? undefined : `the result names ${String(image)} and should name ${next}`;
}

/** Boxes drawn on an image leave it the same place; a cut-out is a part of it. */
function sightOf({ width, height }: ChainImage, action: Action, from: Sight | undefined): Sight {
  const place = from?.place ?? { input: 0, box: WHOLE, zoom: 1 };
  const box = action.arguments.bbox;
  if ((action.name !== 'Crop' && action.name !== 'ZoomIn') || !isBox(box) || !from) return { place, width, height };
  const cut = cutOut(box);
  const zoom = width / Math.max(1, (cut[2] - cut[0]) * from.width);
  return {
    place: { input: place.input, box: toInput(cut, place), zoom: place.zoom * (action.name === 'Crop' ? 1 : zoom) },
    width,
    height,
  };
}

function resultFault({ name, arguments: given }: Action, result: SeenStep['result']): string | undefined {
  if (name !== 'Calculate') return undefined;
  const expression = String(given.expression);
  let value: unknown = calculated(expression);
  if (value === undefined) {
    try {
      value = calculateExpression(expression);
    } catch (error) {
      return `${expression} cannot be calculated: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  const given_ = result.result;
  const agrees =
    typeof value === 'number' && typeof given_ === 'number'
      ? Math.abs(value - given_) <= 1e-6 * Math.max(1, Math.abs(value))
      : JSON.stringify(value) === JSON.stringify(given_);
  return agrees ? undefined : `${expression} is ${JSON.stringify(value)}, not ${JSON.stringify(given_)}`;
}

/** All boxes that a result has: of regions, rows, cells, an object whose depth was asked. */
function boxesIn({ regions, rows, bbox }: SeenStep['result']): Box[] {
  const found: Box[] = [];
  const take = (one: unknown): void => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return;
    const { bbox, cells } = one as { bbox?: unknown; cells?: unknown };
    if (isBox(bbox)) found.push(bbox);
    if (Array.isArray(cells)) for (const cell of cells) take(cell);
  };
  if (Array.isArray(regions)) for (const region of regions) take(region);
  if (Array.isArray(rows)) for (const row of rows) take(row);
  if (isBox(bbox)) found.push(bbox);
  return found;
}

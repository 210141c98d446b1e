import { toolSettings } from '../settings.ts';
import { coco80 } from './coco80/engine.ts';
import { groundingDino } from './grounding-dino/engine.ts';
import type { Detector } from './vision.ts';

/** What finds objects, by `engines.detection` of tools.yaml. A new detector is one line here. */
const detectors: Readonly<Record<string, Detector>> = { coco80, 'grounding-dino': groundingDino };

/** @throws Error when tools.yaml names a detector that is not there */
export function detector(): Detector {
  const name = toolSettings().config.engines.detection;
  const chosen = detectors[name];
  if (!chosen) throw new Error(`there is no detector ${name}`);
  return chosen;
}

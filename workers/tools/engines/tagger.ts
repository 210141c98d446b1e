import { toolSettings } from '../settings.ts';
import { tagger as clip } from './clip/tagger.ts';
import { coco80Tagger } from './coco80/engine.ts';
import type { Tagger } from './vision.ts';

/** What names the objects of an image, by `engines.objects` of tools.yaml. A new one is one line here. */
const taggers: Readonly<Record<string, Tagger>> = { coco80: coco80Tagger, clip };

/** @throws Error when tools.yaml names one that is not there */
export function tagger(): Tagger {
  const name = toolSettings().config.engines.objects;
  const chosen = taggers[name];
  if (!chosen) throw new Error(`there is no tagger ${name}`);
  return chosen;
}

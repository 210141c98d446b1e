/** A question about a scene, of any family that its facts allow. */
import type { Random } from '../random.ts';
import type { Place, Scene } from '../scene/scene.ts';
import type { Ask } from './ask.ts';
import type { Split } from './phrase.ts';
import { askPrices } from './prices.ts';
import { askReceipt } from './receipts.ts';
import { askTable } from './tables.ts';
import { askEquation, askList, askSign } from './texts.ts';

export function askScene(rng: Random, scene: Scene, split: Split): Ask | undefined {
  const textAt = (at: Place): string => scene.rows[at.row]?.cells[at.cell] ?? '';
  const { facts } = scene;
  for (let tries = 0; tries < 6; tries++) {
    const ask =
      facts.kind === 'prices'
        ? askPrices(rng, facts, split)
        : facts.kind === 'table'
          ? askTable(rng, facts, split)
          : facts.kind === 'receipt'
            ? askReceipt(rng, facts, split)
            : facts.kind === 'list'
              ? askList(rng, facts, textAt, split)
              : facts.kind === 'sign'
                ? askSign(rng, facts, textAt, split)
                : askEquation(rng, facts, split);
    if (ask) return ask;
  }
  return undefined;
}

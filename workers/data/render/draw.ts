/** A scene as a picture. */
import type { Split } from '../ask/phrase.ts';
import type { Random } from '../random.ts';
import type { Scene } from '../scene/scene.ts';
import { boardPage, equationPage, signPage } from './board-page.ts';
import { chartPage, columnPage } from './chart-page.ts';
import { type Picture, type Wear, wearOut } from './degrade.ts';
import { linePage, piePage } from './line-pie-page.ts';
import { menuPage } from './menu-page.ts';
import type { Page } from './page.ts';
import { receiptPage } from './receipt-page.ts';
import { tablePage } from './table-page.ts';

/** Lays a scene out as its kind of page. */
export function layOut(rng: Random, split: Split, scene: Scene): Page {
  const { facts } = scene;
  if (facts.kind === 'receipt') return receiptPage(rng, split, scene);
  if (facts.kind === 'table') return tablePage(rng, split, scene);
  if (facts.kind === 'sign') return signPage(rng, split, scene);
  if (facts.kind === 'equations') return equationPage(rng, split, scene);
  if (facts.kind === 'prices' && facts.what === 'board') return boardPage(rng, split, scene);
  if (scene.template === 'line') return linePage(rng, split, scene);
  if (scene.template === 'pie') return piePage(rng, split, scene);
  if (facts.kind === 'prices' && facts.what === 'chart') return chartPage(rng, split, scene);
  if (facts.kind === 'prices' && facts.what === 'columns') return columnPage(rng, split, scene);
  if (facts.kind === 'prices' && facts.what === 'pump') return boardPage(rng, split, scene);
  return menuPage(rng, split, scene);
}

/** Draws a scene, worn as drawn from the shares of real uploads: many clean ones, some photos, few poor ones. */
export async function drawScene(rng: Random, split: Split, scene: Scene, wear?: Wear): Promise<Picture> {
  const page = layOut(rng, split, scene);
  return wearOut(
    rng,
    page,
    wear ??
      rng.weighted([
        ['clean', 35],
        ['scan', 25],
        ['photo', 28],
        ['poor', 12],
      ] as const),
  );
}

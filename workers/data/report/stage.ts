/** Stage `report`: one page to look at, `report.html`: figures of every stage, and twenty chains drawn step by step. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { pictureBytesOf } from '../factory/pictures.ts';
import { stage } from '../factory/stage.ts';
import { chainCard } from './chain-card.ts';
import { CHAINS_SHOWN, gather, yieldsOf } from './gather.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';
import { contents, exports, filter, headline, mixture, outcomes, sourceTables } from './sections.ts';

const spec = z.object({});

export const reportStage = stage<z.infer<typeof spec>>({
  name: 'report',
  spec,
  plan: async ({ recipe }) => (recipe.report ? [{}] : []),
  async make(_, shard) {
    const { recipe, objects, signal } = shard;
    const figures = await gather(shard, shard.progress, signal);
    const chains = figures.sample.take(CHAINS_SHOWN);
    const cards: Html[] = [];
    for (const chain of chains) {
      signal.throwIfAborted();
      cards.push(await chainCard((key) => pictureBytesOf(objects, shard, key), chain));
    }
    const text = page(
      `${recipe.name}: report`,
      html`<p class="note">Cota data report</p><h1>${recipe.name}</h1><p class="note">Recipe with seed ${recipe.seed}; sources: ${recipe.sources.map(({ name }) => name).join(', ')}.</p>`,
      [
        headline(figures),
        outcomes(figures),
        sourceTables(figures, await yieldsOf(shard)),
        filter(figures),
        mixture(figures),
        contents(figures),
        exports(figures),
        chains.length > 0 &&
          html`<section><h2>Chains to look at</h2><p>${chains.length} chains of as many kinds as there are, chosen by the seed. Wrong ones may be from before the filter. Boxes are what tools found or were told to look at; dashed: the part that was enlarged or cut out.</p>${cards}</section>`,
      ],
    );
    const bytes = Buffer.from(text);
    const key = shard.key('report.html');
    await objects.put(key, bytes, { contentType: 'text/html; charset=utf-8' });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const file = { name: 'report.html', key, rows: chains.length, bytes: bytes.length, sha256 };
    return { files: [file], counts: { chains: figures.final.rows, shown: chains.length } };
  },
});

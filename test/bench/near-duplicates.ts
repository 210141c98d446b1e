/**
 * `npm run bench -- near-duplicates [N] --from=FOLDER`: how many near-duplicates the filter finds among real chains, whose
 * texts come of templates, at several thresholds. All pairs that are as alike are found beside it, exactly. Recall: of the
 * chains that are as alike as the threshold to one that stays and comes before, how many went. Pictures that were drawn
 * are not looked at here: take chains without.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chain } from '../../shared/data/chain.ts';
import { recipe as recipeSchema } from '../../shared/data/recipe.ts';
import { readChains, readRows } from '../../workers/data/factory/chain-files.ts';
import { comparedText } from '../../workers/data/filter/chain-text.ts';
import { jaccard, shingles } from '../../workers/data/filter/minhash.ts';
import type { DecideNotes, DroppedChain } from '../../workers/data/filter/reasons.ts';
import { rarestFirst, withOneBefore } from './all-pairs.ts';
import { foundChains, openBenchStore, runStages } from './stage-pool.ts';

const THRESHOLDS = [0.9, 0.8, 0.7, 0.5] as const;
const numbers = process.argv.slice(3).filter((arg) => /^\d+$/.test(arg));
const n = Number(numbers[0] ?? 20_000);
const from = process.argv.find((arg) => arg.startsWith('--from='))?.slice('--from='.length) ?? '';
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const root = mkdtempSync(join(tmpdir(), 'cota-near-'));
const objects = await openBenchStore(root);
try {
  const given = await foundChains(root, from, n);
  const chains: Pick<Chain, 'id'>[] = [];
  const sets: Uint32Array[] = [];
  for (const { key } of given.flatMap(({ files }) => files))
    for await (const chain of readChains(objects, { key })) {
      chains.push({ id: chain.id });
      sets.push(shingles(comparedText(chain)));
    }
  const rarest = rarestFirst(sets);
  say(`${chains.length} chains`);
  say('threshold  bands  decide s  suspects   dropped  wrongly   missed   recall');
  for (const threshold of THRESHOLDS) {
    const recipe = recipeSchema.parse({
      name: 'bench-near',
      seed: 1,
      sources: [{ name: 'given', chains: 'given' }],
      filter: { checker: false, useful_steps: false, duplicates: { exact: true, text: threshold } },
    });
    const gone = new Map<string, DroppedChain>();
    let seconds = 0;
    let notes: DecideNotes['nearDuplicates'] | undefined;
    for await (const time of runStages(['filter.scan', 'filter.decide', 'filter.apply'], recipe, root, 1, given)) {
      if (time.name === 'filter.decide') {
        seconds = time.seconds;
        notes = (time.reports[0]?.notes as unknown as DecideNotes | undefined)?.nearDuplicates;
      }
      if (time.name === 'filter.apply')
        for (const { key } of time.reports.flatMap(({ files }) =>
          files.filter(({ name }) => name.startsWith('dropped-')),
        ))
          for await (const row of readRows<DroppedChain>(objects, key)) gone.set(row.id, row);
    }
    const number = new Map(chains.map(({ id }, i) => [id, i] as const));
    const order = [...chains.keys()].sort((a, b) => ((chains[a]?.id ?? '') < (chains[b]?.id ?? '') ? -1 : 1));
    const kept = order.filter((i) => !gone.has(chains[i]?.id ?? ''));
    const near = order.filter((i) => gone.get(chains[i]?.id ?? '')?.reason === 'near-duplicate');
    const wrong = near.filter((i) => {
      const other =
        gone
          .get(chains[i]?.id ?? '')
          ?.detail.split(' ')
          .at(-1) ?? '';
      return jaccard(sets[i] as Uint32Array, sets[number.get(other) ?? -1] ?? new Uint32Array()) < threshold;
    }).length;
    const missed = withOneBefore(
      kept.map((i) => sets[i] as Uint32Array),
      threshold,
      rarest,
    ).length;
    const recall = near.length === 0 ? Number.NaN : near.length / (near.length + missed);
    say(
      [
        String(threshold).padStart(9),
        `${notes?.bands}x${notes?.rows}`.padStart(6),
        seconds.toFixed(1).padStart(9),
        String(notes?.suspects).padStart(9),
        String(near.length).padStart(9),
        String(wrong).padStart(8),
        String(missed).padStart(8),
        recall.toFixed(4).padStart(8),
      ].join(' '),
    );
  }
} finally {
  await objects.close();
  rmSync(root, { recursive: true, force: true });
}

/** A small dataset of hand-made and hostile chains, exported to every format and laid out as a user has it on disk. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import type { Chain } from '../../shared/data/chain.ts';
import { exportFormat } from '../../shared/data/recipe/export.ts';
import { recipe } from '../../shared/data/recipe.ts';
import { openObjectStore } from '../../shared/object-store.ts';
import { cardsStage } from '../../workers/data/export/cards-stage.ts';
import { conversationOf, shownOf } from '../../workers/data/export/conversation.ts';
import { markedConversation } from '../../workers/data/export/placeholders.ts';
import { readTar } from '../../workers/data/export/read-file.ts';
import { exportStage } from '../../workers/data/export/stage.ts';
import { writeLines } from '../../workers/data/factory/chain-files.ts';
import { runHere } from '../../workers/data/factory/here.ts';
import { anyChain, sampleChain, samplePictures } from '../drawn-chains.ts';

/**
 * Writes `<folder>/native` and `<folder>/text`, each with all formats, and in each `expected.json`: what Python should
 * find, row for row.
 */
export async function makeExports(folder: string): Promise<void> {
  const objects = await openObjectStore({ driver: 'fs', root: join(folder, 'store'), linkSecret: 'x'.repeat(32) });
  const pictures = await samplePictures(objects, 5);
  const hostile = fc.sample(anyChain(pictures, 'train'), { numRuns: 40, seed: 7 });
  const chains: Chain[] = [
    sampleChain(pictures, { id: 'toys/1' }),
    ...hostile.map((chain, i) => ({ ...chain, id: `any/${i}` })),
    sampleChain([...pictures].reverse(), { id: 'toys/2', split: 'validation' }),
  ];
  const file = await writeLines(objects, 't/here/given/chains-0.jsonl.zst', chains);
  for (const calls of ['native', 'text'] as const) {
    const asked = recipe.parse({
      name: 'loaders',
      seed: 1,
      sources: [{ name: 'given', dataset: 'given' }],
      export: exportFormat.options,
      export_options: { calls },
    });
    const { reports } = await runHere([exportStage, cardsStage], asked, objects, {
      id: `data_${calls}`,
      datasets: { given: [file] },
    });
    for (const { name, key } of [...reports.values()].flat().flatMap((report) => report.files)) {
      const at = join(folder, calls, name);
      if (name.endsWith('.tar')) {
        for await (const picture of readTar(objects, key)) await put(join(folder, calls, picture.name), picture.bytes);
      } else await put(at, (await objects.get(key)).bytes);
    }
    await put(join(folder, calls, 'expected.json'), Buffer.from(JSON.stringify(chains.map(expected))));
  }
  await objects.close();
}

/** What every loader should find of a chain, whatever its format calls it. */
function expected(chain: Chain) {
  const messages = conversationOf(chain, shownOf(chain));
  const hashes = messages.flatMap(({ parts }) => parts.flatMap((part) => ('image' in part ? [part.image.sha256] : [])));
  return {
    id: chain.id,
    split: chain.split,
    question: chain.question.toWellFormed(),
    thoughts: chain.turns.map(({ thought }) => thought.toWellFormed()),
    actions: chain.turns.map(({ actions }) => actions),
    conversation: markedConversation(messages).map(({ role, content }) => ({ role, content: content.toWellFormed() })),
    images: hashes,
  };
}

async function put(path: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

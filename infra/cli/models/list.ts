import { join } from 'node:path';
import type { CatalogueEntry } from '../../../shared/weights/catalogue.ts';
import { sizeOf } from '../../../shared/weights/download.ts';
import { storedReceipt } from '../../../shared/weights/store.ts';
import type { Weights, WeightsState } from '../../../shared/weights/weights.ts';
import { type Command, JSON_OPTION, noOperands } from '../command.ts';
import { printJson, say, size, table } from '../terminal.ts';
import { openStore, PLACE_OPTIONS, placeOf, plainly } from './place.ts';

export const list: Command = {
  name: 'models list',
  summary: "List the weights that can be pulled for the tools' engines, and which are here.",
  about: [
    'HELD TO says what the bytes of a pull are checked against: `catalogue` where it has the SHA-256 of every file, else',
    '`hub`: what the hub itself says of a file when it is first pulled, which its receipt keeps for `cota models verify`.',
  ].join('\n'),
  options: {
    store: { help: 'look into the object store as well' },
    ...PLACE_OPTIONS,
    ...JSON_OPTION,
  },
  async run(args) {
    noOperands(list, args);
    const place = placeOf(args);
    const objects = args.flag('store') ? await openStore(place) : undefined;
    const rows = [];
    for (const entry of place.weights.entries) {
      const state = place.weights.find(entry.id);
      const stored = objects && (await plainly(() => storedReceipt(objects, entry.id))) !== undefined;
      rows.push({ entry, state, words: await wordsOf(place.weights, entry, state), stored });
    }
    await objects?.close();
    if (args.flag('json')) {
      printJson(
        rows.map(({ entry, state, words, stored }) => ({
          ...entry,
          ready: state.ready,
          state: words,
          pinned: pinned(entry),
          folder: join(place.weights.root, entry.repo),
          receipt: state.ready ? state.receipt : null,
          ...(stored === undefined ? {} : { stored }),
        })),
      );
      return 0;
    }
    say(`weights in ${place.weights.root}\n`);
    const head = [
      'WEIGHTS',
      'ENGINE',
      'TYPE',
      'SIZE',
      'LICENCE',
      'HELD TO',
      'STATE',
      ...(objects ? ['STORE'] : []),
      'FOR',
    ];
    const lines = rows.map(({ entry, state, words, stored }) => [
      ...[entry.id, entry.engine, entry.dtype, sizeWords(entry, state), entry.licence],
      ...[pinned(entry) ? 'catalogue' : 'hub', words],
      ...(stored === undefined ? [] : [stored ? 'there' : '-']),
      entry.tools.join(', '),
    ]);
    say(table(head, lines));
    say('\n`cota models pull ID` fetches; `cota models` alone lists the models of models.yaml');
    return 0;
  },
};

const pinned = (entry: CatalogueEntry): boolean => entry.files.every((file) => file.sha256 !== null);

function sizeWords(entry: CatalogueEntry, state: WeightsState): string {
  const files = state.ready ? state.receipt.files : entry.files;
  const bytes = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  if (files.every((file) => file.bytes !== null)) return size(bytes);
  return bytes > 1_000_000 ? `${size(bytes)} and more` : 'unknown';
}

async function wordsOf({ root }: Weights, entry: CatalogueEntry, state: WeightsState): Promise<string> {
  if (state.ready) return 'ready';
  if (state.broken !== undefined) return `broken: ${state.broken}`;
  const parts = await Promise.all(
    entry.files.flatMap(({ path }) => [path, `${path}.part`]).map((path) => sizeOf(join(root, entry.repo, path))),
  );
  const ended = parts.some((bytes, at) => at % 2 === 1 && bytes > 0);
  return ended ? 'begun: pull goes on with it' : 'not pulled';
}

/** `cota models verify` and `remove`. */
import { deletedModel } from '../../../services/api/handlers/models.ts';
import { removeFromStore, storedReceipt, verifyStore } from '../../../shared/weights/store.ts';
import { type Fault, remove as removeWeights, verify as verifyWeights } from '../../../shared/weights/verify.ts';
import { UserError } from '../../user-error.ts';
import { findTarget, openClient } from '../client.ts';
import { type Arguments, type Command, JSON_OPTION, TARGET_OPTIONS } from '../command.ts';
import { openProgress } from '../progress.ts';
import { printJson, say } from '../terminal.ts';
import { entryOf, openStore, PLACE_OPTIONS, placeOf, plainly, STORE_OPTION } from './place.ts';

export const verify: Command = {
  name: 'models verify',
  operands: '[ID...]',
  summary: 'Read the files of pulled weights and compare them with their receipts.',
  about:
    'Without an ID, all that are here. Exit code 1 where a file is missing, has other bytes, or belongs to nothing.',
  options: { ...STORE_OPTION, ...PLACE_OPTIONS, ...JSON_OPTION },
  async run(args) {
    const place = placeOf(args);
    const { weights } = place;
    const objects = args.flag('store') ? await openStore(place) : undefined;
    const progress = openProgress(true);
    const found: { id: string; faults: readonly Fault[] }[] = [];
    try {
      const named = args.operands.map((id) => entryOf(weights, id));
      const all = [];
      for (const entry of named.length > 0 ? [] : weights.entries) {
        const state = weights.find(entry.id);
        const here = objects
          ? (await plainly(() => storedReceipt(objects, entry.id))) !== undefined
          : state.ready || state.broken !== undefined;
        if (here) all.push(entry);
      }
      for (const entry of [...named, ...all]) {
        const onFile = (path: string): void => progress.show(`${entry.id}: ${path}`);
        const faults = await plainly(() =>
          objects ? verifyStore(objects, entry, onFile) : verifyWeights(weights.root, entry, onFile),
        );
        found.push({ id: entry.id, faults });
      }
    } finally {
      progress.end();
      await objects?.close();
    }
    const bad = found.filter(({ faults }) => faults.length > 0);
    if (args.flag('json')) printJson(found);
    else {
      if (found.length === 0) say(`no weights ${objects ? 'in the object store' : `in ${weights.root}`}`);
      for (const { id, faults } of found) {
        if (faults.length === 0) say(`${id}: all well`);
        for (const { path, what } of faults) say(`${id}: ${path}: ${what}`);
      }
      if (bad.some(({ faults }) => faults.some((fault) => fault.what !== 'not of these weights'))) {
        const ids = bad.map(({ id }) => id).join(' ');
        say(`\nto mend it: cota models pull ${ids} ${objects ? '--to store' : '--force'}`);
      }
    }
    return bad.length === 0 ? 0 : 1;
  },
};

export const remove: Command = {
  name: 'models remove',
  operands: 'ID...',
  summary: 'Delete pulled weights, or models that the cluster has trained.',
  about: [
    'Of pulled weights: the files of their receipts, and nothing else. A worker that has them in memory goes on with them',
    'until it is started again. An ID that begins with ft: is a trained model, which the API deletes with its weights;',
    'workers let go of it at once. One that runs or batches still use is not deleted without --force: they would fail.',
  ].join('\n'),
  options: {
    ...STORE_OPTION,
    force: { help: 'a trained model also while runs use it' },
    ...PLACE_OPTIONS,
    ...TARGET_OPTIONS,
    ...JSON_OPTION,
  },
  async run(args) {
    if (args.operands.length === 0) {
      throw new UserError('remove what? `cota models list` shows the weights here, `cota models` the trained models');
    }
    const trained = args.operands.filter((id) => id.startsWith('ft:'));
    if (trained.length > 0) {
      const other = args.operands.find((id) => !id.startsWith('ft:'));
      if (other !== undefined)
        throw new UserError(`${other} is no trained model: remove weights by a command of their own`);
      return removeTrained(args, trained);
    }
    const place = placeOf(args);
    const entries = args.operands.map((id) => entryOf(place.weights, id));
    const objects = args.flag('store') ? await openStore(place) : undefined;
    const progress = openProgress(args.flag('json'));
    const removed: { id: string; files: readonly string[] }[] = [];
    try {
      for (const entry of entries) {
        if (objects) {
          await plainly(() => removeFromStore(objects, entry.id));
          removed.push({ id: entry.id, files: [] });
          if (!args.flag('json')) say(`${entry.id}: removed from the object store`);
          continue;
        }
        const never = new AbortController().signal;
        const files = await plainly(() =>
          removeWeights(place.weights.root, entry, never, (line) => progress.note(line)),
        );
        removed.push({ id: entry.id, files });
        if (!args.flag('json')) say(`${entry.id}: removed\n${files.map((file) => `  ${file}`).join('\n')}`);
      }
    } finally {
      await objects?.close();
    }
    if (args.flag('json')) printJson(removed);
    return 0;
  },
};

async function removeTrained(args: Arguments, ids: readonly string[]): Promise<number> {
  const client = openClient(findTarget(args));
  for (const id of ids) {
    // The colons of an id stand in a path as they are; nothing else of it needs an escape.
    const path = `/v1/models/${encodeURI(id)}${args.flag('force') ? '?force=true' : ''}`;
    await client.delete(path, deletedModel);
    if (!args.flag('json')) say(`${id}: deleted`);
  }
  if (args.flag('json')) printJson(ids.map((id) => ({ id, files: [] })));
  return 0;
}

import { type PullProgress, pull as pullWeights } from '../../../shared/weights/pull.ts';
import type { Receipt } from '../../../shared/weights/receipt.ts';
import { pushToStore } from '../../../shared/weights/store.ts';
import { UserError } from '../../user-error.ts';
import { type Command, JSON_OPTION } from '../command.ts';
import { openProgress } from '../progress.ts';
import { plural, printJson, say, size } from '../terminal.ts';
import { entryOf, openStore, PLACE_OPTIONS, placeOf, plainly, sourceOf } from './place.ts';

export const pull: Command = {
  name: 'models pull',
  operands: 'ID...',
  summary: "Fetch weights for the tools' engines, each file checked.",
  about: [
    'Goes on where an earlier pull was ended. A tool worker that runs finds the weights within seconds.',
    '--from takes the address of a mirror (as HF_ENDPOINT does), or a folder: a copy of the hub, a clone of the',
    "repository, huggingface_hub's cache, or another Cota's folder of weights. HF_TOKEN is sent to the hub; HTTP_PROXY,",
    'HTTPS_PROXY and NO_PROXY are heeded. --to store also copies them into the object store, where tool workers on',
    'other machines fetch them.',
  ].join('\n'),
  options: {
    from: { value: 'URL|DIR', help: 'where from (default: HF_ENDPOINT, else https://huggingface.co)' },
    to: { value: 'store', help: 'also into the object store' },
    force: { help: 'fetch again what is there' },
    ...PLACE_OPTIONS,
    ...JSON_OPTION,
  },
  async run(args) {
    const place = placeOf(args);
    const { root } = place.weights;
    if (args.operands.length === 0) {
      const ids = place.weights.entries.map((entry) => entry.id).join(', ');
      throw new UserError(`pull what? there are ${ids}: \`cota models list\` says more`);
    }
    const entries = [...new Set(args.operands)].map((id) => entryOf(place.weights, id));
    const to = args.text('to');
    if (to !== undefined && to !== 'store')
      throw new UserError(`--to takes "store", not "${to}"; --weights names a folder`);
    const json = args.flag('json');
    const progress = openProgress(json);
    const stop = new AbortController();
    const onSignal = (): void => stop.abort();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal);
    const objects = to === undefined ? undefined : await openStore(place);
    const done: Receipt[] = [];
    try {
      const source = await plainly(() => sourceOf(args.text('from')));
      try {
        for (const entry of entries) {
          const meter = meterOf();
          const pulled = await plainly(() =>
            pullWeights({
              ...{ root, entry, source, signal: stop.signal, force: args.flag('force') },
              onProgress: (now) => progress.show(...meter(now)),
              onNote: (line) => progress.note(line),
            }),
          );
          done.push(pulled.receipt);
          progress.end();
          if (!json) say(told(pulled.receipt, pulled.fetched, root));
          if (!objects) continue;
          const copied = await plainly(() =>
            pushToStore(objects, root, pulled.receipt, (now) => progress.show(...meter(now))),
          );
          progress.end();
          if (!json)
            say(
              `${entry.id}: ${copied.length === 0 ? 'in the object store already' : `${plural(copied.length, 'file')} copied into the object store`}`,
            );
        }
      } finally {
        await source.close();
      }
    } catch (error) {
      progress.end();
      // What waits (a pause before another try) ends with an error of its own.
      if (stop.signal.aborted)
        throw new UserError('stopped: what is there is kept, and the same command goes on from there', 1);
      throw error;
    } finally {
      await objects?.close();
    }
    if (json) printJson(done);
    return 0;
  },
};

function told({ id, files }: Receipt, fetched: readonly string[], root: string): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const whole = `${plural(files.length, 'file')}, ${size(bytes)}, in ${root}`;
  if (fetched.length === 0) return `${id}: there already (${whole})`;
  const loose = files.filter((file) => file.heldTo !== 'catalogue').map((file) => file.path);
  const held =
    loose.length === 0
      ? 'each held to the catalogue'
      : `not pinned by the catalogue, and held to this pull from now on: ${loose.join(', ')}`;
  return `${id}: pulled ${whole}; ${held}`;
}

const WINDOW_MS = 5_000;

/** A line such as `onnx/model.onnx: 312 MB of 686 MB, 45 %, 12 MB/s`, and the share. */
function meterOf(): (now: PullProgress) => [string, number | undefined] {
  let path = '';
  let seen: { at: number; bytes: number }[] = [];
  return (now) => {
    const at = performance.now();
    if (now.path !== path || now.bytes < (seen.at(-1)?.bytes ?? 0)) [path, seen] = [now.path, []];
    const last = seen.at(-1);
    if (!last || at - last.at > 100) seen.push({ at, bytes: now.bytes });
    seen = seen.filter((one, index) => at - one.at < WINDOW_MS || index === seen.length - 1);
    const first = seen[0];
    const speed =
      first && at > first.at + 200
        ? `, ${size(Math.round(((now.bytes - first.bytes) * 1000) / (at - first.at)))}/s`
        : '';
    if (now.total === undefined) return [`${path}: ${size(now.bytes)}${speed}`, undefined];
    const share = now.total === 0 ? 1 : now.bytes / now.total;
    return [`${path}: ${size(now.bytes)} of ${size(now.total)}, ${Math.floor(share * 100)} %${speed}`, share];
  };
}

import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { ObjectStore } from '../../shared/object-store.ts';
import { sampleRun } from '../../test/sample-run.ts';
import { toolServices } from '../../test/tool-services.ts';
import { openToolContext } from './context.ts';

const picture = () =>
  sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
    .png()
    .toBuffer();

/** Keeps the keys alone, and calls `during` in the middle of each put. */
function store(during: (puts: readonly string[]) => void) {
  const puts: string[] = [];
  const put: ObjectStore['put'] = async (key) => {
    puts.push(key);
    during(puts);
  };
  return { puts, objects: { put } as ObjectStore };
}

test('a picture that is ready only after its run was cancelled is not stored', async () => {
  const stop = new AbortController();
  const { puts, objects } = store(() => undefined);
  const context = openToolContext(sampleRun(), toolServices(objects), stop.signal);
  const pictures = [await picture(), await picture()];
  const keeping = pictures.map((bytes) => context.tool.keepImage(bytes));
  stop.abort(new Error('cancelled'));
  for (const kept of await Promise.allSettled(keeping)) expect(kept).toMatchObject({ reason: stop.signal.reason });
  expect(puts).toEqual([]);
});

test('nor can one be found whose run was cancelled while it was stored', async () => {
  const stop = new AbortController();
  const { puts, objects } = store(() => stop.abort(new Error('cancelled')));
  const context = openToolContext(sampleRun(), toolServices(objects), stop.signal);
  await expect(context.tool.keepImage(await picture())).rejects.toThrow('cancelled');
  expect(puts).toHaveLength(1);
  expect(context.kept()).toEqual([]);
});

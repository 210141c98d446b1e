import { expect, it } from 'vitest';
import type { WorkerCard } from '../../../shared/fleet.ts';
import { holderQueue, TRAINED, versionQueue } from '../../../shared/queues.ts';
import { othersWithModel } from '../../../shared/versions.ts';
import { servedBy, trainedPoolsOf } from './serve.ts';

const pools = (COTA_SERVE: string[], COTA_SERVE_TRAINED: string[]) =>
  trainedPoolsOf({ COTA_SERVE, COTA_SERVE_TRAINED });

it.each([
  [[], [], true, true],
  [['cota-nano'], [], false, false],
  [['cota-nano'], ['all'], true, true],
  [[], ['none'], false, false],
  [[], ['a', 'c'], true, false],
])('COTA_SERVE=%j COTA_SERVE_TRAINED=%j', (serve, trained, a, b) => {
  const serves = servedBy(pools(serve, trained));
  expect([serves('a'), serves('b')]).toEqual([a, b]);
});

it.each([[['all', 'a']], [['ft:a']], [['a b']]])('%j is refused in words', (trained) => {
  expect(() => pools([], trained)).toThrow(/COTA_SERVE_TRAINED has ".+": it is all, none, or names of bases/);
});

/** Words of the worker's prompts -> its card. */
const card = (id: string, words: string, models: Record<string, number> = { 'ft:*': 4 }): WorkerCard => ({
  ...{ id, kind: 'model', pid: 1, host: 'h', tools: [], startedAt: 0, models },
  queues: [TRAINED, versionQueue(TRAINED, words), holderQueue('ft:*', id)],
  modelVersions: Object.fromEntries(Object.keys(models).map((pool) => [pool, words])),
});
const MODEL = 'ft:a:acme:-:01abcdef';

it('in a deploy, a run stays with workers that put the same words before its model', () => {
  const fleet = { workers: () => [card('1', 'taco-1+nano-1'), card('2', 'taco-1+nano-2'), card('3', 'taco-1+nano-2')] };
  const others = (wanted: string, mine: string) => othersWithModel(fleet, MODEL, wanted, mine);
  expect(others('nano-2-0123', 'nano-1-4567')).toEqual({ queue: versionQueue(TRAINED, 'taco-1+nano-2'), workers: 2 });
  expect(others('nano-3-0123', 'nano-1-4567')).toBeUndefined();
  // Other files under the same id: no worker has the old ones, so this one goes on.
  expect(others('nano-1-0123', 'nano-1-4567')).toBeUndefined();
  const elsewhere = { workers: () => [card('1', 'nano-2', { 'ft:b': 4 })] };
  expect(othersWithModel(elsewhere, MODEL, 'nano-2-0123', 'nano-1-4567')).toBeUndefined();
});

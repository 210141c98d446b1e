import { expect, test } from 'vitest';
import { sampleActionStep, sampleModelStep, sampleRun } from '../test/sample-run.ts';
import type { WorkerCard } from './fleet.ts';
import {
  begunWith,
  dialectOfVersion,
  insistOnVersion,
  type Meeting,
  othersWithModel,
  othersWithTool,
} from './versions.ts';

const meet = (change: Partial<Meeting>, waiting = 0): Promise<void> =>
  insistOnVersion(
    {
      ...{ kind: 'model', name: 'm', wanted: 'taco-1-a', mine: 'taco-1-b', concurrency: 4 },
      others: { queue: 'model.m.v.taco-1-a', workers: 2 },
      ...change,
    },
    { waiting: async () => waiting },
  );

test('a step of another version is handed on while workers of that are there and have room', async () => {
  const handedOn = { name: 'BelongsElsewhere', queue: 'model.m.v.taco-1-a' };
  await expect(meet({})).rejects.toMatchObject(handedOn);
  await expect(meet({}, 15)).rejects.toMatchObject(handedOn);
  await expect(meet({}, 16), 'twice what two workers do at a time').resolves.toBeUndefined();
  await expect(meet({ others: undefined })).resolves.toBeUndefined();
  await expect(meet({ mine: 'taco-1-a' })).resolves.toBeUndefined();
});

const card = (change: Partial<WorkerCard>): WorkerCard => ({
  ...{ id: 'w', kind: 'tools', pid: 1, host: 'h', queues: [], models: {}, tools: [], startedAt: 1 },
  ...change,
});
const fleetOf = (...cards: Partial<WorkerCard>[]) => ({ workers: () => cards.map(card) });

test('others are workers that take work; those of an earlier release name no versions', () => {
  const modelVersions = { m: 'a' };
  const fleet = fleetOf({ modelVersions }, { modelVersions }, { models: { m: 1 } }, { modelVersions: { m: 'b' } });
  expect(othersWithModel(fleet, 'm', 'a')).toEqual({ queue: 'model.m.v.a', workers: 2 });
  expect(othersWithModel(fleet, 'm', 'c')).toBeUndefined();
  expect(othersWithModel(fleetOf({ modelVersions, paused: { m: 'away' } }), 'm', 'a')).toBeUndefined();
  const otherIsAway = fleetOf({ modelVersions, paused: { n: 'away' } });
  expect(othersWithModel(otherIsAway, 'm', 'a'), 'another model of that worker').toMatchObject({ workers: 1 });
});

test('a tool is found by its version, in the queue of all who carry out the same tools', () => {
  const one = { tools: ['OCR'], toolVersions: { OCR: '1' }, queues: ['tools.cpu', 'tools.v.one'] };
  const two = { tools: ['OCR'], toolVersions: { OCR: '2' }, queues: ['tools.cpu', 'tools.v.two'] };
  const fleet = fleetOf(one, two, two, { tools: ['OCR'] });
  expect(othersWithTool(fleet, 'OCR', '2')).toEqual({ queue: 'tools.v.two', workers: 2 });
  expect(othersWithTool(fleet, 'OCR')).toEqual({ queue: 'tools.v.one', workers: 1 });
  expect(othersWithTool(fleet, 'OCR', '3')).toBeUndefined();
  expect(othersWithTool(fleet, 'Crop')).toBeUndefined();
});

test('a run is at the version of its first turn; turns of an earlier release have none', () => {
  const action = sampleActionStep({ name: 'OCR', arguments: {} }, { ok: true, result: {}, images: [] });
  const first = sampleModelStep('', { modelVersion: 'taco-1-a' });
  const second = sampleModelStep('', { modelVersion: 'taco-1-b' });
  expect(begunWith(sampleRun())).toBeUndefined();
  expect(begunWith(sampleRun({ steps: [sampleModelStep(''), action] }))).toBeUndefined();
  expect(begunWith(sampleRun({ steps: [first, action, second] }))).toBe('taco-1-a');
  expect(dialectOfVersion('taco-1-a')).toBe('taco');
});

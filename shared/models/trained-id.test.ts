import { expect, it } from 'vitest';
import { assertKey } from '../object-store.ts';
import { holderQueue, modelQueue, TRAINED } from '../queues.ts';
import { ALL_BASES, isTrainedName, nameOfTrainedId, partsOfTrainedId, poolOfModel } from './trained-id.ts';

const LONGEST = `ft:${'b'.repeat(64)}:${'t'.repeat(40)}:${'s'.repeat(64)}:0123456789ab:ckpt-step-999999999`;

it('ids of trained models say whose they are, what they began with, and where their document lies', () => {
  expect(partsOfTrainedId('ft:cota-nano:acme:-:01abcdef')).toEqual({
    ...{ base: 'cota-nano', tenant: 'acme', short: '01abcdef' },
  });
  expect(partsOfTrainedId('ft:a.b:acme:my_menu:01abcdef:ckpt-step-90')?.short).toBe('01abcdef:ckpt-step-90');
  const names = ['ft:a:acme:-:01abcdef', 'ft:a:acme:x:01abcdef', 'ft:a:b:acme:01abcdef', LONGEST].map(nameOfTrainedId);
  expect(new Set(names).size).toBe(4);
  for (const name of names) expect(() => assertKey(`system/trained-models/${name}.json`)).not.toThrow();
});

it.each([
  'cota-nano',
  'ft:gpt-4o-mini-2024-07-18:acme::9abcdefg',
  'ft:a:acme:-:',
  'ft:a:Acme:-:01abcdef',
  'ft:a:acme:../x:01abcdef',
  'ft:a=b:acme:-:01abcdef',
  `ft:a:${'t'.repeat(41)}:-:01abcdef`,
])('%s is none', (id) => {
  expect(partsOfTrainedId(id)).toBeUndefined();
  expect(poolOfModel(id)).toBe(id);
});

it('all of them wait in one queue, which no other model has, and are admitted by their base', () => {
  const ids = ['ft:a:acme:-:01abcdef', 'ft:b:other:-:01abcdef', 'ft:a', ALL_BASES];
  expect(new Set(ids.map(modelQueue))).toEqual(new Set([TRAINED]));
  expect(holderQueue('ft:a:acme:-:01abcdef', 'w1')).toBe(`${TRAINED}.at.w1`);
  for (const id of ['trained', 'trained~', 'model.trained~', 'ft']) expect(modelQueue(id)).not.toBe(TRAINED);
  expect(poolOfModel('ft:a:acme:-:01abcdef')).toBe('ft:a');
  expect(ids.every(isTrainedName)).toBe(true);
});

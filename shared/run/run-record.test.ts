import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RECORD_FIELDS } from './run-record.ts';

it('begin.lua gives the fields in the order in which they are read', () => {
  const script = readFileSync(new URL('../lua/begin.lua', import.meta.url), 'utf8');
  const call = /local run = redis\.call\('HMGET', KEYS\[1\],([\s\S]*?)\)\n/.exec(script)?.[1] ?? '';
  // The last one is left out for a worker that knows what the run is pinned to; another one of the call is no field.
  const named = [...call.matchAll(/'([A-Za-z]+)'/g)].map(([, name]) => name).filter((name) => name !== 'none');
  expect(named).toEqual([...RECORD_FIELDS]);
});

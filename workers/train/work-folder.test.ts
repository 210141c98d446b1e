import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder, removeLeftovers } from './work-folder.ts';

const ID = 'ftjob-01j00000000000000000000000';

it('a container that starts again finds what it left, although its process has the same number', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cota-work-'));
  const mine = makeFolder(root, ID, '0123abcd');
  const others = makeFolder(root, ID, '4567abcd');
  await writeFile(join(others, 'owner.json'), JSON.stringify({ pid: process.ppid, host: hostname() }));
  // It is called before the process makes any folder.
  expect(removeLeftovers(root)).toEqual([`${ID}-0123abcd`]);
  expect([existsSync(mine), existsSync(others)]).toEqual([false, true]);
  await rm(root, { recursive: true });
});

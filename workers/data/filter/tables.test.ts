import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sweepTables } from './tables.ts';

test('what a killed process left is removed; what lives, or is of another machine, stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cota-sweep-'));
  try {
    const host = hostname().replaceAll(/[^A-Za-z0-9.]/g, '_');
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    const stay = [`cota-tables-${host}-${process.ppid}-a`, `cota-tables-elsewhere-${dead}-b`, 'else', 'cota-tables-c'];
    const go = [`cota-tables-${host}-${dead}-d`, `cota-tables-${host}-${process.pid}-e`];
    for (const name of [...stay, ...go]) await mkdir(join(folder, name, 'spill'), { recursive: true });
    await sweepTables(folder);
    expect((await readdir(folder)).sort()).toEqual(stay.toSorted());
  } finally {
    await rm(folder, { recursive: true });
  }
});

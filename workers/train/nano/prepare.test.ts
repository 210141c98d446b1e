import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nanoData } from '../../../shared/train/nano-data.ts';
import { prepareNano } from './prepare.ts';

const DRILLS = { name: 'rows', rows: [2, 4], questions: 4 };
async function* none(): AsyncGenerator<never> {}

it('while drills are made, whoever does it says that it is alive, and can be stopped', async () => {
  const out = await mkdtemp(join(tmpdir(), 'cota-prepare-'));
  const recipe = nanoData.parse({ drills: [{ ...DRILLS, examples: 1_000_000_000 }] });
  let beats = 0;
  const heart = setInterval(() => {
    beats += 1;
  }, 1);
  const goOn = (): void => {
    if (beats > 3) throw new Error('stopped');
  };
  await expect(prepareNano({ chains: none(), recipe, out, seed: 1, goOn })).rejects.toThrow('stopped');
  clearInterval(heart);
  await rm(out, { recursive: true });
});

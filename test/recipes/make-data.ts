/** A small dataset with pictures, made by the factory, laid out for a recipe by the code that does it for a train worker. */
import { join } from 'node:path';
import type { Chain } from '../../shared/data/chain.ts';
import { recipe as dataRecipe } from '../../shared/data/recipe.ts';
import { type ObjectStore, openObjectStore } from '../../shared/object-store.ts';
import type { TrainJob } from '../../shared/train/job.ts';
import type { TrainRecipe } from '../../shared/train/recipe.ts';
import { readChains } from '../../workers/data/factory/chain-files.ts';
import { runHere } from '../../workers/data/factory/here.ts';
import { actHere } from '../../workers/data/program/act-here.ts';
import { make } from '../../workers/data/program/make.ts';
import { exportData } from '../../workers/train/export-data.ts';

const TENANT = 'here';
const DATA = 'data_recipes';
const FILE = `t/${TENANT}/chains.jsonl`;

export interface SmallData {
  readonly chains: readonly Chain[];
  /** @returns the folder that the recipe's {data} is */
  layOut(recipe: TrainRecipe, folder: string): Promise<string>;
  close(): Promise<void>;
}

/** @param count chains; some of them hold a picture that a tool made */
export async function makeData(folder: string, count: number): Promise<SmallData> {
  const objects = await openObjectStore({ driver: 'fs', root: join(folder, 'store'), linkSecret: 'x'.repeat(32) });
  const chains = await made(objects, count);
  const bytes = Buffer.from(chains.map((chain) => `${JSON.stringify(chain)}\n`).join(''));
  await objects.put(FILE, bytes, { contentType: 'application/jsonl' });
  const parts = { objects, findData: async () => undefined };
  return {
    chains,
    async layOut(recipe, to) {
      const job: TrainJob = {
        // Pictures lie with the data job: looked for under its id first.
        ...{ id: DATA, tenant: TENANT, recipe, model: recipe.base, hyperparameters: {}, methodGiven: false },
        training: { id: 'file-chains', kind: 'file', parts: [{ key: FILE, bytes: bytes.length }] },
        ...{ seed: recipe.seed, status: 'running', progress: { step: 0, tokens: 0, tokensPlanned: 0 }, createdAt: 0 },
      };
      const signal = new AbortController().signal;
      return (await exportData(parts, job, to, { signal, progress: () => undefined })).folder;
    },
    close: () => objects.close(),
  };
}

async function made(objects: ObjectStore, count: number): Promise<Chain[]> {
  const recipe = dataRecipe.parse({
    name: 'recipes',
    seed: 1,
    sources: [{ name: 'drawn', program: { chains: count, observe: { annotation: 1 }, draw: true, unanswerable: 0 } }],
  });
  const act = actHere(objects, `t/${TENANT}/data/${DATA}/images/`);
  const { reports } = await runHere([make], recipe, objects, { id: DATA, services: { act } });
  const chains: Chain[] = [];
  for (const { files } of reports.get('make') ?? [])
    for (const file of files) for await (const chain of readChains(objects, file)) chains.push(chain);
  return chains;
}

/** One try at a fine-tuning job: its data, the training, what comes of it. It may end at any point and begin anew. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nanoData } from '../../shared/train/nano-data.ts';
import { chainsOf } from './chains.ts';
import { type Places, writeConfig } from './command.ts';
import { type Attempt, type Outcome, Stopped, TrainingFailed } from './desk.ts';
import { exportData } from './export-data.ts';
import { finish } from './finish.ts';
import { keepPage } from './kept-page.ts';
import { prepareNano } from './nano/prepare.ts';
import { trainUntilDone } from './training.ts';

/**
 * @throws CotaError and TrainingFailed for what ends the job; anything else, such as a store that is away, is tried again
 */
export async function attemptTraining(attempt: Attempt): Promise<Outcome> {
  const { parts, job, desk, folder } = attempt;
  const places: Places = {
    python: parts.python,
    data: join(folder, 'data'),
    out: join(folder, 'out'),
    config: join(folder, 'config'),
  };
  await mkdir(places.out, { recursive: true });
  try {
    desk.progress({ phase: 'data' });
    const ready = { ...places, data: await prepare(attempt, places.data) };
    await writeFile(join(folder, 'recipe.json'), JSON.stringify(job.recipe));
    await writeConfig(job.recipe, ready);
    goOn(attempt);
    desk.progress({ phase: 'training' });
    const trained = await trainUntilDone(attempt, ready);
    if (trained === undefined) return { is: 'stopped' };
    desk.progress({ phase: 'export' });
    return await finish(attempt, ready, trained);
  } catch (error) {
    if (error instanceof Stopped || attempt.kill.aborted) return { is: 'stopped' };
    // The curves say most about a training that failed.
    if (error instanceof TrainingFailed) await keepPage(attempt, places).catch(() => undefined);
    throw error;
  }
}

/** @throws Stopped */
export function goOn({ ask, kill }: Attempt): void {
  if (ask.aborted || kill.aborted) throw new Stopped();
}

/** @returns the folder that the trainer reads */
async function prepare(attempt: Attempt, root: string): Promise<string> {
  const { parts, job, desk, kill, ask } = attempt;
  const { recipe } = job;
  await desk.say({ level: 'info', type: 'message', message: `Preparing the data of ${job.training.id}.` });
  let told = 0;
  const progress = (count: number): void => {
    if (count === 0 || count % 5_000 !== 0 || count === told) return;
    told = count;
    desk.log(`${count} chains read`);
  };
  if (recipe.trainer.kind === 'command') {
    const signal = AbortSignal.any([kill, ask]);
    const { folder, rows } = await exportData(parts, job, root, { signal, progress }).catch((error: unknown) => {
      throw signal.aborted ? new Stopped() : error;
    });
    const words = Object.entries(rows).map(([name, count]) => `${count} ${name}`);
    await desk.say({
      level: 'info',
      type: 'message',
      message: `Data: rows ${words.join(', ')} as ${recipe.data.export}.`,
      data: { rows: { ...rows } },
    });
    return folder;
  }
  async function* chains() {
    for await (const chain of chainsOf(parts, job)) {
      goOn(attempt);
      yield chain;
    }
  }
  const data = nanoData.parse(recipe.nano?.data ?? {});
  const made = await prepareNano({
    chains: chains(),
    recipe: data,
    out: root,
    seed: job.seed,
    progress,
    goOn: () => goOn(attempt),
  });
  const tokens = Object.entries(made.shards).map(([name, { examples }]) => `${examples} ${name}`);
  await desk.say({
    ...{ level: 'info', type: 'message', message: `Data: examples ${tokens.join(', ')}.` },
    data: {
      chains: { ...made.chains },
      shards: structuredClone(made.shards) as Record<string, { examples: number; tokens: number }>,
    },
  });
  return root;
}

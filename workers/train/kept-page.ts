/** The page of a training: made from the trainer's own log where it keeps one, else from what it told. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paths } from '../../shared/keys.ts';
import type { NewTrainEvent } from '../../shared/train/job.ts';
import type { Places } from './command.ts';
import type { Attempt, Desk } from './desk.ts';
import { trainingPage } from './page/page.ts';

/** Puts the page into the store, beside the checkpoints. */
export async function keepPage({ parts, job, desk }: Attempt, { out }: Places): Promise<void> {
  const own = await readFile(join(out, 'log.jsonl'), 'utf8').catch(() => undefined);
  const page = trainingPage({
    recipe: job.recipe,
    log: own ?? (await linesOf(desk)),
    manifest: {
      job: job.id,
      training_file: job.training.id,
      validation_file: job.validation?.id ?? null,
      seed: job.seed,
      data: await dataFacts(desk),
    },
  });
  const key = paths.trainPage(job.tenant, job.id);
  await parts.objects.put(key, Buffer.from(page), { contentType: 'text/html; charset=utf-8' });
  await parts.meter(job.tenant, Buffer.byteLength(page));
}

/** Events as lines of a trainer's log; what it told under OpenAI's names goes back under its own. */
async function linesOf(desk: Desk): Promise<string[]> {
  const lines: string[] = [];
  for await (const { type, data, at } of desk.events()) {
    if (type !== 'metrics' || data === undefined) continue;
    const { train_loss: loss, learning_rate: lr, grad_norm: norm, ...others } = data;
    const event = 'figures' in others ? 'evaluation' : 'progress';
    lines.push(JSON.stringify({ event, time: new Date(at).toISOString(), loss, lr, norm, ...others }));
  }
  return lines;
}

async function dataFacts(desk: Desk): Promise<NewTrainEvent['data'] | null> {
  for await (const { data } of desk.events()) if (data && ('shards' in data || 'rows' in data)) return data;
  return null;
}

/** One recipe, started as a train worker starts it: a few steps, their labels, and on from the checkpoint. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { modelPart } from '../../shared/images/model-part.ts';
import type { TrainRecipe } from '../../shared/train/recipe.ts';
import { conversationOf, type ShownImage, shownOf } from '../../workers/data/export/conversation.ts';
import { picturePath } from '../../workers/data/export/pictures.ts';
import { commandOf, type Places, trainerEnvOf, writeConfig } from '../../workers/train/command.ts';
import type { SmallData } from './make-data.ts';
import { type LineReader, run } from './run.ts';
import { asTried, PIXELS, type Trial } from './trials.ts';
import { VERSIONS } from './venvs.ts';

const RECIPES = join(import.meta.dirname, '../../workers/train/recipes');
const made = z.object({ architecture: z.string(), parameters: z.number() });
const state = z.object({
  global_step: z.number(),
  log_history: z.array(z.object({ step: z.number(), loss: z.coerce.number().optional() })),
});
const labels = z.object({
  ...{ rows: z.number(), alike: z.number(), learnt: z.number(), tokens: z.number(), pictures: z.number() },
  ...{ image_tokens: z.number(), example: z.string(), differ: z.array(z.string()).optional() },
});

export interface Tried {
  readonly recipe: string;
  readonly trainer: string;
  architecture?: string;
  parameters?: number;
  /** Of each step, those after the resumption too. */
  losses: number[];
  labels?: z.infer<typeof labels>;
  saved: boolean;
  resumedAt?: number;
  fault?: string;
}

interface Parts {
  readonly data: SmallData;
  readonly folder: string;
  readonly python: string;
  readonly heard: LineReader;
}

export async function tryRecipe(recipe: TrainRecipe, trial: Trial, parts: Parts): Promise<Tried> {
  const tried: Tried = { recipe: recipe.name, trainer: VERSIONS[trial.trainer], losses: [], saved: false };
  try {
    await steps(recipe, trial, parts, tried);
  } catch (error) {
    tried.fault = (error as Error).message;
  }
  return tried;
}

async function steps(recipe: TrainRecipe, trial: Trial, parts: Parts, tried: Tried): Promise<void> {
  const { data, folder, python, heard } = parts;
  const own = join(folder, recipe.name);
  const places: Places = { python, data: '', out: join(own, 'out'), config: join(own, 'config') };
  await mkdir(places.out, { recursive: true });
  const model = join(own, 'model');
  Object.assign(
    tried,
    made.parse(
      await lastJson(parts, [
        python,
        join(import.meta.dirname, 'tiny.py'),
        trial.family,
        await words(data, own),
        model,
      ]),
    ),
  );
  const first = asTried(recipe, trial, model, 1);
  const ready = { ...places, data: await data.layOut(first, join(own, 'data')) };
  const train = async (tiny: TrainRecipe, checkpoint?: string): Promise<void> => {
    await writeConfig(tiny, ready);
    await must(commandOf(tiny, ready, checkpoint), { env: envOf(tiny, ready), cwd: places.out, onLine: heard });
  };
  await train(first);
  const [step, losses] = await stateOf(places.out, 4);
  tried.losses = losses;
  tried.saved = existsSync(join(places.out, 'model.safetensors'));
  const conversations = await conversationsOf(data, ready.data, own);
  const command = commandOf(first, ready, undefined);
  const given = command.slice(command.findIndex((one) => /(\.py|\.launcher)$/.test(one)) + 1);
  const check = [python, join(import.meta.dirname, 'check.py'), trial.trainer, conversations, places.out, ...given];
  tried.labels = labels.parse(await lastJson(parts, check, { ...envOf(first, ready), COTA_RECIPES_FOLDER: RECIPES }));
  await train(asTried(recipe, trial, model, 2), join(places.out, `checkpoint-${step}`));
  const [last, all] = await stateOf(places.out, 8);
  tried.losses = all;
  if (last !== 2 * step || all.length !== last) throw new Error(`it went on to step ${last} with ${all.length} losses`);
  // The first loss is kept in the checkpoint: equal ones show that nothing began anew.
  if (losses.some((loss, n) => loss !== all[n])) throw new Error('it began anew instead of going on');
  tried.resumedAt = step;
  if (all.some((loss) => !Number.isFinite(loss))) throw new Error(`a loss is no number: ${all.join(', ')}`);
  if (tried.labels.alike !== tried.labels.rows) throw new Error('training and serving do not see the same tokens');
  if (!tried.saved) throw new Error('no weights were saved');
}

const envOf = (recipe: TrainRecipe, places: Places): Record<string, string> => ({
  ...trainerEnvOf(recipe, places),
  ...{ HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', OMP_NUM_THREADS: '1', CUDA_VISIBLE_DEVICES: '' },
});

async function must(command: readonly string[], options: Parameters<typeof run>[1]): Promise<void> {
  const last: string[] = [];
  const onLine: LineReader = (line) => {
    options.onLine(line);
    last.push(line);
    if (last.length > 400) last.shift();
  };
  const code = await run(command, { ...options, onLine });
  if (code === 0) return;
  // torchrun's own words come last, those of the process that failed before them.
  const told = last.filter(
    (line) => /(Error|Exception)\b.*:|^There is|^row /.test(line) && !/ChildFailedError/.test(line),
  );
  throw new Error(
    `${command.slice(1, 4).join(' ')} ended with ${code}: ${(told.at(-1) ?? last.at(-1) ?? '').slice(0, 500)}`,
  );
}

async function lastJson({ heard }: Parts, command: readonly string[], env?: Record<string, string>): Promise<unknown> {
  let found = '';
  const onLine: LineReader = (line) => {
    heard(line);
    if (line.startsWith('{')) found = line;
  };
  await must(command, { ...(env === undefined ? {} : { env }), onLine });
  return JSON.parse(found);
}

/** @returns the step of the newest checkpoint, and the losses up to it */
async function stateOf(out: string, step: number): Promise<[number, number[]]> {
  const path = join(out, `checkpoint-${step}`, 'trainer_state.json');
  if (!existsSync(path)) throw new Error(`there is no checkpoint-${step}`);
  const { global_step, log_history } = state.parse(JSON.parse(await readFile(path, 'utf8')));
  return [global_step, log_history.flatMap(({ loss }) => (loss === undefined ? [] : [loss]))];
}

/** What the tokenizer of the tiny checkpoint learns its words from. */
async function words(data: SmallData, folder: string): Promise<string> {
  const path = join(folder, 'words.txt');
  const texts = data.chains.flatMap((chain) =>
    conversationOf(chain, 0).flatMap(({ parts }) => parts.map((part) => ('text' in part ? part.text : ''))),
  );
  await writeFile(path, texts.join('\n'));
  return path;
}

/** The messages that the OpenAI backend of the model worker sends for these chains; its pictures by their paths. */
async function conversationsOf(data: SmallData, pictures: string, folder: string): Promise<string> {
  const sent = async (image: ShownImage): Promise<string> => {
    const { bytes } = await modelPart(await readFile(join(pictures, picturePath(image))), { maxPixels: PIXELS });
    const path = join(folder, 'sent', image.sha256);
    await mkdir(join(folder, 'sent'), { recursive: true });
    await writeFile(path, bytes);
    return path;
  };
  const lines: string[] = [];
  for (const chain of data.chains) {
    const messages: object[] = [];
    for (const { role, parts } of conversationOf(chain, shownOf(chain))) {
      const content: ({ type: 'text'; text: string } | { type: 'image'; path: string })[] = [];
      for (const part of parts)
        content.push(
          'text' in part ? { type: 'text', text: part.text } : { type: 'image', path: await sent(part.image) },
        );
      const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
      messages.push({ role, content: texts.length === content.length ? texts.join('') : content });
    }
    lines.push(JSON.stringify(messages));
  }
  const path = join(folder, 'conversations.jsonl');
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

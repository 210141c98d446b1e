/** A run written down so that it can be run again: the model's turns byte for byte, and what the tools said. */
import { z } from 'zod';
import { type ImageRef, type Observation, observation, type Run, type TokenUsage, tokenUsage } from '../contract.ts';
import { CotaError } from '../errors.ts';
import { paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import type { Trace } from './trace.ts';

export const recording = z.object({
  version: z.literal(1),
  question: z.string(),
  turns: z.array(
    z.object({
      text: z.string(),
      /** How long the turn takes to come, milliseconds. */
      delayMs: z.number().min(0).optional(),
      finishReason: z.enum(['stop', 'length']).optional(),
      usage: tokenUsage.optional(),
    }),
  ),
  /** One for each action that was carried out, in order; images by their keys in the store. */
  observations: z.array(observation).default([]),
  /** Tokens of the models that tools asked, by the place of the observation: they count in the run's budget. */
  toolUsage: z.record(z.string().regex(/^\d+$/), tokenUsage).optional(),
});
export type Recording = z.infer<typeof recording>;

/** What a finished run said and saw, for `replay`. */
export function recordingOf(trace: Trace): Recording {
  const actions = trace.steps.flatMap((step) => (step.kind === 'action' ? [step] : []));
  const usage = actions.flatMap((step, index) => (step.usage ? [[String(index), step.usage] as const] : []));
  return {
    version: 1,
    question: trace.question,
    turns: trace.steps.flatMap((step) =>
      step.kind === 'model' ? [{ text: step.text, finishReason: step.finishReason, usage: step.usage }] : [],
    ),
    observations: actions.map((step) => step.observation),
    ...(usage.length > 0 ? { toolUsage: Object.fromEntries(usage) } : {}),
  };
}

export async function readRecording(objects: ObjectStore, key: string): Promise<Recording> {
  const parsed = recording.safeParse(await jsonAt(objects, key));
  if (!parsed.success) {
    throw new CotaError('invalid_value', `${key} is no recording: ${parsed.error.issues[0]?.message ?? ''}`, {
      param: 'cota.replay',
    });
  }
  return parsed.data;
}

async function jsonAt(objects: ObjectStore, key: string): Promise<unknown> {
  try {
    return JSON.parse((await objects.get(key)).bytes.toString()) as unknown;
  } catch (error) {
    const wrong =
      error instanceof ObjectMissing ? 'there is no object' : error instanceof SyntaxError ? 'no JSON in' : '';
    if (wrong === '') throw error;
    throw new CotaError('invalid_value', `${wrong} ${key}: it cannot be replayed`, { param: 'cota.replay.key' });
  }
}

export interface Recorded {
  readonly observation: Observation;
  readonly usage?: TokenUsage | undefined;
}

/** What was recorded for the action at hand; its images are copied, so that this run owns its own. */
export async function recordedObservation(run: Run, objects: ObjectStore): Promise<Recorded> {
  const source = run.config.replay;
  if (!source) throw new CotaError('server_error', `run ${run.id} replays nothing`);
  const { observations, toolUsage } = await readRecording(objects, source.key);
  const index = run.steps.filter((step) => step.kind === 'action').length;
  const found = observations[index];
  if (!found) {
    throw new CotaError(
      'recording_exhausted',
      `the recording has ${observations.length} observations; action ${index + 1} has none`,
    );
  }
  const usage = toolUsage?.[String(index)];
  if (!found.ok) return { observation: found, usage };
  const images: ImageRef[] = [];
  for (const image of found.images) {
    assertOwn(image.key, run.tenant);
    const key = paths.image(run.tenant, run.id, image.sha256);
    const { bytes, contentType } = await objects.get(image.key);
    await objects.put(key, bytes, { contentType });
    images.push({ ...image, name: `image-${run.images.length + images.length}`, key });
  }
  return { observation: { ...found, images }, usage };
}

/** A recording is a document that anybody may write: the images that it names must be the tenant's own. */
function assertOwn(key: string, tenant: string): void {
  if (key.startsWith(paths.tenant(tenant))) return;
  throw new CotaError('invalid_value', `the recording names an image outside of ${paths.tenant(tenant)}`, {
    param: 'cota.replay.key',
  });
}

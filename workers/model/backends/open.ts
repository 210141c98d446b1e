/** From an entry of models.yaml to the engine behind it. Engines are imported when one is served: a worker loads only its own. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type Env, namedSecret, SettingsError } from '../../../shared/env.ts';
import { poolOfModel } from '../../../shared/models/trained-id.ts';
import type { ModelEntry, Models, ReplayEntry } from '../../../shared/models.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { type Recording, readRecording, recording } from '../../../shared/run/recording.ts';
import { engineMeter } from '../engine/meter.ts';
import type { Backend } from './backend.ts';
import { openReplayBackend } from './replay.ts';

interface Surroundings {
  readonly env: Env;
  readonly models: Models;
  readonly objects: ObjectStore;
  /** Of keys and values that an engine in this process holds; left out: COTA_ONNX_KV_BYTES. */
  readonly kvBytes?: number;
}

/** @throws SettingsError when the entry cannot be served */
export async function openBackend(
  id: string,
  entry: ModelEntry,
  { env, models, objects, kvBytes = env.COTA_ONNX_KV_BYTES }: Surroundings,
): Promise<Backend> {
  switch (entry.backend) {
    case 'openai': {
      const apiKey = entry.api_key_env === undefined ? undefined : namedSecret(entry.api_key_env);
      if (entry.api_key_env !== undefined && apiKey === undefined) {
        throw new SettingsError(`model "${id}" takes its key from ${entry.api_key_env}, which is not set`);
      }
      const { openOpenAiBackend } = await import('./openai.ts');
      return openOpenAiBackend(id, entry, apiKey);
    }
    case 'onnx': {
      const { openOnnxBackend } = await import('./onnx.ts');
      const cacheBytes = Math.floor(kvBytes / 3);
      // Trained models by their pool: hundreds of names would each be a row of metrics for ever.
      const meter = engineMeter(poolOfModel(id));
      const backend = await openOnnxBackend({
        folder: models.resolve(entry.path),
        provider: env.COTA_ONNX_DEVICE,
        threads: env.COTA_ONNX_THREADS,
        dtype: entry.dtype,
        cacheBytes,
        slotBytes: kvBytes - cacheBytes,
        onStats: meter.tell,
        constraint: entry.constraint,
        branches: entry.branches,
      });
      return { ...backend, close: () => backend.close().finally(meter.end) };
    }
    case 'replay':
      return openReplay(entry, models, objects);
  }
}

function openReplay(entry: ReplayEntry, models: Models, objects: ObjectStore): Backend {
  // Recordings never change under their key, and a load test reads few of them very often.
  const known = new LRUCache<string, Recording>({ max: 1_000 });
  const folder = entry.recordings === undefined ? undefined : models.resolve(entry.recordings);
  return openReplayBackend({
    turns: entry.turns?.map(({ text, delay_ms }) => ({ text, delayMs: delay_ms })),
    async load(key) {
      const found = known.get(key) ?? (await readRecording(objects, key));
      known.set(key, found);
      return found;
    },
    async find(question) {
      if (folder === undefined) return undefined;
      const name = `${createHash('sha256').update(question).digest('hex')}.json`;
      const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : recording.parse(JSON.parse(text));
    },
  });
}

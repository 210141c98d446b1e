/** The API in this process, on a real Redis and a real store, with a worker that follows a script instead of a model. */
import { createHash } from 'node:crypto';
import OpenAI from 'openai';
import sharp from 'sharp';
import { type RunningApi, startApi } from '../services/api/start.ts';
import { join } from '../shared/cluster.ts';
import type { ImageRef, ModelStep, Run } from '../shared/contract.ts';
import { paths } from '../shared/keys.ts';
import { INTAKE, modelQueue, toolQueue } from '../shared/queues.ts';
import type { RunEvent } from '../shared/run/run-machine.ts';
import type { StepHandler } from '../shared/run/run-step.ts';
import { tellProgress } from '../shared/stream/progress.ts';
import { startStepWorkers } from '../shared/worker.ts';
import { startTestCluster, type TestCluster } from './harness.ts';
import { sampleModelStep, sampleTool } from './sample-run.ts';

export const API_KEY = 'test-key-0123456789abcdef';

export const MODELS = JSON.stringify({
  default: 'scripted',
  models: {
    scripted: { backend: 'replay', dialect: 'taco', description: 'Follows a script.' },
    'org/unserved': { backend: 'replay', dialect: 'taco', tools: ['Crop'] },
  },
});

/** The same for tests without a tool worker: the scripted model asks for none. */
export const TOOLLESS_MODELS = MODELS.replace('"Follows a script."', '"Follows a script.","tools":[]');

export interface ApiHarness {
  readonly cluster: TestCluster;
  readonly api: RunningApi;
  /** The official client, which tries nothing again by itself. */
  readonly client: OpenAI;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
}

export async function startApiHarness(env: Readonly<Record<string, string>> = {}): Promise<ApiHarness> {
  const cluster = await startTestCluster({ models: MODELS, env });
  const { shared } = cluster;
  await startStepWorkers(shared, {
    queues: [modelQueue('scripted'), INTAKE, toolQueue('cpu')].map((name) => ({ name, concurrency: 50 })),
    handle: scripted(cluster),
    entry: 'no step of this script ends its process',
  });
  const specs = [sampleTool('Crop', {}), sampleTool('OCR', {})];
  const tools = specs.map((spec) => spec.name);
  await join(shared, { kind: 'model', id: 'script', models: { scripted: 50 }, tools }, specs);
  const api = await startApi({ ...cluster.env, COTA_PORT: 0, COTA_WORKER_ID: 'api-in-test' });
  const headers = { authorization: `Bearer ${API_KEY}` };
  const send: ApiHarness['fetch'] = (path, init = {}) =>
    fetch(api.url + path, { ...init, headers: { ...headers, ...(init.headers as Record<string, string>) } });
  return {
    cluster,
    api,
    client: new OpenAI({ baseURL: `${api.url}/v1`, apiKey: API_KEY, maxRetries: 0 }),
    fetch: send,
    post: (path, body, more = {}) =>
      send(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...more },
      }),
    async stop() {
      await api.parts.lifecycle.stop('test is over');
      await cluster.stop();
    },
  };
}

export const PNG = await sharp({ create: { width: 8, height: 6, channels: 3, background: '#a33' } })
  .png()
  .toBuffer();
export const dataUrl = (bytes: Buffer, type = 'image/png'): string => `data:${type};base64,${bytes.toString('base64')}`;

/**
 * The question is the script: "answer" answers at once, "slow" after half a second, "hold" only ends when it is
 * stopped, "crop" makes an image first, "speak" takes half a second to say its turn, and "fail" fails.
 */
function scripted(cluster: TestCluster): StepHandler {
  return async ({ run, signal }): Promise<RunEvent> => {
    if (run.kind === 'intake') return { type: 'images_stored', images: await takeIn(cluster, run) };
    if (run.kind === 'action') {
      const image = await keep(cluster, run, PNG, `image-${run.images.length}`);
      const action = { name: 'Crop', arguments: { image: 'image-0' } };
      const observation = { ok: true as const, result: { image: image.name }, images: [image] };
      return {
        type: 'acted',
        step: { kind: 'action', action, observation, toolVersion: '1', cached: false, toolMs: 2 },
      };
    }
    const { question } = run.config;
    if (question === 'fail') {
      return { type: 'failed', error: { code: 'invalid_image', message: 'image-0 is broken; send another one' } };
    }
    if (question === 'speak') await speak(cluster, run);
    if (question === 'slow') await new Promise((resolve) => setTimeout(resolve, 500));
    if (question === 'hold')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return { type: 'replied', step: replyTo(run), modelMs: 3 };
  };
}

async function speak({ shared }: TestCluster, run: Run): Promise<void> {
  const progress = tellProgress(shared.redis, run);
  for (const piece of ['one ', 'two ', 'three ', 'four ', 'five']) {
    progress?.say(piece);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  progress?.end();
}

function replyTo(run: Run): ModelStep {
  if (run.config.question === 'crop' && run.steps.length === 0) {
    const actions = [{ name: 'Crop', arguments: { image: 'image-0' } }];
    return sampleModelStep('raw', { thought: 'I look closer.', actions });
  }
  const actions = [{ name: 'Terminate', arguments: { answer: `answer to ${run.config.question}` } }];
  return sampleModelStep('raw', { thought: 'I know.', actions });
}

async function takeIn(cluster: TestCluster, run: Run): Promise<ImageRef[]> {
  const images: ImageRef[] = [];
  for (const [index, source] of run.config.sources.entries()) {
    if (source.from !== 'store') throw new Error('the script fetches nothing');
    const { bytes } = await cluster.shared.objects.get(source.key);
    images.push(await keep(cluster, run, bytes, `image-${index}`));
  }
  return images;
}

async function keep({ shared }: TestCluster, run: Run, bytes: Buffer, name: string): Promise<ImageRef> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const key = paths.image(run.tenant, run.id, sha256);
  const contentType = 'image/png';
  await shared.objects.put(key, bytes, { contentType });
  const pointer = Buffer.from(JSON.stringify({ key, contentType }));
  await shared.objects.put(paths.artifact(run.tenant, sha256, run.id), pointer, { contentType: 'application/json' });
  return { name, sha256, contentType, width: 8, height: 6, bytes: bytes.length, key };
}

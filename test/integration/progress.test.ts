/** What a model says while it says it, from a real model worker to a client. */
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi } from '../../services/api/start.ts';
import { API_KEY } from '../api-harness.ts';
import type { FakeServer } from '../fake-openai-server.ts';
import { startTestCluster, type TestCluster } from '../harness.ts';
import { SPOKEN, speakingModel, startSpeaker } from '../slow-speaker.ts';

let speaker: FakeServer;
let cluster: TestCluster;
let client: OpenAI;
let stopApi: (() => Promise<void>) | undefined;
beforeAll(async () => {
  speaker = await startSpeaker();
  const models = { default: 'speaking', models: { speaking: speakingModel(speaker.baseUrl) } };
  cluster = await startTestCluster({ models: JSON.stringify(models) });
  for (const entry of ['services/scheduler/main.ts', 'workers/model/main.ts']) cluster.start(entry);
  const api = await startApi({ ...cluster.env, COTA_PORT: 0, COTA_WORKER_ID: 'api-in-test' });
  stopApi = () => api.parts.lifecycle.stop('test is over');
  client = new OpenAI({ baseURL: `${api.url}/v1`, apiKey: API_KEY, maxRetries: 0 });
  await cluster.until('the model is served', async () => api.parts.fleet.concurrencyOf('speaking') > 0);
});
afterAll(async () => {
  await stopApi?.();
  await cluster?.stop();
  await speaker?.stop();
});

async function eventsOf(cota: { progress?: boolean }) {
  const events: { type: string; text?: string; step?: number; at: number }[] = [];
  const request = { input: 'Speak.', stream: true, tool_choice: 'none', cota } as const;
  for await (const event of await client.responses.create(request)) {
    events.push({ ...(event as { type: string; text?: string; step?: number }), at: performance.now() });
  }
  expect(events.at(-1)?.type).toBe('response.completed');
  return events;
}

test('comes while the turn is said, ten times a second at most, each time the whole of it so far', async () => {
  const events = await eventsOf({ progress: true });
  const told = events.filter((event) => event.type === 'cota.progress');
  const seconds = ((told.at(-1)?.at ?? 0) - (told[0]?.at ?? 0)) / 1000;
  expect(told.length).toBeGreaterThan(3);
  expect(told.length).toBeLessThanOrEqual(Math.ceil(seconds * 10) + 1);
  let before = '';
  for (const { text = '', step } of told) {
    expect(step).toBe(0);
    expect(text.startsWith(before) && text.length > before.length).toBe(true);
    before = text;
  }
  expect(SPOKEN.startsWith(before)).toBe(true);
});

test('is told to nobody who did not ask', async () => {
  const subscriber = cluster.shared.redis.duplicate();
  const heard: string[] = [];
  subscriber.on('pmessage', (_pattern, channel) => heard.push(channel));
  await subscriber.psubscribe('cota:progress:*');
  const events = await eventsOf({});
  expect(events.filter((event) => event.type === 'cota.progress')).toEqual([]);
  expect(heard).toEqual([]);
  subscriber.disconnect();
});

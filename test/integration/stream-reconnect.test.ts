/** Streams whose connection, process or Redis is lost: real API processes, real kills, a real model worker. */
import OpenAI from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_KEY } from '../api-harness.ts';
import { type Proc, replayModels, startTestCluster, type TestCluster } from '../harness.ts';
import { freePort } from '../redis-server.ts';

let cluster: TestCluster;
const apis: { proc: Proc; url: string; client: OpenAI }[] = [];

async function startApiProcess() {
  const port = await freePort();
  const proc = cluster.start('services/api/main.ts', { COTA_PORT: String(port) });
  const url = `http://127.0.0.1:${port}`;
  // A process knows of tools and models a moment after it is ready.
  await cluster.until('the API knows the tool', async () => {
    const reply = await fetch(`${url}/v1/tools`, { headers: { authorization: `Bearer ${API_KEY}` } }).catch(
      () => undefined,
    );
    return reply?.ok && (await reply.text()).includes('"Calculate"');
  });
  const api = { proc, url, client: new OpenAI({ baseURL: `${url}/v1`, apiKey: API_KEY, maxRetries: 0 }) };
  apis.push(api);
  return api;
}

beforeAll(async () => {
  cluster = await startTestCluster({ models: replayModels({ turns: 6, delayMs: 150 }) });
  for (const entry of ['services/scheduler/main.ts', 'workers/model/main.ts', 'workers/tools/main.ts'])
    cluster.start(entry);
  await Promise.all([startApiProcess(), startApiProcess()]);
});
afterAll(() => cluster?.stop());

const api = (index: number) => {
  const found = apis[index];
  if (!found) throw new Error(`there is no API ${index}`);
  return found;
};
const ASK = { input: 'What is 1 + 1?', stream: true, cota: { tools: ['Calculate'] } } as const;
const isLast = (event: ResponseStreamEvent): boolean =>
  ['response.completed', 'response.failed', 'response.incomplete'].includes(event.type);

const idOf = (event: ResponseStreamEvent | undefined): string =>
  event && 'response' in event ? event.response.id : '';

/** All events of a run that has ended, as one process that saw nothing of it tells them. */
async function whole(id: string): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = [];
  for await (const event of await api(1).client.responses.retrieve(id, { stream: true })) events.push(event);
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  expect(events.at(-1)?.type).toBe('response.completed');
  // Five calculations, each with its thought, call and output, the last thought and the answer.
  expect(events.filter((event) => event.type === 'response.output_item.done')).toHaveLength(17);
  return events;
}

test('a client that comes back after every single event, to two processes in turn, misses and hears twice nothing', async () => {
  const events: ResponseStreamEvent[] = [];
  for await (const event of await api(0).client.responses.create(ASK)) {
    events.push(event);
    break;
  }
  const id = idOf(events[0]);
  for (let turn = 1; !events.some(isLast); turn++) {
    const starting_after = events.length - 1;
    const { client } = api(turn % 2);
    for await (const event of await client.responses.retrieve(id, { stream: true, starting_after })) {
      events.push(event);
      break;
    }
  }
  expect(events).toEqual(await whole(id));
});

test('twenty clients on two processes are told the same', async () => {
  const id = (await api(0).client.responses.create({ ...ASK, stream: false, background: true })).id;
  const told = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const events: ResponseStreamEvent[] = [];
      for await (const event of await api(index % 2).client.responses.retrieve(id, { stream: true }))
        events.push(event);
      return events;
    }),
  );
  const expected = await whole(id);
  for (const events of told) expect(events).toEqual(expected);
});

test('an API process is killed in the middle: another one tells the rest', async () => {
  const own = await startApiProcess();
  const events: ResponseStreamEvent[] = [];
  const broken = (async () => {
    for await (const event of await own.client.responses.create(ASK)) {
      events.push(event);
      if (event.type === 'response.output_item.done' && event.output_index === 3) own.proc.kill('SIGKILL');
    }
  })();
  await expect(broken).rejects.toThrow();
  expect(events.some(isLast)).toBe(false);
  const rest = await api(0).client.responses.retrieve(idOf(events[0]), {
    stream: true,
    starting_after: events.length - 1,
  });
  for await (const event of rest) events.push(event);
  expect(events).toEqual(await whole(idOf(events[0])));
});

test('Redis is killed in the middle and comes back: the stream goes on', async () => {
  const events: ResponseStreamEvent[] = [];
  let restarted: Promise<void> | undefined;
  for await (const event of await api(0).client.responses.create(ASK)) {
    events.push(event);
    if (event.type === 'response.output_item.done' && event.output_index === 3) {
      restarted = (async () => {
        await cluster.redis.kill();
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await cluster.restartRedis();
      })();
    }
  }
  await restarted;
  expect(restarted).toBeDefined();
  expect(events).toEqual(await whole(idOf(events[0])));
});

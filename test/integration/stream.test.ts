/** Streams of responses, as the official client sees them. */
import OpenAI from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runIdOf } from '../../shared/keys.ts';
import { responseObject } from '../../shared/response/schema.ts';
import { API_KEY, type ApiHarness, dataUrl, PNG, startApiHarness } from '../api-harness.ts';

let harness: ApiHarness;
let client: OpenAI;
beforeAll(async () => {
  harness = await startApiHarness();
  client = harness.client;
});
afterAll(() => harness?.stop());

const aboutImage = (text: string): OpenAI.Responses.ResponseInput => [
  {
    role: 'user',
    content: [
      { type: 'input_image', image_url: dataUrl(PNG), detail: 'auto' },
      { type: 'input_text', text },
    ],
  },
];

async function all(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

const numbersOf = (events: readonly ResponseStreamEvent[]) => events.map((event) => event.sequence_number);
const idOf = (event: ResponseStreamEvent | undefined): string =>
  event && 'response' in event ? event.response.id : '';

/** Reads a stream up to an event of this type, and leaves. */
async function until(stream: AsyncIterable<ResponseStreamEvent>, type: string): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) {
    events.push(event);
    if (event.type === type) break;
  }
  return events;
}

describe('create', () => {
  test('every step is told, and the last event is the response that is retrieved', async () => {
    const events = await all(await client.responses.create({ input: aboutImage('crop'), stream: true }));
    expect(numbersOf(events)).toEqual(events.map((_, index) => index));
    const added = events.flatMap((event) => (event.type === 'response.output_item.added' ? [event.item.type] : []));
    expect(added).toEqual(['reasoning', 'function_call', 'function_call_output', 'reasoning', 'message']);
    const last = events.at(-1);
    if (last?.type !== 'response.completed') throw new Error(`the last event is ${last?.type}`);
    const { output_text: _, _request_id: __, ...retrieved } = await client.responses.retrieve(last.response.id);
    expect(last.response).toEqual(responseObject.parse(retrieved));
  });

  test('the stream helper puts it together, and tells the deltas', async () => {
    const stream = client.responses.stream({ input: 'slow' });
    const deltas: string[] = [];
    stream.on('response.output_text.delta', ({ delta }) => deltas.push(delta));
    const response = await stream.finalResponse();
    expect([response.status, response.output_text, deltas]).toEqual([
      'completed',
      'answer to slow',
      ['answer to slow'],
    ]);
  });

  test('steps come while the run goes on, not at its end', async () => {
    const times = new Map<string, number>();
    for await (const event of await client.responses.create({ input: 'slow', stream: true })) {
      times.set(event.type, performance.now());
    }
    const [began, ended] = [times.get('response.in_progress') ?? 0, times.get('response.completed') ?? 0];
    expect(ended - began).toBeGreaterThan(300);
  });

  test('with a key that was used: the events of the same run, from the first one on', async () => {
    const headers = { 'Idempotency-Key': 'streamed' };
    const ask = () => client.responses.create({ input: 'answer', stream: true }, { headers });
    expect(await all(await ask())).toEqual(await all(await ask()));
  });

  test('in the background: the client leaves and reads on later', async () => {
    const left = await until(
      await client.responses.create({ input: 'slow', background: true, stream: true }),
      'response.in_progress',
    );
    const rest = await all(
      await client.responses.retrieve(idOf(left[0]), { stream: true, starting_after: left.length - 1 }),
    );
    expect(numbersOf([...left, ...rest])).toEqual([...left, ...rest].map((_, index) => index));
    expect(rest.at(-1)?.type).toBe('response.completed');
  });

  test('a run that fails, one that is cancelled and one that is deleted', async () => {
    const failed = (await all(await client.responses.create({ input: 'fail', stream: true }))).at(-1);
    expect(failed).toMatchObject({ type: 'response.failed', response: { error: { code: 'invalid_image' } } });

    const ending = [];
    for await (const event of await client.responses.create({ input: 'hold', stream: true })) {
      if (event.type === 'response.in_progress') await client.responses.cancel(event.response.id);
      ending.push(event);
    }
    expect(ending.at(-1)).toMatchObject({ type: 'response.incomplete', response: { status: 'cancelled' } });

    const gone = [];
    for await (const event of await client.responses.create({ input: 'hold', stream: true })) {
      if (event.type === 'response.in_progress') await client.responses.delete(event.response.id);
      gone.push(event);
    }
    // A delete cancels first; whether that is still seen depends on who is quicker.
    expect(['error', 'response.incomplete']).toContain(gone.at(-1)?.type);
  });

  test('what is wrong with a request is an error before the stream', async () => {
    const failed = client.responses.create({ input: '', stream: true });
    await expect(failed).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });
});

describe('retrieve', () => {
  test('from every number on, from the record and from the trace', async () => {
    const events = await all(await client.responses.create({ input: aboutImage('crop'), stream: true }));
    const id = idOf(events[0]);
    for (const source of ['record', 'trace']) {
      if (source === 'trace') await harness.cluster.shared.runs.remove(runIdOf(id) ?? '');
      expect(await all(await client.responses.retrieve(id, { stream: true }))).toEqual(events);
      for (const [starting_after] of events.entries()) {
        const rest = await all(await client.responses.retrieve(id, { stream: true, starting_after }));
        expect(rest).toEqual(events.slice(starting_after + 1));
      }
    }
  });

  test('by the stream helper, which leaves out what it was told before', async () => {
    const { id } = await client.responses.create({ input: 'answer' });
    const seen: number[] = [];
    const stream = client.responses.stream({ response_id: id, starting_after: 4 });
    stream.on('event', (event) => seen.push(event.sequence_number));
    expect((await stream.finalResponse()).output_text).toBe('answer to answer');
    expect(seen[0]).toBe(5);
  });
});

describe('progress', () => {
  const ask = { input: 'speak', stream: true, cota: { progress: true } } as const;

  test('what is said comes while it is said, without numbers', async () => {
    const events = await all(await client.responses.create(ask));
    const told = events.filter((event) => (event.type as string) === 'cota.progress') as unknown as {
      step: number;
      text: string;
    }[];
    expect(told.length).toBeGreaterThan(1);
    expect(told.map(({ step, text }) => [step, 'one two three four five'.startsWith(text)])).toEqual(
      told.map(() => [0, true]),
    );
    const numbered = events.filter((event) => (event.type as string) !== 'cota.progress');
    expect(numbersOf(numbered)).toEqual(numbered.map((_, index) => index));
    expect(JSON.stringify(told)).not.toContain('sequence_number');
  });

  test('comes to nobody who did not ask: the stream helper knows no such event', async () => {
    const response = await client.responses.stream({ input: 'speak' }).finalResponse();
    expect(response.output_text).toBe('answer to speak');
    const asked = client.responses.stream({ ...ask, input: 'speak' }).finalResponse();
    await expect(asked, 'should it learn to pass them over, the documents may say so').rejects.toThrow(
      /cota\.progress/,
    );
  });
});

describe('a client that goes away', () => {
  test('cancels nothing, and nothing goes on asking for it', async () => {
    const left = await until(await client.responses.create({ input: 'hold', stream: true }), 'response.in_progress');
    const { redis } = harness.cluster.shared;
    const asked = async () => /cmdstat_hmget:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1];
    await harness.cluster.until('nobody asks any more', async () => {
      const before = await asked();
      await new Promise((resolve) => setTimeout(resolve, 700));
      return (await asked()) === before;
    });
    expect((await client.responses.retrieve(idOf(left[0]))).status).toBe('in_progress');
    await client.responses.cancel(idOf(left[0]));
  });
});

test('an API that stops ends its streams, and says where to go on', async () => {
  const own = await startApiHarness();
  try {
    const hold = { input: 'hold', stream: true };
    const reply = await own.post('/v1/responses', hold);
    const text = reply.text();
    await own.cluster.until('the run is there', async () => {
      return (await own.cluster.shared.redis.keys('cota:*:run:*')).length === 1;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const started = performance.now();
    await own.api.parts.lifecycle.stop('test');
    expect(performance.now() - started).toBeLessThan(3_000);
    expect((await text).trimEnd().split('\n').at(-1)).toMatch(/^: this process stops; .* after 2 again$/);
  } finally {
    await own.stop();
  }
});

test('raw: one event a block, named and numbered', async () => {
  const reply = await harness.post(
    '/v1/responses',
    { input: 'answer', stream: true },
    { authorization: `Bearer ${API_KEY}` },
  );
  expect(reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  // Otherwise nginx would keep the events until it has enough of them.
  expect(reply.headers.get('x-accel-buffering')).toBe('no');
  const [first = ''] = (await reply.text()).split('\n\n');
  const [name, data = ''] = first.split('\n');
  expect(name).toBe('event: response.created');
  expect(JSON.parse(data.replace(/^data: /, ''))).toMatchObject({ sequence_number: 0, response: { output: [] } });
});

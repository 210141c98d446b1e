/** The official client against the API: what a user of OpenAI's Responses does, unchanged. */
import OpenAI from 'openai';
import type { Response as OpenAiResponse } from 'openai/resources/responses/responses';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paths, runIdOf } from '../../shared/keys.ts';
import { type ResponseObject, responseObject } from '../../shared/response/schema.ts';
import { API_KEY, type ApiHarness, dataUrl, PNG, startApiHarness } from '../api-harness.ts';

let harness: ApiHarness;
let client: OpenAI;
beforeAll(async () => {
  harness = await startApiHarness({ COTA_WAIT_MS: '1500' });
  client = harness.client;
});
afterAll(() => harness?.stop());

const ask = (text: string) => client.responses.create({ input: text, background: true });
const withImage = (text: string): OpenAI.Responses.ResponseInput => [
  {
    role: 'user',
    content: [
      { type: 'input_image', image_url: dataUrl(PNG), detail: 'auto' },
      { type: 'input_text', text },
    ],
  },
];

async function ended(id: string): Promise<OpenAiResponse> {
  return harness.cluster.until(`${id} ended`, async () => {
    const response = await client.responses.retrieve(id);
    return response.status !== 'queued' && response.status !== 'in_progress' ? response : undefined;
  });
}

/** A run about a picture that no other test uses. */
async function withOwnImage(background: string): Promise<ResponseObject> {
  const png = await sharp({ create: { width: 9, height: 9, channels: 3, background } })
    .png()
    .toBuffer();
  const image = { type: 'input_image' as const, image_url: dataUrl(png), detail: 'auto' as const };
  const content = [image, { type: 'input_text' as const, text: 'answer' }];
  return (await client.responses.create({ input: [{ role: 'user', content }] })) as unknown as ResponseObject;
}

async function keysOf(id: string): Promise<string[]> {
  const found: string[] = [];
  const folder = paths.run('default', runIdOf(id) ?? '');
  for await (const { key } of harness.cluster.shared.objects.list(folder)) found.push(key);
  return found;
}

describe('create', () => {
  test('in the background: the id at once, the answer by polling', async () => {
    const created = await ask('slow');
    expect(created.id).toMatch(/^resp_/);
    expect(['queued', 'in_progress']).toContain(created.status);
    const response = await ended(created.id);
    expect(response.status).toBe('completed');
    expect(response.output.map((item) => item.type)).toEqual(['reasoning', 'message']);
    const { output_text: _, ...document } = response;
    expect(responseObject.parse(document)).toEqual(document);
  });

  test('waiting: the answer is in the reply, and the client finds its text', async () => {
    const response = await client.responses.create({ input: 'answer', metadata: { case: '7' } });
    expect(response.status).toBe('completed');
    expect(response.output_text).toBe('answer to answer');
    expect(response.metadata).toEqual({ case: '7' });
    expect(response._request_id).toMatch(/^req_/);
  });

  test('waiting longer than the server does: the run as it is, and it goes on', async () => {
    const response = await client.responses.create({ input: 'hold' });
    expect(response.status).toBe('in_progress');
    expect((await client.responses.cancel(response.id)).status).toBe('cancelled');
  });

  test('a client that hangs up cancels nothing', async () => {
    const { redis } = harness.cluster.shared;
    const before = new Set(await redis.keys('cota:*:run:*'));
    const hangUp = new AbortController();
    const failed = client.responses
      .create({ input: 'slow' }, { signal: hangUp.signal })
      .catch((error: unknown) => error);
    const key = await harness.cluster.until('the run is there', async () => {
      return (await redis.keys('cota:*:run:*')).find((name) => !before.has(name));
    });
    hangUp.abort();
    expect(await failed).toBeInstanceOf(OpenAI.APIUserAbortError);
    expect((await ended(key.split(':').at(-1) ?? '')).status).toBe('completed');
  });

  test('an agent loop finds no call that it would have to answer', async () => {
    const response = await client.responses.create({ input: withImage('crop') });
    const answered = new Set(
      response.output.flatMap((item) => (item.type === 'function_call_output' ? [item.call_id] : [])),
    );
    const open = response.output.filter((item) => item.type === 'function_call' && !answered.has(item.call_id));
    expect(open).toEqual([]);
    expect(answered.size).toBe(1);
    expect(response.output_text).toBe('answer to crop');
  });
});

describe('images', () => {
  test('an input and what a tool made of it are found by file id and by hash', async () => {
    const response = (await client.responses.create({ input: withImage('crop') })) as unknown as ResponseObject;
    expect(response.cota.images).toHaveLength(2);
    const output = response.output.find((item) => item.type === 'function_call_output')?.output;
    const image = Array.isArray(output) ? output.find((part) => part.type === 'input_image') : undefined;
    expect(image?.file_id).toBe(response.cota.images[1]?.file_id);
    for (const name of [image?.file_id, image?.file_id.replace('file-', '')]) {
      const reply = await harness.fetch(`/v1/artifacts/${name}`);
      expect(reply.headers.get('content-type')).toBe('image/png');
      expect(Buffer.from(await reply.arrayBuffer()).equals(PNG)).toBe(true);
    }
    expect((await fetch(`${harness.api.url}${response.cota.images[0]?.url}`)).status).toBe(401);
  });

  test('a signed link of the store opens without a key, until it is changed', async () => {
    const { objects } = harness.cluster.shared;
    await objects.put('t/default/hello', Buffer.from('hello'), { contentType: 'text/plain' });
    const link = await objects.link('t/default/hello', { expiresInSeconds: 60, baseUrl: harness.api.url });
    expect(await (await fetch(link)).text()).toBe('hello');
    expect((await fetch(link.replace('hello', 'other'))).status).toBe(404);
  });
});

describe('retrieve', () => {
  test('the same document from the record and, once that has left Redis, from the trace', async () => {
    const { id } = await client.responses.create({ input: withImage('crop') });
    const record = await (await harness.fetch(`/v1/responses/${id}`)).json();
    await harness.cluster.shared.runs.remove(runIdOf(id) ?? '');
    const trace = await (await harness.fetch(`/v1/responses/${id}`)).json();
    expect(trace).toEqual(record);
  });

  test('the trace tells the whole run, by either of its ids, and only once it has ended', async () => {
    const living = await ask('hold');
    expect((await harness.fetch(`/v1/runs/${living.id}/trace`)).status).toBe(409);
    await client.responses.cancel(living.id);
    const { id } = await client.responses.create({ input: withImage('crop') });
    for (const name of [id, runIdOf(id)]) {
      const reply = await harness.fetch(`/v1/runs/${name}/trace`);
      const trace = (await reply.json()) as { question: string; steps: unknown[]; images: unknown[] };
      expect(reply.headers.get('content-type')).toBe('application/json');
      expect([trace.question, trace.steps.length, trace.images.length]).toEqual(['crop', 3, 2]);
    }
  });
});

describe('cancel', () => {
  test('a run at work ends within five seconds', async () => {
    const created = await ask('hold');
    await harness.cluster.until('it is at work', async () => {
      return (await client.responses.retrieve(created.id)).status === 'in_progress';
    });
    const started = performance.now();
    const cancelled = await client.responses.cancel(created.id);
    expect(cancelled.status).toBe('cancelled');
    expect(performance.now() - started).toBeLessThan(5_000);
    expect((await ended(created.id)).status).toBe('cancelled');
    expect((cancelled as unknown as ResponseObject).cota.stop_reason).toBe('cancelled');
  });

  test('a run that waits for a worker ends too, and says before why it waits', async () => {
    const created = await client.responses.create({ model: 'org/unserved', input: 'answer', background: true });
    expect((created as unknown as ResponseObject).cota.notice).toMatch(/No worker serves/);
    expect((await client.responses.cancel(created.id)).status).toBe('cancelled');
  });

  test('a second time, or after the end, changes nothing', async () => {
    const created = await ask('hold');
    const first = await client.responses.cancel(created.id);
    expect(await client.responses.cancel(created.id)).toEqual(first);
    const done = await client.responses.create({ input: 'answer' });
    const { _request_id: _, ...rest } = done;
    expect(await client.responses.cancel(done.id)).toMatchObject({ status: 'completed', output: rest.output });
  });
});

describe('delete', () => {
  test('removes trace, images, artifacts and record', async () => {
    const response = await withOwnImage('#1f2');
    const sha256 = response.cota.images[0]?.file_id ?? '';
    expect((await keysOf(response.id)).length).toBeGreaterThan(2);
    await client.responses.delete(response.id);
    expect(await keysOf(response.id)).toEqual([]);
    await expect(client.responses.retrieve(response.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(client.responses.cancel(response.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(client.responses.delete(response.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    for (const path of [`/v1/runs/${response.id}/trace`, `/v1/artifacts/${sha256}`]) {
      expect((await harness.fetch(path)).status).toBe(404);
    }
  });

  test('of one run leaves the same picture to another', async () => {
    const [first, second] = [await withOwnImage('#2f3'), await withOwnImage('#2f3')];
    const path = `/v1/artifacts/${second.cota.images[0]?.file_id}`;
    await client.responses.delete(first.id);
    expect((await harness.fetch(path)).status).toBe(200);
    await client.responses.delete(second.id);
    expect((await harness.fetch(path)).status).toBe(404);
  });

  test('ends a run that is alive', async () => {
    const created = await ask('hold');
    await client.responses.delete(created.id);
    await expect(client.responses.retrieve(created.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    expect(await keysOf(created.id)).toEqual([]);
  });

  test('also what only the store has left', async () => {
    const { id } = await client.responses.create({ input: 'answer' });
    await harness.cluster.shared.runs.remove(runIdOf(id) ?? '');
    await client.responses.delete(id);
    await expect(client.responses.retrieve(id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});

test('models: listed, looked up with a slash in the name, and whether they are served', async () => {
  const models = [];
  for await (const model of client.models.list()) models.push(model);
  expect(models.map((model) => [model.id, (model as unknown as { cota: { served: boolean } }).cota.served])).toEqual([
    ['scripted', true],
    ['org/unserved', false],
  ]);
  expect((await client.models.retrieve('org/unserved')).id).toBe('org/unserved');
  await expect(client.models.retrieve('gpt-9')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  const tools = (await (await harness.fetch('/v1/tools')).json()) as { data: { name: string; served: boolean }[] };
  expect(tools.data.map(({ name, served }) => [name, served])).toEqual([
    ['Crop', true],
    ['OCR', true],
  ]);
});

describe('errors are the classes of the client', () => {
  test('a wrong key', async () => {
    const stranger = new OpenAI({ baseURL: `${harness.api.url}/v1`, apiKey: 'sk-wrong', maxRetries: 0 });
    const failed = stranger.models.list();
    await expect(failed).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(failed).rejects.toMatchObject({ code: 'invalid_api_key', status: 401 });
  });

  test('a bad request, with its code and field', async () => {
    const failed = client.responses.create({ input: 'Q', tools: [{ type: 'web_search' }] });
    await expect(failed).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(failed).rejects.toMatchObject({ code: 'unsupported_parameter', param: 'tools[0]' });
  });

  test('an unknown model', async () => {
    const failed = client.responses.create({ model: 'gpt-9', input: 'Q' });
    await expect(failed).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(failed).rejects.toMatchObject({ code: 'model_not_found', param: 'model' });
  });

  test('a conflict, which the client does not try again', async () => {
    const headers = { 'Idempotency-Key': 'conflict' };
    await client.responses.create({ input: 'answer', background: true }, { headers });
    let requests = 0;
    const counting: typeof fetch = (...args) => {
      requests += 1;
      return fetch(...args);
    };
    const patient = new OpenAI({ baseURL: `${harness.api.url}/v1`, apiKey: API_KEY, maxRetries: 3, fetch: counting });
    const failed = patient.responses.create({ input: 'other', background: true }, { headers });
    await expect(failed).rejects.toBeInstanceOf(OpenAI.ConflictError);
    await expect(failed).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    expect(requests).toBe(1);
  });
});

/** What clients send wrongly, over HTTP: the status, OpenAI's shape, and nothing of ours in it. */
import { connect } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorTable } from '../../shared/errors.ts';
import { API_KEY, type ApiHarness, dataUrl, PNG, startApiHarness } from '../api-harness.ts';

let harness: ApiHarness;
beforeAll(async () => {
  harness = await startApiHarness();
});
afterAll(() => harness?.stop());

interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

async function expectError(reply: Response, status: number, code: string): Promise<ErrorBody['error']> {
  const body = (await reply.json()) as ErrorBody;
  expect({ status: reply.status, code: body.error?.code }).toEqual({ status, code });
  expect(Object.keys(body)).toEqual(['error']);
  expect(Object.keys(body.error).sort()).toEqual(['code', 'message', 'param', 'type']);
  expect(body.error.message).not.toMatch(/FST_|Error:|node_modules|\n\s+at /);
  expect(reply.headers.get('x-request-id')).toMatch(/^req_/);
  expect(Object.keys(errorTable)).toContain(body.error.code);
  return body.error;
}

const runs = async (): Promise<number> => (await harness.cluster.shared.redis.keys('cota:*:run:*')).length;

describe('requests that cannot be read', () => {
  test('a client that still sends too large a body sees the answer', async () => {
    for (let time = 0; time < 4; time++) {
      const body = new ReadableStream({
        async start(controller) {
          for (let part = 0; part < 30; part++) {
            controller.enqueue(Buffer.alloc(1_000_000, 'x'));
            await new Promise((resolve) => setTimeout(resolve, 2));
          }
          controller.close();
        },
      });
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
      await expectError(await harness.fetch('/v1/responses', init), 413, 'body_too_large');
    }
  });

  test('a body in another encoding', async () => {
    const post = (body: Buffer) =>
      harness.fetch('/v1/responses', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    await expectError(await post(Buffer.from('{"input":"caf\xe9"}', 'latin1')), 400, 'invalid_json');
    const marked = await post(Buffer.from('\ufeff{"input":3}'));
    expect(await expectError(marked, 400, 'invalid_type')).toMatchObject({ param: 'input' });
  });

  test('a recording that is not there', async () => {
    const body = JSON.stringify({ input: 'Q', cota: { replay: { key: 't/default/runs/none.json' } } });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const error = await expectError(await harness.fetch('/v1/responses', init), 400, 'invalid_value');
    expect(error).toMatchObject({ param: 'cota.replay.key' });
  });

  test.each<[string, RequestInit & { path?: string }, number, string]>([
    ['no key', { headers: { authorization: '' } }, 401, 'invalid_api_key'],
    ['a wrong key', { headers: { authorization: 'Bearer nobody-knows-this-key' } }, 401, 'invalid_api_key'],
    ['a key in another scheme', { headers: { authorization: `Basic ${API_KEY}` } }, 401, 'invalid_api_key'],
    ['no such route', { path: '/v1/chat' }, 404, 'not_found'],
    ['a path that cannot be decoded', { path: '/v1/%zz' }, 404, 'not_found'],
    ['another method', { path: '/v1/models', method: 'PUT' }, 405, 'method_not_allowed'],
    ['an unknown query field', { path: '/v1/models?limit=3' }, 400, 'unknown_parameter'],
    ['an id that is none', { path: '/v1/responses/abc' }, 404, 'not_found'],
    ['a very long id', { path: `/v1/responses/${'x'.repeat(5_000)}` }, 404, 'not_found'],
    ['a run of nobody', { path: `/v1/responses/resp_00${'0'.repeat(32)}` }, 404, 'not_found'],
    ['an artifact that climbs', { path: '/v1/artifacts/..%2f..%2fetc' }, 404, 'not_found'],
    ['an artifact of nobody', { path: `/v1/artifacts/${'0'.repeat(64)}` }, 404, 'not_found'],
    ['a link without signature', { path: '/v1/links/t/default/x' }, 404, 'not_found'],
    ['a stream of nobody', { path: `/v1/responses/resp_00${'0'.repeat(32)}?stream=true` }, 404, 'not_found'],
    ['a stream or not', { path: `/v1/responses/resp_00${'0'.repeat(32)}?stream=1` }, 400, 'invalid_value'],
    ['events without a stream', { path: '/v1/responses/resp_1?starting_after=3' }, 400, 'invalid_value'],
    ['events from nowhere', { path: '/v1/responses/resp_1?stream=true&starting_after=-1' }, 400, 'invalid_value'],
  ])('%s', async (_name, { path = '/v1/models', ...init }, status, code) => {
    await expectError(await harness.fetch(path, init), status, code);
  });

  test.each<[string, string, string, number, string, RegExp]>([
    ['no body', '', 'application/json', 400, 'missing_required_parameter', /no body/],
    ['bad JSON', '{"input": "Q",}', 'application/json', 400, 'invalid_json', /line 1, column 15/],
    ['plain text', 'Q', 'text/plain', 415, 'unsupported_media_type', /application\/json/],
    ['a form', 'input=Q', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type', /application\/json/],
    ['a 30 MB body', `{"input":"${'x'.repeat(30_000_000)}"}`, 'application/json', 413, 'body_too_large', /https URLs/],
    [
      'a question of 100,000',
      `{"input":"${'x'.repeat(100_000)}"}`,
      'application/json',
      400,
      'string_above_max_length',
      /32,768/,
    ],
    [
      'deep nesting',
      `{"input":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      'application/json',
      400,
      'invalid_json',
      /more than 100 deep/,
    ],
  ])('%s', async (_name, body, type, status, code, words) => {
    const before = await runs();
    const reply = await harness.post('/v1/responses', body, { 'content-type': type });
    expect((await expectError(reply, status, code)).message).toMatch(words);
    expect(await runs()).toBe(before);
  });

  test('the methods that are allowed stand in the header', async () => {
    const reply = await harness.fetch('/v1/responses', { method: 'DELETE' });
    expect(reply.headers.get('allow')).toBe('POST');
    await expectError(reply, 405, 'method_not_allowed');
  });

  test('what is no HTTP gets the same shape', async () => {
    const { port, hostname } = new URL(harness.api.url);
    const socket = connect(Number(port), hostname);
    const text = await new Promise<string>((resolve) => {
      let received = '';
      socket.on('data', (chunk) => (received += chunk));
      socket.on('close', () => resolve(received));
      socket.write('NONSENSE\r\n\r\n');
    });
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect((JSON.parse(body) as ErrorBody).error.code).toBe('invalid_request');
  });

  test.each([[''], ['x'.repeat(256)], ['ümlaut']])('an Idempotency-Key of %j', async (key) => {
    const reply = await harness.post('/v1/responses', { input: 'Q' }, { 'idempotency-key': key });
    expect((await expectError(reply, 400, 'invalid_value')).param).toBe('Idempotency-Key');
  });
});

describe('images that show what they are without being fetched or decoded', () => {
  const huge = async (): Promise<Buffer> => {
    // A header that says 20,000 x 10,000 on the body of a small picture: nothing is ever decoded.
    const png = Buffer.from(PNG);
    png.writeUInt32BE(20_000, 16);
    png.writeUInt32BE(10_000, 20);
    const { crc32 } = await import('node:zlib');
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    return png;
  };
  const animated = async (): Promise<Buffer> => {
    const frames = ['#f00', '#00f'].map((background) => ({
      create: { width: 4, height: 4, channels: 3 as const, background },
    }));
    const pages = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()));
    return sharp(pages, { join: { animated: true } })
      .gif({ delay: [100, 100], loop: 0 })
      .toBuffer();
  };
  const rows: [string, () => Promise<string> | string, string][] = [
    ['0 bytes', () => dataUrl(Buffer.alloc(0)), 'empty_image_file'],
    ['no image', () => dataUrl(Buffer.from('this is a text, whatever it says it is')), 'invalid_image'],
    ['an SVG', () => dataUrl(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')), 'invalid_image_format'],
    ['a PDF by its type', () => dataUrl(Buffer.from('%PDF-1.7'), 'application/pdf'), 'unsupported_image_media_type'],
    ['200 megapixels', async () => dataUrl(await huge()), 'image_too_large'],
    ['an animation', async () => dataUrl(await animated(), 'image/gif'), 'invalid_image_format'],
    ['a header cut short', () => dataUrl(PNG.subarray(0, 20)), 'image_parse_error'],
    ['bad base64', () => 'data:image/png;base64,@@@@', 'invalid_base64_image'],
    ['not base64', () => 'data:image/png,abc', 'invalid_base64_image'],
    ['http', () => 'http://example.com/a.png', 'invalid_image_url'],
    ['a file', () => 'file:///etc/passwd', 'invalid_image_url'],
    ['no URL', () => 'photo.png', 'invalid_image_url'],
    ['a user name', () => 'https://me:secret@example.com/a.png', 'invalid_image_url'],
    ['another port', () => 'https://example.com:6379/a.png', 'invalid_image_url'],
    ['this machine', () => 'https://127.0.0.1/a.png', 'invalid_image_url'],
    ['this machine by name', () => 'https://localhost/a.png', 'invalid_image_url'],
    ['this machine in decimal', () => 'https://2130706433/a.png', 'invalid_image_url'],
    ['this machine in IPv6', () => 'https://[::ffff:127.0.0.1]/a.png', 'invalid_image_url'],
    ['the metadata service', () => 'https://169.254.169.254/latest/meta-data', 'invalid_image_url'],
  ];
  test.each(rows)('%s', async (_name, url, code) => {
    const before = await runs();
    const content = [
      { type: 'input_text', text: 'What is this?' },
      { type: 'input_image', image_url: await url() },
    ];
    const reply = await harness.post('/v1/responses', { input: [{ role: 'user', content }], background: true });
    const error = await expectError(reply, 400, code);
    expect(error.param).toBe('input[0].content[1].image_url');
    expect(error.message).not.toContain('secret');
    expect(await runs()).toBe(before);
  });
});

describe('what the API says about itself', () => {
  test('OpenAPI 3.1: every reference leads somewhere, every route has its errors', async () => {
    const document = (await (await fetch(`${harness.api.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<
        string,
        Record<string, { responses: Record<string, unknown>; parameters: { name: string; in: string }[] }>
      >;
      components: { schemas: Record<string, { properties?: object; $ref?: string }> };
    };
    expect(document.openapi).toBe('3.1.0');
    const names = Object.keys(document.components.schemas);
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]);
    expect(refs.length).toBeGreaterThan(10);
    for (const ref of refs) expect(names).toContain(ref?.replace('#/components/schemas/', ''));
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const { responses, parameters } of Object.values(operations)) {
        expect(Object.keys(responses)).toEqual(['200', 'default']);
        const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
        expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(named);
      }
    }
    expect(Object.keys(document.components.schemas.CreateResponse?.properties ?? {})).toContain('cota');
    expect(Object.keys(document.paths)).toContain('/v1/responses/{id}/cancel');
  });

  test('a page for people, a sign of life, and metrics', async () => {
    const page = await fetch(`${harness.api.url}/`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('/v1/responses/{id}/cancel');
    expect(await (await fetch(`${harness.api.url}/livez`)).text()).toBe('ok');
    expect((await fetch(`${harness.api.url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${harness.api.url}/metrics`)).text();
    expect(metrics).toMatch(
      /cota_http_request_duration_seconds_count\{method="POST",route="\/v1\/responses",status="400"\} [1-9]/,
    );
  });
});

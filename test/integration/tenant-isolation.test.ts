/**
 * Nothing of one tenant can be read, changed or even guessed at by another: every route of the table is tried with
 * another tenant's ids, and must answer with the very words that it has for ids that do not exist.
 */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allRoutes } from '../../services/api/routes.ts';
import { newDocumentId } from '../../shared/documents.ts';
import { newRunId, paths, responseIdOf, runIdOf } from '../../shared/keys.ts';
import { recordedObservation } from '../../shared/run/recording.ts';
import { type TrainJob, trainJob } from '../../shared/train/job.ts';
import { parseTrainRecipe } from '../../shared/train/parse-recipe.ts';
import { deliveryIdOf } from '../../shared/webhooks/delivery-id.ts';
import { type ApiHarness, dataUrl, PNG, startApiHarness } from '../api-harness.ts';
import { sampleRun } from '../sample-run.ts';

let harness: ApiHarness;
let owner: Member;
let other: Member;
/** Of the owner, by what they are ids of, and ids of that form that nobody has. */
let ids: Record<Kind, { readonly real: string; readonly unknown: string }>;

type Kind =
  | 'response'
  | 'run'
  | 'artifact'
  | 'file'
  | 'batch'
  | 'endpoint'
  | 'delivery'
  | 'data'
  | 'data-file'
  | 'train'
  | 'train-file';
type Member = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Response>;

/** What the `{...}` of a path stands for. A route that is missing here fails the test: think of its ids. */
const KINDS: Readonly<Record<string, Kind>> = {
  '/v1/responses/{id}': 'response',
  '/v1/responses/{id}/cancel': 'response',
  '/v1/runs/{id}/trace': 'run',
  '/v1/runs/{id}/retry': 'run',
  '/v1/artifacts/{sha256}': 'artifact',
  '/v1/files/{id}': 'file',
  '/v1/files/{id}/content': 'file',
  '/v1/batches/{id}': 'batch',
  '/v1/batches/{id}/cancel': 'batch',
  '/v1/batches/{id}/retry': 'batch',
  '/v1/batches/{id}/results': 'batch',
  '/v1/webhook_endpoints/{id}': 'endpoint',
  '/v1/webhook_endpoints/{id}/rotate_secret': 'endpoint',
  '/v1/webhook_endpoints/{id}/test': 'endpoint',
  '/v1/webhook_endpoints/{id}/deliveries': 'endpoint',
  '/v1/webhook_endpoints/{id}/redrive': 'endpoint',
  '/v1/webhook_deliveries/{id}': 'delivery',
  '/v1/webhook_deliveries/{id}/redrive': 'delivery',
  '/v1/data/jobs/{id}': 'data',
  '/v1/data/jobs/{id}/cancel': 'data',
  '/v1/data/jobs/{id}/files': 'data',
  // Of a job that has made nothing yet there is no file to be read.
  '/v1/data/jobs/{id}/files/{stage}/{name...}': 'data-file',
  '/v1/data/jobs/{id}/report': 'data-file',
  '/v1/fine_tuning/jobs/{id}': 'train',
  '/v1/fine_tuning/jobs/{id}/cancel': 'train',
  '/v1/fine_tuning/jobs/{id}/pause': 'train',
  '/v1/fine_tuning/jobs/{id}/resume': 'train',
  '/v1/fine_tuning/jobs/{id}/events': 'train',
  '/v1/fine_tuning/jobs/{id}/checkpoints': 'train',
  '/v1/fine_tuning/jobs/{id}/files': 'train',
  '/v1/fine_tuning/jobs/{id}/log': 'train',
  '/v1/fine_tuning/jobs/{id}/files/{name...}': 'train-file',
};
/** These belong to the cluster, not to a tenant. */
const OF_ALL = new Set(['/v1/models/{id...}', '/v1/tools/{name}/calls']);

const routes = allRoutes('test').filter((route) => route.path.includes('{') && !route.open && route.scope !== 'admin');

async function tenant(id: string): Promise<Member> {
  await harness.post('/v1/tenants', { id });
  const { key } = (await (await harness.post('/v1/api_keys', { tenant: id, name: id })).json()) as { key: string };
  return (method, path, body, headers = {}) =>
    fetch(harness.api.url + path, {
      method,
      body: body instanceof FormData ? body : body === undefined ? null : JSON.stringify(body),
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
}

/** A route's path with an id in it; further parts have names that a data job's files may have. */
const pathOf = (path: string, id: string): string =>
  path
    .replace(/\{\w+\}/, id)
    .replace('{stage}', 'make')
    .replace('{name...}', 'chains-000000.jsonl.zst');

const json = async <T>(reply: Response | Promise<Response>): Promise<T> => (await (await reply).json()) as T;
const idOf = async (reply: Promise<Response>): Promise<string> => {
  const { id } = await json<{ id: string }>(reply);
  expect(id).toBeTypeOf('string');
  return id;
};

function upload(text: string, purpose: string): FormData {
  const form = new FormData();
  form.set('purpose', purpose);
  form.set('file', new File([text], 'a.jsonl'));
  return form;
}

const LINE = JSON.stringify({
  ...{ custom_id: 'a', method: 'POST', url: '/v1/responses' },
  body: { input: 'answer', model: 'org/unserved' },
});
const withPicture = {
  input: [
    {
      role: 'user',
      content: [
        { type: 'input_image', image_url: dataUrl(PNG) },
        { type: 'input_text', text: 'answer' },
      ],
    },
  ],
};

/** A fine-tuning job that nobody works on. */
function ownTraining(id: string, file: string): TrainJob {
  const recipe = parseTrainRecipe({
    ...{ name: 'own', base: 'own', data: { export: 'openai' } },
    trainer: { kind: 'command', command: ['true'] },
  });
  return trainJob.parse({
    ...{
      id,
      tenant: 'owner',
      recipe,
      model: 'own',
      hyperparameters: {},
      seed: 1,
      status: 'queued',
      createdAt: Date.now(),
    },
    training: { id: file, kind: 'file', parts: [] },
  });
}

beforeAll(async () => {
  harness = await startApiHarness();
  [owner, other] = [await tenant('owner'), await tenant('other')];
  const response = await idOf(owner('POST', '/v1/responses', withPicture));
  const endpoint = await idOf(owner('POST', '/v1/webhook_endpoints', { url: 'https://example.com/hook' }));
  const file = await idOf(owner('POST', '/v1/files', upload(LINE, 'batch')));
  const batch = await idOf(
    owner('POST', '/v1/batches', { input_file_id: file, endpoint: '/v1/responses', completion_window: '24h' }),
  );
  // An endpoint that is new may miss the first two seconds of events.
  const delivery = await harness.cluster.until('there is a delivery', async () => {
    await owner('POST', '/v1/responses', { input: 'answer' });
    const { data } = await json<{ data: { id: string }[] }>(
      owner('GET', `/v1/webhook_endpoints/${endpoint}/deliveries`),
    );
    return data[0]?.id;
  });
  const recipe = { name: 'own', seed: 1, sources: [{ name: 'a', program: { chains: 10 } }] };
  const data = await idOf(owner('POST', '/v1/data/jobs', { recipe }));
  const train = newDocumentId('ftjob-');
  await harness.api.parts.trainJobs.create(ownTraining(train, file));
  const nobody = newRunId();
  ids = {
    response: { real: response, unknown: responseIdOf(nobody) },
    run: { real: runIdOf(response) ?? '', unknown: nobody },
    artifact: {
      real: createHash('sha256').update(PNG).digest('hex'),
      unknown: createHash('sha256').update('nothing').digest('hex'),
    },
    file: { real: file, unknown: newDocumentId('file-') },
    batch: { real: batch, unknown: newDocumentId('batch_') },
    data: { real: data, unknown: newDocumentId('data_') },
    'data-file': { real: data, unknown: newDocumentId('data_') },
    train: { real: train, unknown: newDocumentId('ftjob-') },
    'train-file': { real: train, unknown: newDocumentId('ftjob-') },
    endpoint: { real: endpoint, unknown: newDocumentId('we_') },
    delivery: { real: delivery, unknown: deliveryIdOf(newDocumentId('we_'), `evt_${randomBytes(8).toString('hex')}`) },
  };
});
afterAll(() => harness?.stop());

test('the table of ids has every route', () => {
  expect(routes.length).toBeGreaterThan(15);
  expect(routes.map(({ path }) => path).filter((path) => !(path in KINDS) && !OF_ALL.has(path))).toEqual([]);
});

test('the owner sees each of them, so that a 404 for others says something', async () => {
  for (const { path } of routes.filter(({ method }) => method === 'GET')) {
    const kind = KINDS[path];
    if (!kind || kind.endsWith('-file')) continue;
    const reply = await owner('GET', pathOf(path, ids[kind].real));
    await reply.arrayBuffer();
    // A batch that has no results yet says so; that is not a 404.
    expect(reply.status, path).not.toBe(404);
  }
});

test.each(routes.filter(({ path }) => path in KINDS))(
  "$method $path: another tenant's id is one that does not exist",
  async ({ method, path, schema }) => {
    const kind = KINDS[path] as Kind;
    const { real, unknown } = ids[kind];
    const body = method === 'POST' && schema?.body ? {} : undefined;
    const ask = async (who: Member, id: string) => {
      const reply = await who(method, pathOf(path, id), body);
      // Ids, and what depends on nothing but the id that was asked for.
      return {
        status: reply.status,
        body: (await reply.text()).replaceAll(id, '<id>'),
        type: reply.headers.get('content-type'),
      };
    };
    const theirs = await ask(other, real);
    expect(theirs.status).toBe(404);
    expect(theirs).toEqual(await ask(other, unknown));
  },
);

test('after all these tries the owner still has everything, unchanged', async () => {
  for (const [path, kind] of [
    ['/v1/responses/{id}', 'response'],
    ['/v1/files/{id}', 'file'],
    ['/v1/webhook_endpoints/{id}', 'endpoint'],
  ] as const) {
    expect((await owner('GET', path.replace('{id}', ids[kind].real))).status).toBe(200);
  }
  const { status } = await json<{ status: string }>(owner('GET', `/v1/batches/${ids.batch.real}`));
  expect(status).toMatch(/validating|in_progress/);
  const response = ids.response.real;
  await other('DELETE', `/v1/responses/${response}`);
  await other('POST', `/v1/responses/${response}/cancel`);
  expect((await json<{ status: string }>(owner('GET', `/v1/responses/${response}`))).status).toBe('completed');
  const running = await idOf(owner('POST', '/v1/responses', { input: 'hold', background: true }));
  await other('POST', `/v1/responses/${running}/cancel`);
  await other('DELETE', `/v1/responses/${running}`);
  expect((await json<{ status: string }>(owner('GET', `/v1/responses/${running}`))).status).toMatch(
    /queued|in_progress/,
  );
});

test('lists show nothing of another tenant', async () => {
  await idOf(owner('POST', '/v1/responses', { input: 'answer' }));
  await idOf(owner('POST', '/v1/files', upload(LINE, 'batch')));
  for (const path of [
    '/v1/runs',
    '/v1/files',
    '/v1/batches',
    '/v1/webhook_endpoints',
    '/v1/data/jobs',
    '/v1/fine_tuning/jobs',
  ]) {
    expect((await json<{ data: unknown[] }>(other('GET', path))).data, path).toEqual([]);
  }
  const used = await json<{ id: string; usage: { stored_bytes: { used: number } } }>(other('GET', '/v1/tenant'));
  expect(used).toMatchObject({ id: 'other', usage: { stored_bytes: { used: 0 }, open_runs: { used: 0 } } });
});

describe('what a request may refer to', () => {
  test.each([
    [
      'an image that is a file',
      '/v1/responses',
      (id: string) => ({
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_image', file_id: id },
              { type: 'input_text', text: 'x' },
            ],
          },
        ],
      }),
    ],
    [
      'the input of a batch',
      '/v1/batches',
      (id: string) => ({ input_file_id: id, endpoint: '/v1/responses', completion_window: '24h' }),
    ],
    [
      'the input of an estimate',
      '/v1/batches/estimate',
      (id: string) => ({ input_file_id: id, endpoint: '/v1/responses', completion_window: '24h' }),
    ],
  ])("%s: another tenant's file is one that does not exist", async (_, path, body) => {
    const file = await idOf(owner('POST', '/v1/files', upload(LINE, 'batch')));
    const ask = async (id: string) => {
      const reply = await other('POST', path, body(id));
      return { status: reply.status, body: (await reply.text()).replaceAll(id, '<id>') };
    };
    const theirs = await ask(file);
    expect(theirs.status).toBeGreaterThanOrEqual(400);
    expect(theirs.status).toBeLessThan(500);
    expect(theirs).toEqual(await ask(newDocumentId('file-')));
  });

  test('a recording of another tenant, also by a way around', async () => {
    for (const key of [
      't/owner/x.json',
      't/other/../owner/x.json',
      't/other-2/x.json',
      't/othe',
      'system/keys/x.json',
    ]) {
      const reply = await other('POST', '/v1/responses', {
        input: 'answer',
        cota: { replay: { key, observations: 'live' } },
      });
      expect(reply.status, key).toBe(400);
      expect((await json<{ error: { param: string } }>(reply)).error.param).toBe('cota.replay.key');
    }
  });

  test('an image of another tenant, through a recording of their own', async () => {
    const { objects } = harness.cluster.shared;
    const secret = paths.image('owner', ids.run.real, ids.artifact.real);
    await objects.put(secret, PNG, { contentType: 'image/png' });
    const image = { name: 'image-0', sha256: ids.artifact.real, contentType: 'image/png', width: 8, height: 6 };
    const observation = { ok: true, result: {}, images: [{ ...image, bytes: PNG.length, key: secret }] };
    const key = 't/other/content/recording.json';
    const text = JSON.stringify({ version: 1, question: 'x', turns: [], observations: [observation] });
    await objects.put(key, Buffer.from(text), { contentType: 'application/json' });
    const run = {
      ...sampleRun({ config: { replay: { key, observations: 'recorded' } } }),
      tenant: 'other',
      id: newRunId(),
    };
    await expect(recordedObservation(run, objects)).rejects.toMatchObject({ code: 'invalid_value' });
    for await (const found of objects.list(`t/other/runs/${run.id}/`)) throw new Error(`copied: ${found.key}`);
    // Their own can be replayed.
    const own = { ...run, tenant: 'owner' };
    expect(await recordedObservation(own, objects)).toMatchObject({ observation: { ok: true } });
  });
});

test('one Idempotency-Key of two tenants makes two runs', async () => {
  const same = { 'idempotency-key': 'shared' };
  const [mine, theirs] = await Promise.all(
    [owner, other].map((who) => idOf(who('POST', '/v1/responses', { input: 'answer' }, same))),
  );
  expect(mine).not.toBe(theirs);
  expect((await other('GET', `/v1/responses/${mine}`)).status).toBe(404);
  // Not even that the key was used with another body.
  expect(
    (await other('POST', '/v1/responses', { input: 'another' }, { 'idempotency-key': 'only-theirs' })).status,
  ).toBe(200);
  expect((await owner('POST', '/v1/responses', { input: 'mine' }, { 'idempotency-key': 'only-theirs' })).status).toBe(
    200,
  );
});

test('a tenant whose id is the beginning of another one sees nothing of it', async () => {
  const long = await tenant('owner-2');
  const file = await idOf(long('POST', '/v1/files', upload(LINE, 'batch')));
  expect((await owner('GET', `/v1/files/${file}`)).status).toBe(404);
  expect((await json<{ data: { id: string }[] }>(owner('GET', '/v1/files'))).data.map(({ id }) => id)).not.toContain(
    file,
  );
});

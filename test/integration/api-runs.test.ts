/** Lists of runs, and asking one again, over HTTP. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keys, newRunId, paths, runIdOf } from '../../shared/keys.ts';
import { responseObject } from '../../shared/response/schema.ts';
import { MOST_RECENT, recentRuns, rememberRun } from '../../shared/run/recent-runs.ts';
import { type RunSummary, runSummary } from '../../shared/run/run-summary.ts';
import { type ApiHarness, dataUrl, PNG, startApiHarness } from '../api-harness.ts';

let harness: ApiHarness;
beforeAll(async () => {
  harness = await startApiHarness({ COTA_CLOSED_TTL_S: '1' });
}, 60_000);
afterAll(() => harness.stop());

const body = async (answer: Response): Promise<Record<string, unknown>> =>
  (await answer.json()) as Record<string, unknown>;

async function ask(question: string, more: object = {}): Promise<string> {
  const answer = await harness.post('/v1/responses', { input: question, ...more });
  return responseObject.parse(await body(answer)).cota.run_id;
}

interface Listed {
  readonly data: readonly RunSummary[];
  readonly has_more: boolean;
}
async function list(query = '', headers: Record<string, string> = {}): Promise<Listed> {
  const answer = await harness.fetch(`/v1/runs${query}`, { headers });
  const { data, has_more } = (await body(answer)) as unknown as Listed;
  return { data: data.map((one) => runSummary.parse(one)), has_more };
}
const ids = ({ data }: Listed): string[] => data.map(({ id }) => id);

const withImage = (question: string): object => ({
  input: [
    {
      role: 'user',
      content: [
        { type: 'input_image', image_url: dataUrl(PNG) },
        { type: 'input_text', text: question },
      ],
    },
  ],
});

async function otherTenant(): Promise<Record<string, string>> {
  await harness.post('/v1/tenants', { id: 'other' });
  const { key } = await body(await harness.post('/v1/api_keys', { tenant: 'other', name: 'test' }));
  return { authorization: `Bearer ${String(key)}` };
}

test('runs are listed newest first, in pages, by status, and vanish when they are deleted', async () => {
  const first = await ask('one');
  const second = await ask('two');
  const held = await ask('hold', { background: true });
  expect(ids(await list('?limit=3'))).toEqual([held, second, first]);
  const page = await list('?limit=2');
  expect(page.has_more).toBe(true);
  expect(ids(await list(`?limit=2&after=${page.data[1]?.id}`))).toEqual([first]);
  expect(page.data[1]).toMatchObject({ status: 'completed', question: 'two', answer: 'answer to two', images: 0 });
  expect(ids(await list('?status=completed'))).toEqual([second, first]);
  expect(ids(await list('?status=failed'))).toEqual([]);

  await harness.post(`/v1/responses/${held}/cancel`, {});
  await harness.cluster.until(
    'it is listed as cancelled',
    async () => ids(await list('?status=cancelled'))[0] === held,
  );
  await harness.fetch(`/v1/responses/${second}`, { method: 'DELETE' });
  expect(ids(await list())).toEqual([held, first]);
  // The cursor may be one that is gone.
  expect(ids(await list(`?after=${second}`))).toEqual([first]);
});

test('a run whose record has left Redis is listed from its trace', async () => {
  const id = await ask('kept');
  const { redis } = harness.cluster.shared;
  await harness.cluster.until('its record has left', async () => (await redis.exists(keys.run(id))) === 0);
  expect((await list('?limit=1')).data[0]).toMatchObject({ id, status: 'completed', answer: 'answer to kept' });
});

test('however many runs there were, a fixed number is remembered', async () => {
  const { redis } = harness.cluster.shared;
  for (let made = 0; made < MOST_RECENT + 50; made++) await rememberRun(redis, 'busy', newRunId());
  expect(await redis.zcard(keys.recentRuns('busy'))).toBe(MOST_RECENT);
  expect(await recentRuns(redis, 'busy', { limit: 10, after: undefined })).toHaveLength(10);
});

test('what was deleted behind its back leaves the list by itself', async () => {
  const { redis } = harness.cluster.shared;
  // The time in this id is in 2023.
  const old = `run_0001h0${'0'.repeat(22)}abcdef`;
  await rememberRun(redis, 'default', old);
  expect(ids(await list('?limit=100'))).not.toContain(old);
  expect(await recentRuns(redis, 'default', { limit: 1_000, after: undefined })).not.toContain(old);
});

test('a retry asks the same again, and owns its images', async () => {
  const earlier = await ask('', {
    ...withImage('crop'),
    metadata: { colour: 'red' },
    temperature: 0.5,
    cota: { tools: ['Crop'], budgets: { replies: 4 }, priority: 'batch' },
  });
  const answer = await harness.post(`/v1/runs/${earlier}/retry`, {});
  const started = responseObject.parse(await body(answer));
  expect(answer.status).toBe(200);
  expect(started).toMatchObject({
    metadata: { colour: 'red' },
    temperature: 0.5,
    cota: { tools: ['Crop'], budgets: { replies: 4 }, priority: 'batch' },
  });
  const { run_id: id } = started.cota;
  expect(id).not.toBe(earlier);

  // Deleting the one leaves the other, before or after it took its image in.
  await harness.fetch(`/v1/responses/${earlier}`, { method: 'DELETE' });
  const ended = await harness.cluster.until('the retry has ended', async () => {
    const now = responseObject.parse(await body(await harness.fetch(`/v1/responses/${started.id}`)));
    return now.status === 'completed' ? now : undefined;
  });
  expect(ended.output.at(-1)).toMatchObject({ content: [{ text: 'answer to crop' }] });
  expect(ended.cota.images[0]).toMatchObject({ name: 'image-0', bytes: PNG.length });
  expect((await harness.fetch(`/v1/artifacts/${ended.cota.images[0]?.file_id}`)).status).toBe(200);
  expect((await list('?limit=1')).data[0]).toMatchObject({ id, retry_of: earlier, images: 1 });

  // And the other way round.
  const third = responseObject.parse(await body(await harness.post(`/v1/runs/${started.id}/retry`, {})));
  await harness.cluster.until('the third has ended', async () => {
    const now = await body(await harness.fetch(`/v1/responses/${third.id}`));
    return now.status === 'completed';
  });
  await harness.fetch(`/v1/responses/${third.id}`, { method: 'DELETE' });
  const { objects } = harness.cluster.shared;
  expect((await Array.fromAsync(objects.list(paths.run('default', third.cota.run_id)))).length).toBe(0);
  expect((await harness.fetch(`/v1/artifacts/${ended.cota.images[0]?.file_id}`)).status).toBe(200);
});

test('the same Idempotency-Key is one retry; for another run it is refused', async () => {
  const [one, two] = [await ask('first'), await ask('second')];
  const header = { 'idempotency-key': 'again-1' };
  const retry = async (id: string): Promise<Response> => harness.post(`/v1/runs/${id}/retry`, {}, header);
  const answers = await Promise.all([retry(one), retry(one), retry(one)]);
  const made = await Promise.all(answers.map(body));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  const refused = await retry(two);
  expect([refused.status, await body(refused)]).toMatchObject([409, { error: { code: 'idempotency_key_reused' } }]);
});

test('what cannot be asked again is refused in words', async () => {
  const held = await ask('hold', { background: true });
  const cases: readonly [string, number, string][] = [
    [held, 409, 'still_running'],
    [newRunId(), 404, 'not_found'],
    ['nonsense', 404, 'not_found'],
  ];
  for (const [id, status, code] of cases) {
    const answer = await harness.post(`/v1/runs/${id}/retry`, {});
    expect([answer.status, await body(answer)]).toMatchObject([status, { error: { code } }]);
  }
  await harness.post(`/v1/responses/${held}/cancel`, {});
  for (const query of ['?status=done', '?limit=0', '?limit=101', '?after=x', '?colour=red']) {
    expect((await harness.fetch(`/v1/runs${query}`)).status).toBe(400);
  }
});

test('another tenant sees none of it', async () => {
  const id = await ask('mine');
  const headers = await otherTenant();
  expect(ids(await list('', headers))).toEqual([]);
  const foreign = await harness.post(`/v1/runs/${id}/retry`, {}, headers);
  const none = await harness.post(`/v1/runs/${newRunId()}/retry`, {}, headers);
  expect(foreign.status).toBe(404);
  const words = async (answer: Response): Promise<string> =>
    JSON.stringify(await body(answer)).replace(/run_[0-9a-z]+|req_[0-9a-f]+/g, 'X');
  expect(await words(foreign)).toBe(await words(none));
  expect(runIdOf(id)).toBe(id);
});

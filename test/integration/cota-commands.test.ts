/** `cota runs`, `keys`, `tenants` and `webhooks`, against the stack that `cota up` starts. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { runSummary } from '../../shared/run/run-summary.ts';
import { type Cota, openCota, type Said, until } from '../cota-command.ts';
import { type Receiver, startReceiver } from '../webhook-receiver.ts';

const END = JSON.stringify({ thought: 'Done.', actions: [{ name: 'Terminate', arguments: { answer: '2' } }] });
const replay = (turns: { text: string; delay_ms?: number }[]) => ({
  ...{ backend: 'replay', dialect: 'taco', prompt: 'short', tools: [], turns },
});
const MODELS = JSON.stringify({
  default: 'quick',
  models: { quick: replay([{ text: END }]), held: replay([{ text: END, delay_ms: 120_000 }]) },
});
const UP_MS = 120_000;

let cota: Cota;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  cota = await openCota(MODELS);
  const webhooks = { COTA_WEBHOOK_HTTP: 'true', COTA_WEBHOOK_ALLOW: receiver.origin };
  expect(await cota.run(['up', '--detach', '--port', '0'], webhooks)).toMatchObject({ code: 0, err: '' });
}, UP_MS);
afterAll(async () => {
  await cota.run(['down', '--now']);
  await cota.remove();
  await receiver.close();
}, UP_MS);

const json = <T>({ out }: Said, schema: z.ZodType<T>): T => schema.parse(JSON.parse(out));

async function fails(args: readonly string[], code: number, words: string | RegExp): Promise<void> {
  const said = await cota.run(args);
  expect(said.err).toMatch(words);
  expect(said.err.trim().split('\n')).toHaveLength(1);
  expect(said).toMatchObject({ code, out: '' });
}

test('what cannot be done is told in one line', async () => {
  const cases: readonly Parameters<typeof fails>[] = [
    [['runs', 'show', 'nope'], 2, '"nope" is no id of a run'],
    [['runs', 'list', '--status', 'done'], 2, '--status may be queued'],
    [['runs', 'list', '--limit', '0'], 2, '--limit takes a whole number from 1'],
    [['keys', 'create'], 2, 'what is the key for?'],
    [['keys', 'create', '--name', 'x', '--scope', 'all'], 2, '--scope takes runs, runs:read'],
    [['keys', 'create', '--name', 'x', '--tenant', 'none'], 1, "There is no tenant 'none'"],
    [['keys', 'revoke', 'x'], 2, 'is no id of a key'],
    [['tenants', 'create', 'No Such'], 1, /^cota: id: a-z, 0-9/],
    [['tenants', 'set', 'default'], 2, 'change what?'],
    [['tenants', 'delete-data', 'default'], 2, 'say --yes'],
    [['webhooks', 'create', 'http://10.0.0.1/'], 1, 'does not lead to the public internet'],
    [['webhooks', 'create', 'https://a.example', '--events', 'x'], 2, '--events takes all'],
    [['webhooks', 'test', 'we_x'], 1, 'There is no webhook endpoint'],
  ];
  for (let next = 0; next < cases.length; next += 2) {
    await Promise.all(cases.slice(next, next + 2).map((one) => fails(...one)));
  }
}, 120_000);

test('runs are listed, shown and asked again; also a line of a batch', async () => {
  await cota.run(['ask', 'What is 1 + 1?']);
  const found = json(await cota.run(['runs', 'list', '--json', '--limit', '1']), z.array(runSummary));
  const run = found[0] as (typeof found)[number];
  expect(run).toMatchObject({ question: 'What is 1 + 1?', status: 'completed', answer: '2' });
  expect((await cota.run(['runs', 'list'])).out).toMatch(
    new RegExp(`^RUN .*\n${run.id} +completed .*What is 1 \\+ 1\\? +2$`, 'm'),
  );
  expect((await cota.run(['runs', 'show', run.id])).out).toContain('question     What is 1 + 1?');

  const again = await cota.run(['runs', 'retry', run.id, '--wait']);
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining('answer       2') });
  const newest = json(await cota.run(['runs', 'list', '--json', '-n', '1']), z.array(runSummary));
  expect(newest[0]).toMatchObject({ retry_of: run.id, status: 'completed' });

  const request = { custom_id: 'a', method: 'POST', url: '/v1/responses', body: { input: 'Of a batch?' } };
  writeFileSync(join(cota.dir, 'one.jsonl'), JSON.stringify(request));
  const submitted = await cota.run(['batch', 'submit', 'one.jsonl', '--wait', '--json']);
  const { id } = json(submitted, z.looseObject({ id: z.string() }));
  const { out } = await cota.run(['batch', 'results', id]);
  const lineOfBatch = /run_[0-9a-z]{34}/.exec(out)?.[0] ?? '';
  const answered = await cota.run(['runs', 'retry', lineOfBatch, '--wait', '--json']);
  expect(JSON.parse(answered.out)).toMatchObject({ status: 'completed', cota: { priority: 'interactive' } });

  // A run that is under way shows its steps so far, and can be stopped.
  const { child, said } = cota.spawn(['ask', '--model', 'held', 'Held?']);
  const held = await until('that it is listed', async () => {
    const [one] = json(await cota.run(['runs', 'list', '--json', '-n', '1']), z.array(runSummary));
    return one?.status === 'in_progress' ? one.id : undefined;
  });
  expect((await cota.run(['runs', 'show', held])).out).toBe(`run          ${held}\nstatus       in_progress\n`);
  await fails(['runs', 'retry', held], 1, 'The run is in_progress: wait for its end or cancel it');
  expect((await cota.run(['runs', 'cancel', held])).out).toBe(`${held} is cancelled\n`);
  await said;
  child.kill();
}, 60_000);

test('tenants and their keys: made, used, limited, revoked, and all of it deleted', async () => {
  const made = await cota.run(['tenants', 'create', 'acme', '--open-runs', '5', '--stored-bytes', '2GB']);
  expect(made).toMatchObject({
    code: 0,
    out: expect.stringMatching(/requests {5}as the cluster is set\nopen runs {4}5\n[\s\S]*keys create/),
  });
  const keyMade = await cota.run(['keys', 'create', '--name', 'job', '--tenant', 'acme', '--expires', '90d', '--json']);
  const key = json(keyMade, z.looseObject({ id: z.string(), key: z.string(), expires_at: z.int() }));
  expect(key.expires_at).toBeGreaterThan(Date.now() / 1000 + 89 * 86_400);
  expect((await cota.run(['ask', '--key', key.key, 'Whose?'])).code).toBe(0);
  expect((await cota.run(['runs', 'list', '--key', key.key])).out).toContain('Whose?');
  expect((await cota.run(['runs', 'list'])).out).not.toContain('Whose?');
  expect((await cota.run(['keys', 'list'])).out).toMatch(
    new RegExp(`^${key.id} +acme +job +runs,webhooks +20.* until 20`, 'm'),
  );
  await fails(['keys', 'list', '--key', key.key], 1, 'needs an API key with the scope "admin"');
  expect((await cota.run(['tenants', 'usage', '--key', key.key])).out).toMatch(/^open runs +0 +5 +0 %$/m);

  const changed = await cota.run(['tenants', 'set', 'acme', '--open-runs', 'unlimited', '--keep-runs', '30', '--json']);
  expect(JSON.parse(changed.out)).toMatchObject({
    quotas: { open_runs: 0, stored_bytes: 2 * 1024 ** 3, requests_per_minute: null },
    retention_days: { runs: 30, files: null },
  });
  expect((await cota.run(['keys', 'revoke', key.key])).out).toBe(`revoked ${key.id} (job, tenant acme)\n`);
  await fails(['ask', '--key', key.key, 'Whose?'], 1, 'was revoked');
  const deleted = await cota.run(['tenants', 'delete', 'acme', '--yes', '--json']);
  expect(JSON.parse(deleted.out)).toMatchObject({ tenant: 'acme', status: 'done' });
  expect((await cota.run(['tenants', 'list'])).out).not.toContain('acme');
}, 60_000);

test('webhooks: made, tested, listed, sent again, removed', async () => {
  const url = `${receiver.origin}/hook`;
  const made = await cota.run(['webhooks', 'create', url, '--events', 'response.completed', '--json']);
  const { id, secret } = json(made, z.looseObject({ id: z.string(), secret: z.string() }));
  expect(secret).toMatch(/^whsec_/);
  const tested = await cota.run(['webhooks', 'test', id]);
  expect(tested).toMatchObject({ code: 0, out: expect.stringMatching(/^status {7}delivered after 1 try$/m) });
  expect((await cota.run(['webhooks', 'list'])).out).toMatch(new RegExp(`^${id} +${url} +response.completed +20`, 'm'));
  const listed = await cota.run(['webhooks', 'deliveries', id]);
  const delivery = /whd_\S+/.exec(listed.out)?.[0] ?? '';
  expect(listed.out).toMatch(/webhook\.test +delivered +1 /);
  expect((await cota.run(['webhooks', 'redrive', delivery])).code).toBe(0);
  expect((await cota.run(['webhooks', 'redrive', id])).out).toBe('there was nothing to send again\n');
  const rotated = await cota.run(['webhooks', 'rotate', id, '--keep-old', '2h']);
  expect(rotated.out).toMatch(/secret {7}whsec_\S+\n.*not shown again\n.*signs too, until 20/);
  const held = await cota.run(['webhooks', 'set', id, '--disable', '--to', `${receiver.origin}/other`]);
  expect(held.out).toMatch(/\/other\n[\s\S]*state {8}disabled/);
  expect((await cota.run(['webhooks', 'delete', id])).out).toBe(`removed ${id}\n`);
  expect(JSON.parse((await cota.run(['webhooks', 'list', '--json'])).out)).toEqual([]);
}, 60_000);

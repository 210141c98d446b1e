/** `cota batch`, against the stack that `cota up` starts. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { batchObject } from '../../shared/batch/batch-object.ts';
import { type Cota, openCota, type Said, until } from '../cota-command.ts';

const END = JSON.stringify({ thought: 'Done.', actions: [{ name: 'Terminate', arguments: { answer: '2' } }] });
const replay = (turns: { text: string; delay_ms?: number }[], concurrency = 8) => ({
  ...{ backend: 'replay', dialect: 'taco', prompt: 'short', tools: [], concurrency, turns },
});
const MODELS = JSON.stringify({
  default: 'quick',
  models: {
    quick: replay([{ text: END }]),
    silent: replay([]),
    slow: replay([{ text: END, delay_ms: 500 }], 2),
  },
});
const UP_MS = 120_000;
const FILE_BYTES = 60_000;

let cota: Cota;
beforeAll(async () => {
  cota = await openCota(MODELS);
  const up = await cota.run(['up', '--detach', '--port', '0'], {
    COTA_BATCH_WINDOW_LINES: '5',
    COTA_BATCH_LINES: '200',
    COTA_FILE_BYTES: String(FILE_BYTES),
  });
  expect(up).toMatchObject({ code: 0, err: '' });
}, UP_MS);
afterAll(async () => {
  await cota.run(['down', '--now']);
  await cota.remove();
}, UP_MS);

const line = (id: string, body: object = {}, url = '/v1/responses'): string =>
  JSON.stringify({ custom_id: id, method: 'POST', url, body: { model: 'quick', input: `Question ${id}`, ...body } });

function file(name: string, lines: readonly string[]): string {
  writeFileSync(join(cota.dir, name), `${lines.join('\n')}\n`);
  return name;
}
const lines = (count: number, body: (index: number) => object = () => ({})): string[] =>
  Array.from({ length: count }, (_, index) => line(`q${index}`, body(index)));

const json = <T>({ out }: Said, schema: z.ZodType<T>): T => schema.parse(JSON.parse(out));
const idIn = ({ out }: Said): string => /batch_[0-9a-z]{26}/.exec(out)?.[0] ?? '';
const filesLeft = async (): Promise<number> => {
  const { url, key } = stack();
  const answer = await fetch(`${url}/v1/files?purpose=batch`, { headers: { authorization: `Bearer ${key}` } });
  return ((await answer.json()) as { data: unknown[] }).data.length;
};
function stack(): { readonly url: string; readonly key: string } {
  const state = JSON.parse(readFileSync(join(cota.data, 'state.json'), 'utf8')) as { url: string; apiKey: string };
  return { url: state.url, key: state.apiKey };
}

async function fails(args: readonly string[], code: number, words: string | RegExp): Promise<void> {
  const said = await cota.run(args);
  expect(said.err).toMatch(words);
  expect(said.err.trim().split('\n')).toHaveLength(1);
  expect(said).toMatchObject({ code, out: '' });
}

test('a batch goes from its file to its results, in every format', async () => {
  const name = file('good.jsonl', lines(12));
  const said = await cota.run(['batch', 'submit', name, '--wait', '--metadata', 'who=me', '--metadata', 'n=1']);
  expect(said).toMatchObject({ code: 0, err: '' });
  expect(said.out).toContain('checked      12 lines for /v1/responses\n');
  expect(said.out).toMatch(/^uploaded {5}[\d.]+ kB as file-/m);
  expect(said.out).toMatch(/^estimate {5}12 lines for quick: /m);
  expect(said.out).toMatch(/^status {7}completed .*, after \d+ s$/m);
  expect(said.out).toContain('lines        12 of 12 answered\n');

  const id = idIn(said);
  const batch = json(await cota.run(['batch', 'status', id, '--json']), batchObject);
  expect(batch).toMatchObject({ id, metadata: { who: 'me', n: '1' }, request_counts: { completed: 12 } });
  expect((await cota.run(['batch', 'status', id])).out).toContain('metadata     who: me');

  const printed = await cota.run(['batch', 'results', id]);
  const results = printed.out
    .trim()
    .split('\n')
    .map((one) => JSON.parse(one) as { custom_id: string });
  expect(results.map((one) => one.custom_id)).toEqual(lines(12).map((_, index) => `q${index}`));
  const csv = await cota.run(['batch', 'results', id, '--out', 'table.csv']);
  expect(csv).toMatchObject({ code: 0, out: expect.stringMatching(/ B|kB in table\.csv/) });
  expect(readFileSync(join(cota.dir, 'table.csv'), 'utf8')).toMatch(
    /^custom_id,status,answer,[\s\S]*\nq0,completed,2,/,
  );
  await cota.run(['batch', 'results', id, '-o', 'table.parquet']);
  expect(readFileSync(join(cota.dir, 'table.parquet')).subarray(0, 4).toString()).toBe('PAR1');
  expect(readdirSync(cota.dir).filter((one) => one.endsWith('.part'))).toEqual([]);
  await fails(
    ['batch', 'results', id, '--out', 'none/x.csv'],
    1,
    /cannot write none\/x\.csv: there is no folder none$/m,
  );
}, 60_000);

test('lines that fail make --wait fail; they can be seen and tried again alone', async () => {
  const name = file(
    'mixed.jsonl',
    lines(11, (index) => (index % 5 === 0 ? { model: 'silent' } : {})),
  );
  const said = await cota.run(['batch', 'submit', name, '--wait', '--json']);
  const batch = json(said, batchObject);
  expect(said).toMatchObject({ code: 1, err: '' });
  expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 11, completed: 8, failed: 3 } });

  const failed = await cota.run(['batch', 'results', batch.id, '--failed', '--format', 'csv']);
  expect(
    failed.out
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split(',', 2).join()),
  ).toEqual(['q0,failed', 'q5,failed', 'q10,failed']);
  const again = await cota.run(['batch', 'retry', batch.id, '--wait', '--json']);
  expect(again.code).toBe(1);
  const retried = json(again, batchObject);
  expect(retried).toMatchObject({ request_counts: { total: 3, failed: 3 }, cota: { retry_of: batch.id } });

  const listed = await cota.run(['batch', 'list', '--limit', '2']);
  expect(listed.out).toMatch(
    new RegExp(`^BATCH +STATUS +LINES .*\n${retried.id} +completed +3 +0 +3 .*\n${batch.id} `),
  );
  expect(listed.out).toContain(`./cota batch list --after ${batch.id}`);
  const all = json(await cota.run(['batch', 'list', '--json']), z.array(batchObject));
  expect(all.slice(0, 2).map(({ id }) => id)).toEqual([retried.id, batch.id]);
  await fails(['batch', 'retry', `batch_${'0'.repeat(26)}`], 1, 'There is no batch');
}, 60_000);

test('stdin is a file like others', async () => {
  const { child, said } = cota.spawn(['batch', 'submit', '-', '--json'], {}, 'pipe');
  child.stdin?.end(`${lines(3).join('\n')}\n`);
  expect(json(await said, batchObject).endpoint).toBe('/v1/responses');
  expect(readdirSync(tmpdir()).filter((one) => /^cota-[0-9A-Z]{26}\.jsonl$/.test(one))).toEqual([]);

  const empty = cota.spawn(['batch', 'submit', '-'], {}, 'pipe');
  empty.child.stdin?.end();
  expect(await empty.said).toMatchObject({ code: 2, err: expect.stringContaining('stdin is empty') });
});

test('Ctrl-C leaves the batch running and says how to come back; cancel stops it', async () => {
  const name = file(
    'slow.jsonl',
    lines(40, () => ({ model: 'slow' })),
  );
  const { child, said } = cota.spawn(['batch', 'submit', name, '--wait']);
  let seen = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  const id = await until('its id', () => /batch_[0-9a-z]{26}/.exec(seen)?.[0]);
  child.kill('SIGINT');
  const left = await said;
  expect(left.code).toBe(130);
  expect(left.err).toContain(`./cota batch status ${id} --wait`);

  const partial = await until('some results', async () => {
    const now = await cota.run(['batch', 'results', id]);
    return now.out === '' ? undefined : now;
  });
  expect(partial.out.trim().split('\n').length).toBeLessThan(40);
  expect(partial.err).toMatch(/^the batch is in_progress \(\d+ of 40 answered\): these are the results so far$/m);

  const cancelled = await cota.run(['batch', 'cancel', id]);
  expect(cancelled).toMatchObject({ code: 0, out: expect.stringMatching(/^status {7}cancel/m) });
  const end = await cota.run(['batch', 'status', id, '--wait']);
  expect(end).toMatchObject({ code: 1, out: expect.stringMatching(/^status {7}cancelled /m) });
  await cota.run(['batch', 'cancel', id]);
}, 60_000);

test('--wait outlives the API', async () => {
  const name = file(
    'long.jsonl',
    lines(30, () => ({ model: 'slow' })),
  );
  const id = idIn(await cota.run(['batch', 'submit', name, '--yes']));
  const { said } = cota.spawn(['batch', 'status', id, '--wait']);
  await until('that it runs', async () => {
    const batch = json(await cota.run(['batch', 'status', id, '--json']), batchObject);
    return batch.request_counts.completed > 0;
  });
  const before = cota.pids();
  process.kill(before.api as number, 'SIGKILL');
  await until('the API again', () => cota.pids().api !== before.api);
  // On a slow machine it says how far it is.
  const err = expect.stringMatching(/^(\d+ of 30, .* left\n)*$/) as string;
  expect(await said).toMatchObject({ code: 0, err, out: expect.stringContaining('30 of 30 answered') });
}, 60_000);

test('each problem of a file is told with its line, and nothing is sent', async () => {
  const before = await filesLeft();
  const name = file('bad.jsonl', [line('a'), '', line('a'), 'no json']);
  const said = await cota.run(['batch', 'submit', name]);
  expect(said).toMatchObject({ code: 1, out: '' });
  expect(said.err.split('\n')).toEqual([
    'bad.jsonl:3: The custom_id "a" is on line 1 already: each must be its own. (duplicate_custom_id)',
    'bad.jsonl:4: This line is not valid JSON. (invalid_json_line)',
    'cota: bad.jsonl has 2 problems: nothing was sent',
    '',
  ]);
  // What only the cluster knows: its file goes again.
  const many = await cota.run(['batch', 'submit', file('many.jsonl', lines(201))]);
  expect(many).toMatchObject({ code: 1, err: expect.stringContaining('more than 200 lines (COTA_BATCH_LINES)') });
  const large = file(
    'large.jsonl',
    lines(100, () => ({ input: 'x'.repeat(1_000) })),
  );
  await expect(cota.run(['batch', 'submit', large])).resolves.toMatchObject({
    code: 1,
    err: expect.stringContaining('A file may have at most 60,000 bytes (COTA_FILE_BYTES): split it.'),
  });
  expect(await filesLeft()).toBe(before);
});

test('what cannot be done is told in one line', async () => {
  writeFileSync(join(cota.dir, 'empty.jsonl'), '');
  file('other.jsonl', [line('a', {}, '/v1/embeddings')]);
  const cases: readonly Parameters<typeof fails>[] = [
    [['batch', 'submit'], 2, 'FILE is missing: cota batch submit FILE'],
    [['batch', 'submit', 'missing.jsonl'], 2, 'there is no file missing.jsonl'],
    [['batch', 'submit', 'empty.jsonl'], 2, 'empty.jsonl is empty'],
    [['batch', 'submit', cota.dir], 2, 'is a folder'],
    [['batch', 'submit', 'other.jsonl'], 2, 'the first line asks for "/v1/embeddings"'],
    [['batch', 'submit', 'x', '--window', '3w'], 2, '--window takes a time such as 90m'],
    [['batch', 'submit', 'x', '--window', '15d'], 2, 'at most 14d'],
    [['batch', 'submit', 'x', '--metadata', 'y'], 2, '--metadata takes KEY=VALUE'],
    [['batch', 'results', 'nope'], 1, "There is no batch 'nope'"],
    [['batch', 'results', 'nope', '--format', 'xml'], 2, '--format may be jsonl, csv, parquet'],
    [['batch', 'sumbit'], 2, 'did you mean `cota batch submit`?'],
    [['batch', '--json'], 2, 'which command of `cota batch`?'],
  ];
  for (let next = 0; next < cases.length; next += 2) {
    await Promise.all(cases.slice(next, next + 2).map((one) => fails(...one)));
  }
}, 120_000);

import { randomBytes } from 'node:crypto';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { resultTable, type TableFormat } from './table.ts';

const usage = { input_tokens: 10, output_tokens: 3, total_tokens: 13 };
const cota = {
  run_id: 'run_1',
  stop_reason: 'terminate',
  usage: { replies: 2, tool_calls: 1, model_ms: 5, tool_ms: 1 },
};
const line = (customId: string, body: unknown, status = 200) =>
  JSON.stringify({
    id: 'batch_req_1',
    custom_id: customId,
    response: { status_code: status, request_id: 'r', body },
    error: null,
  });
const response = (text: string, more: object = {}) => ({
  object: 'response',
  status: 'completed',
  model: 'org/m',
  error: null,
  output: [
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'not the answer' }] },
    { type: 'message', content: [{ type: 'output_text', text }] },
  ],
  usage,
  cota,
  ...more,
});
const completion = (content: string | null, finishReason: string) => ({
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, finish_reason: finishReason, message: { role: 'assistant', content, reasoning_content: 'x' } }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  cota,
});
const failure = { message: 'It is gone.', type: 'invalid_request_error', param: null, code: 'image_file_not_found' };
const withoutAnswer = { custom_id: 'x', response: null };

const LINES: readonly (readonly [name: string, line: string, row: object])[] = [
  [
    'a response',
    line('a', response('42')),
    {
      custom_id: 'a',
      status: 'completed',
      answer: '42',
      error_code: null,
      error_message: null,
      model: 'org/m',
      run_id: 'run_1',
      stop_reason: 'terminate',
      replies: 2,
      tool_calls: 1,
      input_tokens: 10,
      output_tokens: 3,
      total_tokens: 13,
    },
  ],
  [
    'a response without an answer',
    line('b', response('', { status: 'incomplete', output: [] })),
    { status: 'incomplete', answer: null },
  ],
  [
    'a run that failed, as a response',
    line('c', response('', { status: 'failed', output: [], error: { code: 'poison', message: 'It crashed.' } })),
    { status: 'failed', error_code: 'poison', error_message: 'It crashed.', run_id: 'run_1' },
  ],
  ['a run that was cancelled', line('d', response('', { status: 'cancelled', output: [] })), { status: 'cancelled' }],
  [
    'a chat completion',
    line('e', completion('yes', 'stop')),
    {
      status: 'completed',
      answer: 'yes',
      input_tokens: 1,
      output_tokens: 2,
      total_tokens: 3,
      stop_reason: 'terminate',
    },
  ],
  [
    'a chat completion that was cut short',
    line('f', completion('ye', 'length')),
    { status: 'completed', answer: 'ye' },
  ],
  [
    'a chat completion without an answer',
    line('g', completion(null, 'length')),
    { status: 'incomplete', answer: null },
  ],
  [
    'a run that failed, as an error',
    line('h', { error: failure, cota: { run_id: 'run_9' } }, 400),
    {
      status: 'failed',
      run_id: 'run_9',
      error_code: 'image_file_not_found',
      error_message: 'It is gone.',
      replies: null,
    },
  ],
  ['a request that is wrong', line('i', { error: failure }, 400), { status: 'refused', run_id: null }],
  [
    'a line that came too late',
    JSON.stringify({ ...withoutAnswer, error: { code: 'batch_expired', message: 'Too late.' } }),
    { status: 'expired', custom_id: 'x', error_code: 'batch_expired', error_message: 'Too late.', model: null },
  ],
  [
    'a line of a batch that was cancelled',
    JSON.stringify({ ...withoutAnswer, error: { code: 'batch_cancelled', message: 'No.' } }),
    { status: 'cancelled' },
  ],
];

async function* from(lines: Iterable<string>) {
  yield* lines;
}
async function table(lines: Iterable<string>, format: TableFormat): Promise<Buffer> {
  return Buffer.concat(await resultTable(from(lines), format).toArray());
}
async function parquetRows(bytes: Buffer) {
  return await parquetReadObjects({ file: Uint8Array.from(bytes).buffer });
}

describe('what a line becomes', () => {
  test.each(LINES)('%s', async (_name, text, row) => {
    expect(await parquetRows(await table([text], 'parquet'))).toEqual([expect.objectContaining(row)]);
  });
});

test('a table has one row for each line, in their order, in many groups of rows', async () => {
  const count = 2_345;
  const lines = Array.from({ length: count }, (_, index) =>
    line(`n${index}`, response(`answer ${index} "ü", 日本\nx`)),
  );
  const bytes = await table(lines, 'parquet');
  const metadata = parquetMetadata(Uint8Array.from(bytes).buffer);
  expect(metadata.row_groups.map((group) => Number(group.num_rows))).toEqual([1_000, 1_000, 345]);
  const rows = await parquetRows(bytes);
  expect(rows).toHaveLength(count);
  expect(rows[2_344]).toMatchObject({ custom_id: 'n2344', answer: 'answer 2344 "ü", 日本\nx' });
  const csv = (await table(lines, 'csv')).toString();
  expect(csv).toContain('n2344,completed,"answer 2344 ""ü"", 日本\nx",,,org/m,run_1,terminate,2,1,10,3,13\n');
});

test('a batch without lines gives the columns alone', async () => {
  const columns =
    'custom_id,status,answer,error_code,error_message,model,run_id,stop_reason,replies,tool_calls,input_tokens,output_tokens,total_tokens';
  expect((await table([], 'csv')).toString()).toBe(`${columns}\n`);
  const bytes = await table([], 'parquet');
  expect(await parquetRows(bytes)).toEqual([]);
  const { schema } = parquetMetadata(Uint8Array.from(bytes).buffer);
  expect(schema.slice(1).map(({ name }) => name)).toEqual(columns.split(','));
});

test.each([
  ['=1+1', "'=1+1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['+cmd|calc', "'+cmd|calc"],
  ['-2+3', "'-2+3"],
  ['\t=1', "'\t=1"],
  ['-5', '-5'],
  ['-1,234.50', '"-1,234.50"'],
  ['+3.5 %', '+3.5 %'],
  ['-1e-7', '-1e-7'],
  ['$4.50', '$4.50'],
])('an answer %j does no harm in a spreadsheet: %j', async (answer, cell) => {
  const csv = (await table([line('a', response(answer))], 'csv')).toString();
  expect(csv.split('\n')[1]).toContain(`a,completed,${cell},`);
  expect((await parquetRows(await table([line('a', response(answer))], 'parquet')))[0]?.answer).toBe(answer);
});

test.each<TableFormat>(['csv', 'parquet'])('what cannot be read ends a %s table with an error', async (format) => {
  await expect(table(['{"custom_id":'], format)).rejects.toThrow(/JSON/);
});

test.each<TableFormat>(['csv', 'parquet'])(
  'a %s table is read no faster than it is taken, and left off when its reader goes',
  async (format) => {
    let made = 0;
    let ended = false;
    async function* endless() {
      try {
        for (;;) {
          made += 1;
          yield line(`n${made}`, response(randomBytes(500).toString('hex')));
        }
      } finally {
        ended = true;
      }
    }
    const stream = resultTable(endless(), format);
    await new Promise((resolve) => stream.once('readable', resolve));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [before] = [made];
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(made).toBe(before);
    expect(made).toBeLessThan(5_000);
    stream.destroy();
    await expect.poll(() => ended).toBe(true);
  },
);

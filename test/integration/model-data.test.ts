/** Questions in, verified chains out: a recipe's model sources over a real cluster, whose model is a script behind HTTP. */
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBatchStore } from '../../shared/batch/batch-store.ts';
import { type Chain, chain } from '../../shared/data/chain.ts';
import { recipe } from '../../shared/data/recipe.ts';
import { loadModels } from '../../shared/models.ts';
import { readChains } from '../../workers/data/factory/chain-files.ts';
import { type Here, runHere } from '../../workers/data/factory/here.ts';
import type { Services } from '../../workers/data/factory/services.ts';
import { questionsStage } from '../../workers/data/import/questions.ts';
import { askStage } from '../../workers/data/model/ask.ts';
import { runsStage } from '../../workers/data/model/runs.ts';
import { statisticsOf } from '../../workers/data/model/statistics.ts';
import { verifyStage } from '../../workers/data/model/verify.ts';
import { openAsking } from '../../workers/data/services/asking.ts';
import { openBatches } from '../../workers/data/services/batches.ts';
import { delta, type Exchange, type FakeServer, startFakeServer } from '../fake-openai-server.ts';
import { startTestCluster, type TestCluster } from '../harness.ts';

let cluster: TestCluster;
let server: FakeServer;
let services: Partial<Services>;
let judged = 0;

/** What the model says to a question, turn by turn; what differs between samples goes by the seed. */
function script(text: string, turn: number, seed: number): string {
  const say = (thought: string, name: string, args: object) =>
    JSON.stringify({ thought, actions: [{ name, arguments: args }] });
  if (text.includes('colour of the square') && turn === 0)
    return say('I look closer.', 'Crop', { image: 'image-0', bbox: [0, 0, 0.5, 0.5] });
  if (text.includes('colour of the square')) return say('It is red.', 'Terminate', { answer: 'B. red' });
  if (text.includes('How many') && turn === 0) return 'I will count them now.';
  if (text.includes('How many')) return say('I count.', 'Terminate', { answer: seed % 2 === 0 ? 'There are 4.' : '5' });
  if (text.includes('to sit on')) return say('A seat.', 'Terminate', { answer: 'a sofa' });
  return say('I guess.', 'Terminate', { answer: 'blue' });
}

function answer({ body, response, send }: Exchange): void {
  if (body === '') return void response.writeHead(200).end('{"data":[]}');
  const asked = JSON.parse(body) as { messages: { role: string; content: unknown }[]; seed?: number };
  const text = JSON.stringify(asked.messages);
  let said: string;
  if (text.includes('You grade short answers')) {
    judged++;
    said = JSON.stringify({ score: text.includes('sofa') ? 0.9 : 0, why: 'as scripted' });
  } else said = script(text, asked.messages.filter(({ role }) => role === 'assistant').length, asked.seed ?? 0);
  send(delta(said, 'stop'));
  send({ choices: [], usage: { prompt_tokens: 1000, completion_tokens: 100 } });
  send('[DONE]');
  response.end();
}

beforeAll(async () => {
  server = await startFakeServer(answer);
  const entry = { backend: 'openai', dialect: 'taco', prompt: 'short', base_url: server.baseUrl, model: 'm' };
  const models = { asked: { ...entry, price: { input: 2, output: 8 } }, judge: entry };
  cluster = await startTestCluster({ models: JSON.stringify({ models }) });
  for (const process of ['services/scheduler/main.ts', 'workers/model/main.ts', 'workers/tools/main.ts'])
    cluster.start(process);
  const { shared } = cluster;
  await cluster.until('workers', async () => {
    await shared.fleet.refresh();
    return shared.fleet.tools().length > 0 && shared.fleet.concurrencyOf('asked') > 0;
  });
  const read = loadModels(cluster.env.COTA_MODELS);
  services = {
    ...openBatches({ ...shared, batches: openBatchStore(shared) }, 'here'),
    ask: openAsking(shared, () => read),
    modelVersion: (model) => read.get(model)?.version,
    price: (model) => read.get(model)?.price,
  };
}, 60_000);

afterAll(async () => {
  await cluster.stop();
  await server.stop();
});

const counts = ({ reports }: Here, stage: string): Record<string, number> => {
  const sum: Record<string, number> = {};
  for (const report of reports.get(stage) ?? [])
    for (const [name, count] of Object.entries(report.counts)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
};
const chainsOf = async ({ reports }: Here, stage: string): Promise<Chain[]> => {
  const all: Chain[] = [];
  for (const { files } of reports.get(stage) ?? [])
    for (const file of files)
      for await (const one of readChains(cluster.shared.objects, file)) all.push(chain.parse(one));
  return all;
};

test('questions of a TSV are asked twice each, verified by rule and then by judge, and come out as chains', async () => {
  const { objects } = cluster.shared;
  const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#d02020' } })
    .png()
    .toBuffer();
  const rows = [
    ['index', 'image', 'question', 'A', 'B', 'answer', 'category'],
    ['1', picture.toString('base64'), 'What is the colour of the square?', 'green', 'red', 'B', 'colour'],
    ['2', '1', 'How many corners are there?', '', '', '4', 'count'],
    ['3', '1', 'What is there to sit on?', '', '', 'couch', 'object'],
    ['4', '1', 'Which colour is the sky?', '', '', '7', 'object'],
    ['5', 'A!', 'Is there a picture?', '', '', 'yes', 'object'],
  ];
  const tsv = rows.map((cells) => cells.join('\t')).join('\n');
  await objects.put('t/here/data/inputs/questions.tsv', Buffer.from(tsv), { contentType: 'text/plain' });
  const wanted = recipe.parse({
    name: 'asked',
    seed: 5,
    sources: [
      {
        name: 'bench',
        model: {
          file: 'questions.tsv',
          layout: 'vlmevalkit',
          model: 'asked',
          tools: ['Crop', 'Calculate'],
          samples: 2,
          judge: { model: 'judge' },
          licence: 'CC0-1.0',
        },
      },
    ],
  });
  const options = {
    id: 'data_01kb0000000000000000000000',
    inputs: { 'questions.tsv': 't/here/data/inputs/questions.tsv' },
    services,
  };
  const stages = [questionsStage, askStage, verifyStage];
  const here = await runHere(stages, wanted, objects, options);
  expect(counts(here, 'questions')).toMatchObject({ rows: 5, questions: 4, bad: 1 });
  expect(here.reports.get('questions')?.[0]?.notes).toMatchObject({ bad: [{ line: 6 }] });
  expect(counts(here, 'ask')).toEqual({ asked: 8 });

  const chains = await chainsOf(here, 'verify');
  const of = (question: string): Chain[] => chains.filter(({ id }) => id.startsWith(`bench/${question}/`));
  expect(of('1').map(({ outcome, verdict }) => [outcome, verdict?.by])).toEqual([
    ['CoTA-pos', 'rule'],
    ['CoTA-pos', 'rule'],
  ]);
  const [first] = of('1');
  expect(first).toMatchObject({
    ...{
      choices: ['green', 'red'],
      truth: 'B',
      answer: 'B. red',
      skills: ['colour'],
      tools: ['Calculate', 'Crop', 'Terminate'],
    },
    images: [{ name: 'image-0', width: 60, height: 40 }],
    turns: [
      { thought: 'I look closer.', observations: [{ ok: true, images: [{ name: 'image-1' }] }] },
      { thought: 'It is red.', actions: [{ name: 'Terminate' }], observations: [] },
    ],
    made: { model: 'asked', stopReason: 'terminate', sample: 0, tokens: { input: 2000, output: 200 }, cost: 0.0056 },
  });
  // A picture that a tool made lies with the job, not with its run.
  const [, made] = [first?.images[0], first?.turns[0]?.observations[0]];
  const key = made?.ok ? made.images?.[0]?.key : undefined;
  expect(key).toMatch(/^images\/[0-9a-f]{64}$/);
  expect(await objects.head(`t/here/data/${options.id}/${key}`)).toBeDefined();
  // A reply that could not be read stays in the chain, with what went back.
  expect(of('2')[0]?.turns[0]).toMatchObject({
    thought: 'I will count them now.',
    actions: [],
    problem: expect.any(String),
  });
  expect(of('3').map(({ outcome, verdict }) => [outcome, verdict?.by, verdict?.score])).toEqual([
    ['CoT-pos', 'judge', 0.9],
    ['CoT-pos', 'judge', 0.9],
  ]);
  expect(of('4').map(({ outcome, answer }) => [outcome, answer])).toEqual([
    ['CoT-neg', 'blue'],
    ['CoT-neg', 'blue'],
    ['Direct', '7'],
  ]);
  const told = statisticsOf('bench', counts(here, 'verify'));
  expect(told).toMatchObject({ asked: 8, answered: 8, toolRate: 0.25, parseRate: 0.75, cost: expect.any(Number) });
  expect(told.passAt['1']).toBeGreaterThanOrEqual(0.5);

  // Again: the batch is found by its name, each verdict by its hash, and the bytes are the same.
  const before = { judged, exchanges: server.exchanges.length };
  const again = await runHere(stages, wanted, objects, options);
  expect({ judged, exchanges: server.exchanges.length }).toEqual(before);
  const hashes = ({ reports }: Here) =>
    reports.get('verify')?.flatMap(({ files }) => files.map(({ sha256 }) => sha256));
  expect(hashes(again)).toEqual(hashes(here));

  // The same runs, found in the store by their metadata, with truths from a file.
  const truths = of('1').map(({ made: { run } }) =>
    JSON.stringify({ id: run, truth: 'red', choices: ['green', 'red'] }),
  );
  await objects.put('t/here/data/inputs/truths.jsonl', Buffer.from(truths.join('\n')), { contentType: 'text/plain' });
  const runs = { metadata: { data_source: 'bench' }, truths: 'truths.jsonl', licence: 'CC0-1.0' };
  const found = await runHere(
    [runsStage],
    recipe.parse({ name: 'found', seed: 1, sources: [{ name: 'old', runs }] }),
    objects,
    {
      id: 'data_runs',
      inputs: { 'truths.jsonl': 't/here/data/inputs/truths.jsonl' },
      services,
    },
  );
  expect(counts(found, 'runs')).toMatchObject({ asked: 8, 'CoTA-pos': 2, 'without truth': 6, chains: 2 });
}, 60_000);

/** Data workers are killed while a model's answers are waited for and while they are judged: the chains are the same. */
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Chain } from '../../shared/data/chain.ts';
import type { DataJob } from '../../shared/data/job.ts';
import { paths } from '../../shared/keys.ts';
import { readChains } from '../../workers/data/factory/chain-files.ts';
import { type DataCluster, startDataCluster } from '../data-cluster.ts';
import { delta, type Exchange, type FakeServer, startFakeServer } from '../fake-openai-server.ts';

const QUESTIONS = 6;
const SAMPLES = 2;
let server: FakeServer;
let data: DataCluster;
/** The model says nothing until the first is open, the judge nothing until the second is. */
const gates = { model: Promise.withResolvers<void>(), judge: Promise.withResolvers<void>() };
let answers = 0;
let judged = 0;

async function answer({ body, response, send }: Exchange): Promise<void> {
  if (body === '') return void response.writeHead(200).end('{"data":[]}');
  const { messages, seed = 0 } = JSON.parse(body) as { messages: { role: string }[]; seed?: number };
  const text = JSON.stringify(messages);
  const judging = text.includes('You grade short answers');
  if (judging) judged++;
  else answers++;
  await gates[judging ? 'judge' : 'model'].promise;
  const turn = messages.filter(({ role }) => role === 'assistant').length;
  const say = (name: string, args: object) =>
    JSON.stringify({ thought: `Turn ${turn}.`, actions: [{ name, arguments: args }] });
  let said = say('Terminate', { answer: `a thing like ${seed % 1000}` });
  if (judging) said = JSON.stringify({ score: text.length % 2, why: 'as scripted' });
  else if (turn === 0) said = say('Crop', { image: 'image-0', bbox: [0, 0, 0.5, 0.5] });
  send(delta(said, 'stop'));
  send({ choices: [], usage: { prompt_tokens: 1000, completion_tokens: 100 } });
  send('[DONE]');
  response.end();
}

beforeAll(async () => {
  server = await startFakeServer((exchange) => void answer(exchange));
  const entry = { backend: 'openai', dialect: 'taco', prompt: 'short', base_url: server.baseUrl, model: 'm' };
  const yaml = JSON.stringify({ models: { asked: entry, judge: entry } });
  data = await startDataCluster('workers/data/main.ts', {}, { yaml, ids: ['asked', 'judge'] });
  for (const process of ['workers/model/main.ts', 'workers/tools/main.ts']) data.cluster.start(process);
}, 60_000);
afterAll(async () => {
  await data?.stop();
  await server?.stop();
});

/** Chains as they would be in any other run of the same answers. */
async function chainsOf({ tenant, id }: DataJob): Promise<Chain[]> {
  const found: Chain[] = [];
  const { objects } = data.cluster.shared;
  for await (const { key } of objects.list(paths.dataStage(tenant, id, 'verify'))) {
    if (!/\/chains-[^/]*$/.test(key)) continue;
    for await (const { made, ...chain } of readChains(objects, { key }))
      found.push({ ...chain, made: { ...made, run: undefined } });
  }
  return found;
}

test('a data worker that is killed in the middle of ask, and of verify, changes no chain and asks nothing twice', async () => {
  const { files, fleet } = data.cluster.shared;
  const { until } = data.cluster;
  const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#d02020' } })
    .png()
    .toBuffer();
  const lines = Array.from({ length: QUESTIONS }, (_, n) =>
    [`q${n}`, picture.toString('base64'), `What is thing number ${n}?`, `thing ${n}`].join('\t'),
  );
  const tsv = [['index', 'image', 'question', 'answer'].join('\t'), ...lines].join('\n');
  const about = { filename: 'q.tsv', purpose: 'user_data', contentType: 'text/plain' } as const;
  const { id: file } = await files.create('default', about, Readable.from([Buffer.from(tsv)]), { maxBytes: 1_000_000 });
  const model = { file, layout: 'vlmevalkit', model: 'asked', tools: ['Crop'], samples: SAMPLES, licence: 'CC0-1.0' };
  const recipe = {
    ...{ name: 'asked', seed: 3, report: false },
    sources: [{ name: 'bench', model: { ...model, judge: { model: 'judge' } } }],
  };
  await until('workers', async () => {
    await fleet.refresh();
    return fleet.tools().length > 0 && fleet.concurrencyOf('asked') > 0;
  });

  const disturbed = await data.submit(recipe);
  const first = data.startWorker();
  const spare = data.startWorker();
  await until('the model is asked', async () => answers > 0);
  first.kill('SIGKILL');
  await first.exited;
  gates.model.resolve();
  await until('the judge is asked', async () => judged > 0);
  spare.kill('SIGKILL');
  await spare.exited;
  gates.judge.resolve();
  data.startWorker();
  expect((await data.over(disturbed)).error).toBeUndefined();
  expect(answers).toBe(QUESTIONS * SAMPLES * 2);

  const undisturbed = await data.submit(recipe);
  expect((await data.over(undisturbed)).error).toBeUndefined();
  const chains = await chainsOf(disturbed);
  expect(chains.length).toBeGreaterThanOrEqual(QUESTIONS * SAMPLES);
  expect(new Set(chains.map(({ outcome }) => outcome))).toContain('CoTA-pos');
  expect(chains).toEqual(await chainsOf(undisturbed));
}, 60_000);

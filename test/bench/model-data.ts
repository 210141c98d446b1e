/**
 * `npm run bench -- model-data [LIMIT]`: questions in, verified chains out, end to end. Development data beside the
 * project (where it is there) becomes files in our own layout, is asked of cota-nano with the real tools, four samples a
 * question, and is verified by rule. Prints what came of each source, and where the report page lies.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBatchStore } from '../../shared/batch/batch-store.ts';
import { recipe } from '../../shared/data/recipe.ts';
import { paths } from '../../shared/keys.ts';
import { loadModels } from '../../shared/models.ts';
import { runHere } from '../../workers/data/factory/here.ts';
import { STAGES } from '../../workers/data/factory/stages.ts';
import { statisticsOf } from '../../workers/data/model/statistics.ts';
import { openAsking } from '../../workers/data/services/asking.ts';
import { openBatches } from '../../workers/data/services/batches.ts';
import { tarOf } from '../archives.ts';
import { PRODUCTION, startTestCluster } from '../harness.ts';
import { table } from './meter.ts';

const DATA = new URL('../../../shared/data/', import.meta.url).pathname;
const ROOT = new URL('../..', import.meta.url).pathname;
const SAMPLES = 4;
/** So that samples differ; the model's own default is the likeliest token each time. */
const TEMPERATURE = 0.7;
const limit = process.argv[3] === undefined ? undefined : Number(process.argv[3]);
if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
  process.stderr.write('usage: npm run bench -- model-data [QUESTIONS OF EACH SOURCE]\n');
  process.exit(2);
}

interface SourceFile {
  readonly name: string;
  readonly licence: string;
  readonly lines: string;
  readonly images: Readonly<Record<string, Uint8Array>>;
}

const json = <T>(path: string): T => JSON.parse(readFileSync(join(DATA, path), 'utf8')) as T;

function mmvet(): SourceFile {
  const all =
    json<Record<string, { imagename: string; question: string; answer: string; capability: string[] }>>(
      'mmvet-open/questions.json',
    );
  const rows = Object.entries(all).map(([id, { imagename, question, answer, capability }]) => ({
    ...{ id, question, truth: answer, images: [imagename], skills: capability },
  }));
  return sourceOf('mmvet', 'mmvet-open/images', rows);
}

function receipts(): SourceFile {
  const all = json<Record<string, { total: string; date: string }>>('receipts-open/keys.json');
  const rows = Object.entries(all).flatMap(([id, { total, date }]) => [
    { id: `${id}-total`, question: 'What is the total?', truth: total, images: [`${id}.jpg`], skills: ['total'] },
    {
      id: `${id}-date`,
      question: 'What is the date on the receipt?',
      truth: date,
      images: [`${id}.jpg`],
      skills: ['date'],
    },
  ]);
  return sourceOf('receipts', 'receipts-open/images', rows);
}

function sourceOf(name: string, folder: string, rows: readonly { readonly images: readonly string[] }[]): SourceFile {
  const names = new Set(rows.flatMap(({ images }) => images));
  const images = Object.fromEntries([...names].map((image) => [image, readFileSync(join(DATA, folder, image))]));
  return { name, licence: 'development data', lines: rows.map((row) => JSON.stringify(row)).join('\n'), images };
}

const sources = [
  ...(existsSync(join(DATA, 'mmvet-open')) ? [mmvet()] : []),
  ...(existsSync(join(DATA, 'receipts-open')) ? [receipts()] : []),
];
if (sources.length === 0) {
  process.stdout.write(`skipped: there is neither mmvet-open nor receipts-open in ${DATA}\n`);
  process.exit(0);
}

const models = readFileSync(join(ROOT, 'models.yaml'), 'utf8').replace('path: models/', `path: ${ROOT}models/`);
const cluster = await startTestCluster({
  models,
  env: { ...PRODUCTION, COTA_POOLS: 'cpu,vision', COTA_MAX_IN_FLIGHT: '8' },
});
for (const entry of ['workers/model/main.ts', 'workers/tools/main.ts', 'services/scheduler/main.ts'])
  cluster.start(entry);
const { shared } = cluster;
await cluster.until(
  'the tools and the model',
  async () => {
    await shared.fleet.refresh();
    const tools = shared.fleet.tools().map(({ name }) => name);
    return tools.includes('OCR') && tools.includes('Calculate') && shared.fleet.concurrencyOf('cota-nano') > 0;
  },
  120_000,
);

const { objects } = shared;
const inputs: Record<string, string> = {};
for (const { name, lines, images } of sources) {
  for (const [file, bytes] of [
    [`${name}.jsonl`, Buffer.from(lines)],
    [`${name}.tar`, tarOf(images)],
  ] as const) {
    inputs[file] = `t/here/content/${file}`;
    await objects.put(inputs[file], bytes, { contentType: 'application/octet-stream' });
  }
}
const wanted = recipe.parse({
  name: 'model-data',
  seed: 1,
  sources: sources.map(({ name, licence }) => ({
    name,
    model: {
      ...{ file: `${name}.jsonl`, layout: 'jsonl', images: `${name}.tar`, model: 'cota-nano', licence },
      ...{ samples: SAMPLES, temperature: TEMPERATURE, ...(limit === undefined ? {} : { limit }) },
    },
  })),
});
const read = loadModels(cluster.env.COTA_MODELS);
const id = 'data_01model0data0000000000000';
const began = performance.now();
const counts: Record<string, number> = {};
const here = await runHere(STAGES, wanted, objects, {
  id,
  inputs,
  services: {
    ...openBatches({ objects, files: shared.files, batches: openBatchStore(shared) }, 'here'),
    ask: openAsking(shared, () => read),
    modelVersion: (model) => read.get(model)?.version,
    price: (model) => read.get(model)?.price,
  },
  onShard: ({ stage, shard, counts: of }) => {
    process.stderr.write(`${stage} ${shard} done after ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
    if (stage === 'verify') for (const [name, count] of Object.entries(of)) counts[name] = (counts[name] ?? 0) + count;
  },
});
const seconds = (performance.now() - began) / 1000;

const share = (part: number | null): string => (part === null ? '-' : `${(part * 100).toFixed(1)} %`);
const rows = sources.map(({ name }) => ({ name, told: statisticsOf(name, counts) }));
process.stdout.write(
  `${table([
    [
      'source',
      'asked',
      'answered',
      'CoTA-pos',
      'CoTA-neg',
      'CoT-pos',
      'CoT-neg',
      'Direct',
      'tools',
      'accuracy',
      'parsed',
      'by rule',
      'undecided',
      'pass@1',
      `pass@${SAMPLES}`,
      'agreement',
      'tokens in',
      'tokens out',
    ],
    ...rows.map(({ name, told }) => [
      name,
      ...[told.asked, told.answered, ...Object.values(told.outcomes)].map(String),
      ...[
        told.toolRate,
        told.accuracy,
        told.parseRate,
        told.by.rule,
        told.by.none,
        told.passAt['1'] ?? null,
        told.passAt[String(SAMPLES)] ?? null,
        told.agreement,
      ].map(share),
      ...[told.tokens.input, told.tokens.output].map(String),
    ]),
  ])}\n`,
);
for (const { name, told } of rows)
  if (Object.keys(told.failed).length > 0)
    process.stdout.write(`${name}, without an answer: ${JSON.stringify(told.failed)}\n`);
const asked = rows.reduce((sum, { told }) => sum + told.asked, 0);
process.stdout.write(
  `${asked} runs in ${seconds.toFixed(0)} s (${(asked / seconds).toFixed(2)} a second); no judge, so that what rules leave undecided counts as wrong\n`,
);

const folder = await mkdtemp(join(tmpdir(), 'cota-model-data-'));
let page: string | undefined;
for await (const { key } of objects.list(paths.dataJob('here', id))) {
  if (!key.endsWith('.html')) continue;
  page = join(folder, key.slice(key.lastIndexOf('/') + 1));
  await writeFile(page, (await objects.get(key)).bytes);
}
const pages = [...here.reports.keys()].join(', ');
process.stdout.write(page === undefined ? `no report page was written (stages: ${pages})\n` : `report: ${page}\n`);
await cluster.stop();
process.exit(0);

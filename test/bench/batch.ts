/**
 * A large batch from upload to results, over HTTP: `npm run bench -- batch LINES [TURNS] [PICTURE.svg]`. Shows lines per
 * second and what Redis and the processes hold meanwhile. The model gives recorded turns, one tool call in each but the
 * last; equal calls come from the tool cache, as they would for real.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchObject } from '../../shared/batch/batch-object.ts';
import { requestLine } from '../batch-cluster.ts';
import { replayModels } from '../harness.ts';
import { resultLines, type Sample, sample, startLoadCluster, submitBatch } from './batch-load.ts';
import { table } from './meter.ts';
import { plot } from './plot.ts';

const LINES = Number(process.argv[3] ?? 2_000);
const TURNS = Number(process.argv[4] ?? 3);
const PICTURE = process.argv[5];
const SAMPLE_MS = 2_000;

const load = await startLoadCluster(replayModels({ turns: TURNS, concurrency: 64 }), [
  'scheduler',
  'api',
  'model',
  'tools',
]);
const started = performance.now();
const lines = function* () {
  for (let index = 0; index < LINES; index++) {
    const body = { model: 'replayed', input: `Question ${index}`, cota: { tools: ['Calculate'] } };
    yield requestLine(`line-${index}`, body);
  }
};
const before = await sample(load, started, 0);
let batch = await submitBatch(load, lines());
const created = (performance.now() - started) / 1000;
const samples: Sample[] = [before];
let told = 0;
while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
  await sleep(SAMPLE_MS);
  batch = await load.ask<BatchObject>(`/v1/batches/${batch.id}`);
  const now = await sample(load, started, batch.request_counts.completed + batch.request_counts.failed);
  samples.push(now);
  if (now.seconds - told < 20) continue;
  told = now.seconds;
  const left = batch.cota.estimate?.seconds;
  process.stdout.write(
    `${now.seconds.toFixed(0)} s: ${batch.status} ${now.done} of ${LINES}, Redis ${now.redisMb.toFixed(0)} MB, left ${left ?? '?'} s\n`,
  );
}
const seconds = (performance.now() - started) / 1000;
const ids = new Set<string>();
let results = 0;
for (const id of [batch.output_file_id, batch.error_file_id]) {
  for await (const line of resultLines(load, id)) {
    results += 1;
    ids.add(line.custom_id);
  }
}
const read = (performance.now() - started) / 1000 - seconds;
const most = (pick: (one: Sample) => number): string => Math.max(...samples.map(pick)).toFixed(0);
const kinds = Object.keys(before.rssMb);
const rows = [
  ['lines', 'turns', 'upload s', 'batch s', 'lines/s', 'results', 'ids', 'read s', 'Redis MB'],
  [
    ...[String(LINES), String(TURNS), created.toFixed(1), (seconds - created).toFixed(1)],
    ...[(LINES / (seconds - created)).toFixed(0), String(results), String(ids.size), read.toFixed(1)],
    `${before.redisMb.toFixed(1)} -> ${most((one) => one.redisMb)}`,
  ],
];
process.stdout.write(`\n${batch.status} ${JSON.stringify(batch.request_counts)}\n${table(rows)}\n`);
const rss = [kinds, kinds.map((kind) => `${most((one) => one.rssMb[kind] ?? 0)} MB`)];
process.stdout.write(`\nmost resident memory of a process\n${table(rss)}\n`);
if (PICTURE !== undefined) {
  const memory = kinds.map((kind) => ({
    name: kind,
    points: samples.map((one) => [one.seconds, one.rssMb[kind] ?? 0] as const),
  }));
  const redis = { name: 'Redis', points: samples.map((one) => [one.seconds, one.redisMb] as const) };
  const done = { name: 'answered', points: samples.map((one) => [one.seconds, one.done] as const) };
  const heading = `A batch of ${LINES.toLocaleString('en')} lines, ${TURNS} model turns and ${TURNS - 1} tool calls each`;
  writeFileSync(
    PICTURE,
    plot(heading, [
      { title: 'Lines', unit: 'answered', series: [done] },
      { title: 'Memory', unit: 'MB', series: [redis, ...memory] },
    ]),
  );
}
await load.cluster.stop();
process.exit(results === LINES && ids.size === LINES ? 0 : 1);

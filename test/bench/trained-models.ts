/**
 * What registered models cost a model worker that serves them all: connections to Redis and memory, before there are any
 * and with more and more of them; how long it takes from registration to the first answer, and from then on.
 * `npm run bench -- trained-models [MODELS]`
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { replayModels, startTestCluster } from '../harness.ts';
import { storeTrained, trainedId } from '../trained-models.ts';
import { median, table } from './meter.ts';

const MODELS = Number(process.argv[3] ?? 200);
/** Models that are asked at each stage, one after the other. */
const ASKED = 16;

const cluster = await startTestCluster({
  models: replayModels({ turns: 1 }),
  env: { COTA_HEARTBEAT_MS: '500', COTA_SWEEP_MS: '300' },
});
const { shared } = cluster;
cluster.start('services/scheduler/main.ts');
const worker = cluster.start('workers/model/main.ts', { COTA_TRAINED_CACHE: `${cluster.dir}/trained` });
await cluster.until('the worker is there', async () => {
  await shared.fleet.refresh();
  return shared.fleet.concurrencyOf('replayed') > 0;
});

const connections = async (): Promise<number> =>
  String(await shared.redis.client('LIST'))
    .trim()
    .split('\n').length;
const memoryMb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

async function ask(model: string): Promise<number> {
  const started = performance.now();
  const run = await cluster.submit({ model, tools: [], dialect: 'nano', prompt: 'short' });
  const { outcome } = await cluster.closed(run);
  if (outcome?.status !== 'completed') throw new Error(`${model}: ${JSON.stringify(outcome)}`);
  return performance.now() - started;
}

// Until all of its connections are there.
await sleep(2_000);
const rows = [['0', String(await connections()), memoryMb().toFixed(0), '', '', '']];
const first = await storeTrained(shared.objects, 'bench000');
let registered = 0;
for (const count of [1, Math.ceil(MODELS / 4), MODELS]) {
  let newest = '';
  for (; registered < count; registered += 1) {
    newest = trainedId(`bench${String(registered).padStart(3, '0')}`);
    await shared.trained.put({ ...first, id: newest });
  }
  const fresh = await ask(newest);
  const again = await ask(newest);
  const others: number[] = [];
  for (let at = 0; at < Math.min(ASKED, count); at += 1) {
    others.push(await ask(trainedId(`bench${String(Math.floor((at * count) / ASKED)).padStart(3, '0')}`)));
  }
  rows.push([
    ...[String(count), String(await connections()), memoryMb().toFixed(0)],
    ...[fresh, again, median(others)].map((ms) => ms.toFixed(0)),
  ]);
}
const head = ['models', 'connections to Redis', 'worker MB', 'new model ms', 'same again ms', 'others ms'];
process.stdout.write(`${table([head, ...rows])}\n`);
await cluster.stop();

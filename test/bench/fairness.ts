/**
 * What one tenant's load does to another: a small tenant asks one question after the other over HTTP, alone, beside a
 * large tenant's batch, and beside its direct requests, sent by many clients as fast as they are answered. Not the
 * machine but the model's slots are what they compete for: turns have a set delay.
 * `npm run bench -- fairness [LINES] [REQUESTS]`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchObject } from '../../shared/batch/batch-object.ts';
import { requestLine } from '../batch-cluster.ts';
import { replayModels } from '../harness.ts';
import { KEY, startLoadCluster, submitBatch } from './batch-load.ts';
import { table } from './meter.ts';

const LINES = Number(process.argv[3] ?? 100_000);
const REQUESTS = Number(process.argv[4] ?? 100_000);
const ASKED = 60;
const CLIENTS = 32;

const load = await startLoadCluster(replayModels({ turns: 3, delayMs: 60, concurrency: 16 }), [
  'scheduler',
  'api',
  'model',
  'tools',
]);

async function keyOf(tenant: string): Promise<string> {
  const json = { 'content-type': 'application/json' };
  await load.ask('/v1/tenants', { method: 'POST', headers: json, body: JSON.stringify({ id: tenant }) });
  const body = JSON.stringify({ tenant, name: 'bench', scopes: ['runs'] });
  const made = await load.ask<{ key: string }>('/v1/api_keys', { method: 'POST', headers: json, body });
  return made.key;
}
const small = await keyOf('small');
const large = await keyOf('large');

function post(key: string, body: object): Promise<Response> {
  return fetch(`${load.base}/v1/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'replayed', cota: { tools: ['Calculate'] }, ...body }),
  });
}

async function latencies(count: number): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    const answer = await post(small, { input: `Question ${index}` });
    const { status } = (await answer.json()) as { status?: string };
    if (status !== 'completed') throw new Error(`the small tenant got ${answer.status} ${status}`);
    taken.push(performance.now() - started);
  }
  return taken.toSorted((a, b) => a - b);
}
const at = (sorted: readonly number[], share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;

await latencies(10);
const alone = await latencies(ASKED);

const lines = function* () {
  for (let index = 0; index < LINES; index++) {
    yield requestLine(`line-${index}`, { model: 'replayed', input: 'x', cota: { tools: ['Calculate'] } });
  }
};
const batch = await submitBatch(load, lines(), { authorization: `Bearer ${large}` });
const look = async (): Promise<BatchObject> => {
  const response = await fetch(`${load.base}/v1/batches/${batch.id}`, {
    headers: { authorization: `Bearer ${large}` },
  });
  return (await response.json()) as BatchObject;
};
while ((await look()).request_counts.completed < 200) await sleep(200);
const besideBatch = await latencies(ASKED);
const done = (await look()).request_counts.completed;
await fetch(`${load.base}/v1/batches/${batch.id}/cancel`, {
  method: 'POST',
  headers: { authorization: `Bearer ${large}` },
});
while (!['cancelled', 'completed'].includes((await look()).status)) await sleep(500);

let sent = 0;
let accepted = 0;
let refused = 0;
async function client(): Promise<void> {
  while (sent < REQUESTS) {
    sent += 1;
    const answer = await post(large, { input: `Flood ${sent}`, background: true });
    await answer.arrayBuffer();
    if (answer.ok) accepted += 1;
    else if (answer.status === 429) refused += 1;
    else throw new Error(`the large tenant got ${answer.status}`);
  }
}
const flood = Promise.all(Array.from({ length: CLIENTS }, client));
await sleep(5_000);
const besideDirect: number[] = [];
while (sent < REQUESTS) besideDirect.push(...(await latencies(10)));
await flood;
besideDirect.sort((a, b) => a - b);
const { pending, inFlight } = await load.cluster.shared.admission.load('replayed');
const again = await fetch(`${load.base}/v1/tenants/large/data`, {
  method: 'DELETE',
  headers: { authorization: `Bearer ${KEY}` },
});
const erased = again.status;

const row = (name: string, taken: readonly number[]): string[] => [
  ...[name, String(taken.length), at(taken, 0.5).toFixed(0), at(taken, 0.95).toFixed(0)],
  ...[(at(taken, 0.5) / at(alone, 0.5)).toFixed(2), (at(taken, 0.95) / at(alone, 0.95)).toFixed(2)],
];
process.stdout.write(
  `3 turns of 60 ms and 2 tool calls each, 16 slots; the large tenant's batch had ${done} of ${LINES} lines done, ` +
    `of its ${sent} direct requests ${accepted} were accepted and ${refused} refused with 429; at the end ${pending} waited, ${inFlight} were in flight; ` +
    `its data was then deleted (${erased})\n\n` +
    `${table([
      ['small tenant', 'asked', 'median ms', 'p95 ms', 'median ratio', 'p95 ratio'],
      row('alone', alone),
      row('beside the batch', besideBatch),
      row('beside direct requests', besideDirect),
    ])}\n`,
);
await load.cluster.stop();
process.exit(0);

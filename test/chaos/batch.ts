/**
 * A batch while everything is killed at random: model, tool, API and scheduler processes and Redis with SIGKILL every few
 * seconds, and the store away for half a minute. Production timings. `npm run chaos:batch [LINES] [SEED]`: at the end
 * each custom_id must be there once, answered with its own words.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchObject } from '../../shared/batch/batch-object.ts';
import { requestLine } from '../batch-cluster.ts';
import { resultLines, startLoadCluster, submitBatch } from '../bench/batch-load.ts';
import { models, witnessed, writeRecording } from '../promises/witness.ts';

const LINES = Number(process.argv[2] ?? 20_000);
const SEED = Number(process.argv[3] ?? 1);
const PAUSE_MS = 4_000;
const OUTAGE_MS = 30_000;
const ACTIONS = 2;

/** Small linear congruential generator: the same seed kills in the same order. */
let state = SEED;
const random = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

const load = await startLoadCluster(models, ['model', 'model', 'witness', 'witness', 'api', 'scheduler'], {
  COTA_MAX_IN_FLIGHT: '256',
});
const { cluster } = load;
const labels = Array.from({ length: LINES }, (_, index) => `line-${index}`);
const replays = new Map<string, string>();
for (let first = 0; first < LINES; first += 200) {
  const some = labels.slice(first, first + 200);
  await Promise.all(
    some.map(async (label) => replays.set(label, await writeRecording(cluster, { label, actions: ACTIONS }))),
  );
}
process.stdout.write(`${LINES} recordings are written\n`);
const lines = function* () {
  for (const label of labels) {
    const replay = { key: replays.get(label), observations: 'live' };
    yield requestLine(label, { model: 'replayed', input: label, cota: { tools: ['Witness'], replay } });
  }
};
// As an orchestrator does: a process that started while the store was away has ended with a word about it.
const restarts = setInterval(() => {
  for (const one of load.procs) if (one.proc.child.exitCode !== null) one.proc = load.start(one.kind);
}, 1_000);
let batch = await submitBatch(load, lines());
const started = performance.now();
const kills: Record<string, number> = {};
let outage: Promise<void> | undefined;
const isOver = (): boolean => ['completed', 'failed', 'expired', 'cancelled'].includes(batch.status);
const doneOf = (): number => batch.request_counts.completed + batch.request_counts.failed;

async function storeAway(): Promise<void> {
  const root = join(cluster.dir, 'store');
  await rename(root, `${root}-away`);
  // In its place stands a file, so that a process which starts meanwhile makes no empty store of its own.
  await writeFile(root, '');
  process.stdout.write(`the store is away\n`);
  await sleep(OUTAGE_MS);
  await rm(root);
  await rename(`${root}-away`, root);
  process.stdout.write(`the store is back\n`);
}

while (!isOver()) {
  await sleep(PAUSE_MS);
  if (!outage && doneOf() > LINES / 3) outage = storeAway();
  const victim = load.procs[random(load.procs.length + 1)];
  if (victim) {
    victim.proc.kill('SIGKILL');
    await victim.proc.exited;
    victim.proc = load.start(victim.kind);
  } else {
    await cluster.redis.kill();
    await sleep(500);
    await cluster.restartRedis();
  }
  const kind = victim?.kind ?? 'redis';
  kills[kind] = (kills[kind] ?? 0) + 1;
  batch = await load.ask<BatchObject>(`/v1/batches/${batch.id}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stdout.write(`${seconds} s: killed ${kind}; ${batch.status} ${doneOf()} of ${LINES}\n`);
}
await outage;
clearInterval(restarts);
const seconds = (performance.now() - started) / 1000;
const seen = new Map<string, number>();
let wrong = 0;
let failed = 0;
for await (const line of resultLines(load, batch.output_file_id)) {
  seen.set(line.custom_id, (seen.get(line.custom_id) ?? 0) + 1);
  const body = line.response?.body as { output?: { type: string; content?: { text: string }[] }[] } | undefined;
  const answer = body?.output?.findLast((item) => item.type === 'message')?.content?.[0]?.text;
  if (answer !== line.custom_id) wrong += 1;
}
for await (const line of resultLines(load, batch.error_file_id)) {
  seen.set(line.custom_id, (seen.get(line.custom_id) ?? 0) + 1);
  failed += 1;
  if (failed < 5) process.stdout.write(`failed: ${JSON.stringify(line)}\n`);
}
const lost = labels.filter((label) => !seen.has(label)).length;
const doubled = [...seen.values()].filter((count) => count > 1).length;
const executions = [...witnessed(cluster).values()].map((pids) => pids.length);
const repeated = executions.reduce((sum, count) => sum + count - 1, 0);
process.stdout.write(
  `\n${batch.status} in ${seconds.toFixed(0)} s (${(LINES / seconds).toFixed(0)} lines/s), kills ${JSON.stringify(kills)}, the store away for ${OUTAGE_MS / 1000} s\n` +
    `lines ${LINES}, lost ${lost}, doubled ${doubled}, failed ${failed}, wrong answers ${wrong}; request_counts ${JSON.stringify(batch.request_counts)}\n` +
    `actions ${executions.length} of ${LINES * ACTIONS}, carried out again after a kill ${repeated} (one at most ${Math.max(...executions)} times)\n`,
);
await cluster.stop();
process.exit(lost + doubled + failed + wrong === 0 ? 0 : 1);

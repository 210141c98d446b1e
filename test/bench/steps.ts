/**
 * What the protocol costs: runs of 3 model and 2 tool steps with nothing to compute, AOF on. Beside it, in the same
 * run and with the same processes and concurrency, BullMQ alone (state in a hash) and Redis Streams by hand.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type ConnectionOptions, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { newRunId } from '../../shared/keys.ts';
import { PRODUCTION, startTestCluster, testConfig } from '../harness.ts';
import { type Cost, costOf, median, read, table } from './meter.ts';
import { ACTION_TURN, CONCURRENCY, IN_FLIGHT, LAST_TURN, STATE } from './steps/shape.ts';

const RUNS = Number(process.argv[3] ?? 1_500);
const ROUNDS = Number(process.argv[4] ?? 4);

const models = JSON.stringify({
  models: {
    replayed: {
      backend: 'replay',
      dialect: 'taco',
      prompt: 'short',
      concurrency: CONCURRENCY,
      turns: [{ text: ACTION_TURN }, { text: ACTION_TURN }, { text: LAST_TURN }],
    },
  },
});
const cluster = await startTestCluster({
  models,
  env: {
    ...PRODUCTION,
    COTA_MAX_IN_FLIGHT: String(IN_FLIGHT),
    COTA_CONCURRENCY: String(CONCURRENCY),
    COTA_CLOSED_TTL_S: '60',
  },
});
// The client of the designs beside us: ioredis as it comes.
const connect = () => new Redis(cluster.redis.url, { maxRetriesPerRequest: null, replyMapping: 'legacy' });
const redis = connect();

async function cota(): Promise<Cost> {
  const procs = [
    cluster.start('workers/model/main.ts'),
    cluster.start('test/bench/steps/noop-tools.ts', { COTA_POOLS: 'cpu', COTA_INTAKE: 'false' }),
    cluster.start('services/scheduler/main.ts'),
  ];
  await cluster.until('workers', async () => {
    await cluster.shared.fleet.refresh();
    return cluster.shared.fleet.workers().length === 3;
  });
  const config = {
    question: STATE,
    tools: [{ name: 'Nothing', version: '1', description: '', parameters: {}, returns: '', example: {}, pool: 'cpu' }],
  };
  const { runs, admission } = cluster.shared;
  const submit = async () => {
    const id = newRunId();
    const pinned = testConfig(config);
    await runs.create({ id, tenant: 'default', config: pinned });
    await admission.enter({ id, tenant: 'default', config: pinned });
    return id;
  };
  // Submits as fast as create and admission go; admission keeps IN_FLIGHT of them in the queues.
  const measure = async (count: number) => {
    let last = '';
    let submitted = 0;
    const submitter = async () => {
      while (submitted < count) {
        submitted += 1;
        last = await submit();
      }
    };
    await Promise.all(Array.from({ length: 8 }, submitter));
    await cluster.until(
      'all runs closed',
      async () => {
        const { pending, inFlight } = await admission.load('replayed');
        return pending + inFlight === 0;
      },
      120_000,
    );
    return last;
  };
  await measure(200);
  const pids = procs.map((proc) => proc.pid);
  const before = await read(redis, pids);
  const last = await measure(RUNS);
  const after = await read(redis, pids);
  const run = await cluster.closed(last);
  if (run.outcome?.status !== 'completed' || run.steps.length !== 5)
    throw new Error(`a run ended as ${JSON.stringify(run.outcome)}`);
  for (const proc of procs) proc.kill('SIGTERM');
  await Promise.all(procs.map((proc) => proc.exited));
  return costOf(before, after, RUNS);
}

async function byHand(kind: 'plain' | 'streams'): Promise<Cost> {
  const entry = join(import.meta.dirname, `steps/${kind}-worker.ts`);
  const procs = ['model', 'tool'].map((mine) => fork(entry, [cluster.redis.url, mine]));
  await Promise.all(procs.map((proc) => once(proc, 'message')));
  const queue = new Queue('plain-model', {
    connection: redis as ConnectionOptions,
    prefix: '{plain-model}',
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  const done = connect();
  let number = 0;
  const submit = async () => {
    number += 1;
    const id = `${kind}${number}x${Math.random().toString(36).slice(2)}`;
    if (kind === 'plain') {
      await redis.hset(`plain:${id}`, 'state', STATE, 'step', 0);
      await queue.add('step', { id, step: 0 }, { jobId: `${id}-0` });
    } else {
      await redis
        .pipeline()
        .hset(`streams:run:${id}`, 'state', STATE, 'step', 0)
        .xadd('streams:model', '*', 'id', id, 'step', 0)
        .exec();
    }
  };
  const measure = async (count: number) => {
    await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, submit));
    let submitted = Math.min(IN_FLIGHT, count);
    for (let finished = 0; finished < count; finished++) {
      await done.blpop(`${kind}:done`, 0);
      if (submitted < count) {
        submitted += 1;
        void submit();
      }
    }
  };
  await measure(200);
  const pids = procs.map((proc) => proc.pid ?? 0);
  const before = await read(redis, pids);
  await measure(RUNS);
  const after = await read(redis, pids);
  for (const proc of procs) proc.kill('SIGKILL');
  await queue.close();
  done.disconnect();
  return costOf(before, after, RUNS);
}

const costs = { cota: [] as Cost[], plain: [] as Cost[], streams: [] as Cost[] };
for (let round = 0; round < ROUNDS; round++) {
  const order = round % 2 === 0 ? (['plain', 'cota', 'streams'] as const) : (['streams', 'cota', 'plain'] as const);
  for (const name of order) {
    const cost = name === 'cota' ? await cota() : await byHand(name);
    costs[name].push(cost);
    process.stdout.write(`round ${round + 1}, ${name}: ${cost.perSecond.toFixed(0)} runs/s\n`);
  }
}
const plainRates = costs.plain.map((cost) => cost.perSecond);
const ratios = (list: readonly Cost[]) => list.map((cost, round) => cost.perSecond / (plainRates[round] ?? Number.NaN));
const rows = [
  [
    'design',
    'runs/s, median',
    'ratio to plain, each round',
    'redis commands/run',
    'redis CPU us/run',
    'node CPU us/run',
  ],
];
for (const [name, title] of [
  ['cota', 'Cota, whole protocol'],
  ['plain', 'BullMQ, state in a hash'],
  ['streams', 'Redis Streams by hand'],
] as const) {
  const list = costs[name];
  rows.push([
    title,
    median(list.map((cost) => cost.perSecond)).toFixed(0),
    ratios(list)
      .map((ratio) => ratio.toFixed(2))
      .join(' '),
    ...[
      median(list.map((cost) => cost.commands)),
      median(list.map((cost) => cost.redisUs)),
      median(list.map((cost) => cost.nodeUs)),
    ].map((value) => value.toFixed(0)),
  ]);
}
process.stdout.write(`\n${RUNS} runs a round, ${IN_FLIGHT} in flight, AOF everysec\n\n${table(rows)}\n`);
process.stdout.write(`\nredis commands per run, those inside scripts included:\n\n`);
const names = new Set(
  [...(costs.cota[0]?.byCommand ?? []), ...(costs.plain[0]?.byCommand ?? [])].map(([name]) => name),
);
const callsOf = (list: readonly Cost[], name: string) => list[0]?.byCommand.find(([known]) => known === name)?.[1] ?? 0;
process.stdout.write(
  `${table([
    ['command', 'Cota', 'plain', 'streams'],
    ...[...names].map((name) => [
      name,
      ...[costs.cota, costs.plain, costs.streams].map((list) => callsOf(list, name).toFixed(1)),
    ]),
  ])}\n`,
);
redis.disconnect();
await cluster.stop();
process.stdout.write(`\nratio to plain bullmq: ${median(ratios(costs.cota)).toFixed(2)}\n`);
process.exit(0);

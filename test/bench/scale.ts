/**
 * Does a pool scale by itself? Runs with set delays, so that not the machine but the number of workers is the limit:
 * first tools are the bottleneck and tool workers are doubled, then the model is and model workers are doubled.
 */
import { startTestCluster } from '../harness.ts';
import { MODEL, models, SCHEDULER, submitWitnessed, TOOLS } from '../promises/witness.ts';
import { median, table } from './meter.ts';

const RUNS = 60;
const ROUNDS = Number(process.argv[3] ?? 3);
const SLOW_MS = 200;
const QUICK_MS = 10;
// One after the other, each setting's cluster listens to this process' signals.
process.setMaxListeners(64);

interface Setting {
  readonly model: number;
  readonly tools: number;
  readonly actionMs: number;
  readonly turnMs: number;
}

async function runsPerSecond({ model, tools, actionMs, turnMs }: Setting): Promise<number> {
  const cluster = await startTestCluster({
    models: models.replace(/"concurrency":\d+/, '"concurrency":4'),
    env: { COTA_CONCURRENCY: '4', COTA_MAX_IN_FLIGHT: '100', COTA_LOCK_MS: '30000', COTA_DUE_MS: '60000' },
  });
  try {
    for (let i = 0; i < model; i++) cluster.start(MODEL);
    for (let i = 0; i < tools; i++) cluster.start(TOOLS);
    cluster.start(SCHEDULER);
    await cluster.until(
      'all workers',
      async () => {
        await cluster.shared.fleet.refresh();
        return cluster.shared.fleet.workers().length === model + tools + 1;
      },
      60_000,
    );
    const started = performance.now();
    const ids: string[] = [];
    for (let i = 0; i < RUNS; i++)
      ids.push(await submitWitnessed(cluster, { label: `s${i}`, actions: 2, actionMs, turnMs }));
    for (const id of ids) await cluster.closed(id, 120_000);
    return (RUNS * 1000) / (performance.now() - started);
  } finally {
    await cluster.stop();
  }
}

const cases = [
  {
    what: 'tool workers',
    before: { model: 1, tools: 1, actionMs: SLOW_MS, turnMs: QUICK_MS },
    after: { model: 1, tools: 2, actionMs: SLOW_MS, turnMs: QUICK_MS },
  },
  {
    what: 'model workers',
    before: { model: 1, tools: 1, actionMs: QUICK_MS, turnMs: SLOW_MS },
    after: { model: 2, tools: 1, actionMs: QUICK_MS, turnMs: SLOW_MS },
  },
] as const;
const rows = [['doubled', 'before, runs/s', 'after, runs/s', 'ratio, each round', 'median']];
for (const { what, before, after } of cases) {
  const rates: { before: number; after: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const first = round % 2 === 0 ? await runsPerSecond(before) : undefined;
    const doubled = await runsPerSecond(after);
    rates.push({ before: first ?? (await runsPerSecond(before)), after: doubled });
  }
  const ratios = rates.map((rate) => rate.after / rate.before);
  rows.push([
    what,
    median(rates.map((rate) => rate.before)).toFixed(1),
    median(rates.map((rate) => rate.after)).toFixed(1),
    ratios.map((ratio) => ratio.toFixed(2)).join(' '),
    median(ratios).toFixed(2),
  ]);
}
process.stdout.write(
  `${RUNS} runs of 3 model and 2 tool steps, 4 at a time per worker, the slow kind takes ${SLOW_MS} ms\n\n${table(rows)}\n`,
);
process.exit(0);

/**
 * `npm run chaos`: the promises with the production timings (30 s locks, 60 s due). A load of runs goes in over HTTP
 * while model, tool, API, scheduler and Redis processes are killed with SIGKILL at random and started again.
 * Prints what was accepted, lost and repeated; the exit code is 0 only if nothing was lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PRODUCTION, type Proc, startTestCluster } from '../harness.ts';
import { MODEL, models, SCHEDULER, TOOLS, witnessed, writeRecording } from '../promises/witness.ts';
import { freePort } from '../redis-server.ts';

const KILLS = Number(process.argv[2] ?? 36);
const PAUSE_MS = 4_000;
const CLIENTS = 8;
const ACTIONS = 3;
const SEED = Number(process.argv[3] ?? 1);

const port = await freePort();
const key = 'chaos-key-0123456789abcdef';
const cluster = await startTestCluster({
  models,
  env: {
    ...PRODUCTION,
    COTA_MAX_IN_FLIGHT: '48',
    COTA_PORT: String(port),
    COTA_API_KEY: key,
  },
});
const entries = { model: MODEL, tools: TOOLS, api: 'services/api/main.ts', scheduler: SCHEDULER };
type Kind = keyof typeof entries;
const alive: { kind: Kind; proc: Proc }[] = (['model', 'model', 'tools', 'tools', 'api', 'scheduler'] as const).map(
  (kind) => ({
    kind,
    proc: cluster.start(entries[kind]),
  }),
);

/** Small linear congruential generator: the same seed kills in the same order. */
let state = SEED;
const random = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

const base = `http://127.0.0.1:${port}`;
const accepted = new Map<string, string>();
let loading = true;
let refused = 0;
let number = 0;

/** Submits until the request is answered: the key of the request makes a retry the same run. */
async function submit(label: string): Promise<void> {
  const replay = {
    key: await writeRecording(cluster, { label, actions: ACTIONS, actionMs: 300, turnMs: 200 }),
    observations: 'live',
  };
  const body = JSON.stringify({
    model: 'replayed',
    input: label,
    background: true,
    cota: { tools: ['Witness'], replay },
  });
  while (loading || !accepted.has(label)) {
    try {
      const response = await fetch(`${base}/v1/responses`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': label },
        body,
        signal: AbortSignal.timeout(10_000),
      });
      const answer = (await response.json()) as { id?: string; error?: { message: string } };
      if (response.ok && answer.id) {
        accepted.set(label, answer.id);
        return;
      }
      refused += 1;
      if (response.status < 500) throw new Error(`${response.status} ${answer.error?.message}`);
    } catch (error) {
      if (error instanceof Error && /^4\d\d /.test(error.message)) throw error;
    }
    await sleep(500);
  }
}

async function client(): Promise<void> {
  while (loading) {
    number += 1;
    await submit(`chaos${number}`);
    await sleep(700);
  }
}

await cluster.until('the API', async () => (await fetch(`${base}/readyz`).catch(() => undefined))?.ok, 60_000);
await cluster.until(
  'the tool worker, seen by the API',
  async () => {
    const answer = await fetch(`${base}/v1/tools`, { headers: { authorization: `Bearer ${key}` } }).catch(
      () => undefined,
    );
    return answer?.ok ? (await answer.text()).includes('"Witness"') : false;
  },
  60_000,
);
const clients = Array.from({ length: CLIENTS }, () =>
  client().catch((error: unknown) => {
    // A request that the API refuses for good is a defect of this script or of the API: nothing to measure then.
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  }),
);
const kills: Record<string, number> = {};
for (let kill = 0; kill < KILLS; kill++) {
  await sleep(PAUSE_MS);
  const choice = random(alive.length + 1);
  const victim = alive[choice];
  if (victim) {
    victim.proc.kill('SIGKILL');
    await victim.proc.exited;
    victim.proc = cluster.start(entries[victim.kind]);
  } else {
    await cluster.redis.kill();
    await sleep(500);
    await cluster.restartRedis();
  }
  const kind = victim?.kind ?? 'redis';
  kills[kind] = (kills[kind] ?? 0) + 1;
  process.stdout.write(`kill ${kill + 1}/${KILLS}: ${kind}; accepted so far ${accepted.size}\n`);
}
loading = false;
await Promise.all(clients);
process.stdout.write(`load ends; waiting for ${accepted.size} runs\n`);

let lost = 0;
let failed = 0;
let wrong = 0;
const end = Date.now() + 240_000;
for (const [label, id] of accepted) {
  const runId = id.replace('resp_', 'run_');
  const run = await cluster.closed(runId, Math.max(1_000, end - Date.now())).catch(() => undefined);
  if (!run) {
    lost += 1;
    process.stdout.write(`lost: ${label} ${JSON.stringify(await cluster.shared.runs.look(runId))}\n`);
    continue;
  }
  if (run.outcome?.status !== 'completed') {
    failed += 1;
    process.stdout.write(`failed: ${label} ${JSON.stringify(run.outcome)}\n`);
  } else {
    const trace = await cluster.trace(runId);
    const calls = trace.steps.flatMap((step) => (step.kind === 'action' ? [step.action.arguments.label] : []));
    if (
      trace.answer !== label ||
      calls.join() !== Array.from({ length: ACTIONS }, (_, index) => `${label}/${index}`).join()
    )
      wrong += 1;
  }
}
const executions = [...witnessed(cluster).values()].map((pids) => pids.length);
const repeated = executions.reduce((sum, count) => sum + count - 1, 0);
const most = Math.max(0, ...executions);
process.stdout.write(
  `\nkills ${JSON.stringify(kills)}\nrequests answered with 503 and tried again: ${refused}\n` +
    `runs accepted ${accepted.size}, lost ${lost}, failed ${failed}, wrong traces ${wrong}; ` +
    `actions ${executions.length}, carried out again after a kill ${repeated} (one action at most ${most} times)\n`,
);
await cluster.stop();
process.exit(lost + failed + wrong === 0 ? 0 : 1);

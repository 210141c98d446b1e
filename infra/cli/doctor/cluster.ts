/** Who is there, whether each queue has somebody who works on it, and whether the engines behind the models answer. */
import type { Redis } from 'ioredis';
import type { ToolSpec } from '../../../shared/contract.ts';
import type { Env } from '../../../shared/env.ts';
import { readinessOf, type WorkerCard, watchFleet } from '../../../shared/fleet.ts';
import type { Models } from '../../../shared/models.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { DATA, INTAKE, modelOf, modelQueue, openQueues, TRAIN, toolQueue } from '../../../shared/queues.ts';
import { openLog } from '../../../shared/telemetry.ts';
import { openBackend } from '../../../workers/model/backends/open.ts';
import { plural } from '../terminal.ts';
import { type Finding, wordsOf } from './finding.ts';

const ENGINE_MS = 15_000;
const API_MS = 10_000;
/** Never within a look that takes a second. */
const NO_REFRESH_MS = 3_600_000;

interface Fleet {
  readonly workers: readonly WorkerCard[];
  readonly tools: readonly ToolSpec[];
  readonly findings: readonly Finding[];
}

export async function checkFleet(redis: Redis): Promise<Fleet> {
  const fleet = await watchFleet(redis, NO_REFRESH_MS, openLog('doctor', 'silent'));
  const workers = fleet.workers();
  const tools = fleet.tools();
  fleet.close();
  const of = (kind: WorkerCard['kind']): number => workers.filter((worker) => worker.kind === kind).length;
  const need = (kind: WorkerCard['kind'], without: string): Finding => {
    if (of(kind) > 0) return { level: 'ok', what: kind, found: plural(of(kind), 'process', 'processes') };
    return { level: 'fail', what: kind, found: `none: ${without}`, advice: ADVICE[kind] };
  };
  const findings = [
    need('api', 'nothing can be asked'),
    need('scheduler', 'runs that wait are not admitted, and lost steps not taken up again'),
    need('model', 'every run waits'),
    need('tools', 'images are not taken in, and no action is carried out'),
    // Whoever makes no data needs none.
    { ...need('data', 'data jobs wait'), ...(of('data') > 0 ? {} : { level: 'warn' as const }) },
    // Whoever trains nothing needs none.
    { ...need('train', 'fine-tuning jobs wait'), ...(of('train') > 0 ? {} : { level: 'warn' as const }) },
    // Whoever has no endpoints needs none.
    {
      ...need('webhooks', 'no webhook is delivered; events wait'),
      ...(of('webhooks') > 0 ? {} : { level: 'warn' as const }),
    },
  ];
  return { workers, tools, findings };
}

const ADVICE: Readonly<Record<WorkerCard['kind'], string>> = {
  api: 'start services/api/main.ts (`cota up` does)',
  scheduler: 'start services/scheduler/main.ts (`cota up` does)',
  model: 'start workers/model/main.ts (`cota up --model-workers 1`)',
  tools: 'start workers/tools/main.ts (`cota up --tool-workers 1`)',
  data: 'start workers/data/main.ts (`cota up` does)',
  train: 'start workers/train/main.ts (`cota up` does)',
  webhooks: 'start workers/webhooks/main.ts (`cota up` does)',
};

interface Surroundings {
  readonly env: Env;
  readonly models: Models | undefined;
  readonly objects: ObjectStore | undefined;
}

export async function* checkQueues(
  redis: Redis,
  workers: readonly WorkerCard[],
  tools: readonly ToolSpec[],
  { env, models, objects }: Surroundings,
): AsyncGenerator<Finding> {
  const queues = openQueues(redis);
  const pools = [...new Set(tools.map((tool) => tool.pool))].sort();
  const needed = [INTAKE, DATA, TRAIN, ...pools.map(toolQueue), ...(models?.ids ?? []).map(modelQueue)];
  // Also queues that nothing here needs: what somebody serves is worth seeing.
  for (const queue of new Set([...needed, ...workers.flatMap((worker) => worker.queues)])) {
    const serving = workers.filter((worker) => worker.queues.includes(queue));
    const counts = await queues.counts(queue);
    const waiting = Object.values(counts).reduce((sum, jobs) => sum + jobs, 0);
    yield queueFinding(queue, serving, waiting);
  }
  await queues.close();
  yield* notReady(workers, tools);
  if (!models) return;
  for (const id of models.ids) yield* missingTools(id, models.get(id)?.tools ?? [], tools);
  if (!objects) return;
  for (const id of models.ids) yield await engineFinding(id, { env, models, objects });
}

/** One for each thing to do, which several tools may wait for. */
function* notReady(workers: readonly WorkerCard[], tools: readonly ToolSpec[]): Generator<Finding> {
  const served = tools.filter((tool) => workers.some((worker) => worker.tools.includes(tool.name)));
  const remedies = Map.groupBy(served, (tool) => readinessOf(tool.name, workers).missing);
  for (const [advice, waiting] of remedies) {
    const names = waiting.map((tool) => tool.name).join(', ');
    if (advice !== undefined) yield { level: 'warn', what: 'tools', found: `not ready: ${names}`, advice };
    else yield { level: 'ok', what: 'tools', found: `ready: ${names}` };
  }
  for (const worker of workers) {
    for (const [server, found] of Object.entries(worker.serversAway ?? {}))
      yield {
        ...{ level: 'warn', what: 'mcp server', found: `${server} of tools.yaml is away: ${found}` },
        advice: 'nobody knows its tools before it is there; it is tried again every minute or sooner',
      };
    const lacking = Object.entries(worker.toolsNotReady ?? {}).filter(
      ([name]) => readinessOf(name, workers).missing === undefined,
    );
    if (lacking.length === 0) continue;
    const names = lacking.map(([name]) => name).join(', ');
    const found = `worker ${worker.id} is not ready for ${names}, which others are: its calls fail`;
    yield { level: 'warn', what: 'tools', found, advice: lacking[0]?.[1] ?? '' };
  }
}

/** Terminate is carried out by no worker. */
function* missingTools(id: string, named: readonly string[], tools: readonly ToolSpec[]): Generator<Finding> {
  const missing = named.filter((name) => name !== 'Terminate' && !tools.some((tool) => tool.name === name));
  if (missing.length === 0) return;
  const found = `${id} is to use ${missing.join(', ')}, which no worker has announced: its runs are refused`;
  yield { level: 'fail', what: 'tools', found, advice: 'start a tool worker that serves it (COTA_POOLS)' };
}

function queueFinding(queue: string, serving: readonly WorkerCard[], waiting: number): Finding {
  const what = 'queue';
  const steps = waiting > 0 ? `, ${plural(waiting, 'step')} in it` : '';
  if (serving.length === 0) {
    return {
      level: 'fail',
      what,
      found: `${queue}: no worker${steps}`,
      advice: 'start one that serves it (COTA_SERVE, COTA_POOLS)',
    };
  }
  const reasons = serving.map(({ models, paused }) => paused?.[modelOf(queue, Object.keys(models)) ?? '']);
  if (reasons.every((reason) => reason !== undefined)) {
    return {
      level: 'fail',
      what,
      found: `${queue}: ${reasons[0]}${steps}`,
      advice: 'it goes on by itself when that is over',
    };
  }
  return { level: 'ok', what, found: `${queue}: ${plural(serving.length, 'worker')}${steps}` };
}

/** Asks the engine itself, as a worker would: a local one is loaded, a server is called. */
async function engineFinding(
  id: string,
  { env, models, objects }: Required<{ env: Env; models: Models; objects: ObjectStore }>,
): Promise<Finding> {
  const entry = models.get(id);
  if (!entry) return { level: 'fail', what: 'engine', found: `${id}: not in models.yaml` };
  const where =
    entry.backend === 'openai'
      ? entry.base_url
      : entry.backend === 'onnx'
        ? models.resolve(entry.path)
        : 'recorded turns';
  const startedAt = performance.now();
  try {
    const backend = await openBackend(id, entry, { env, models, objects });
    await backend.check(AbortSignal.timeout(ENGINE_MS));
    await backend.close();
    return { level: 'ok', what: 'engine', found: `${id}: ${where}, ${Math.round(performance.now() - startedAt)} ms` };
  } catch (error) {
    const advice =
      entry.backend === 'openai'
        ? 'is that server running, and base_url right? (docs/models.md)'
        : 'docs/models.md says what must be in the folder';
    return { level: 'fail', what: 'engine', found: `${id}: ${wordsOf(error)}`, advice };
  }
}

export async function* checkApi(url: string, key: string | undefined): AsyncGenerator<Finding> {
  const what = 'api address';
  try {
    const ready = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(API_MS) });
    if (!ready.ok) {
      yield { level: 'fail', what, found: `${url} is not ready: ${(await ready.text()).slice(0, 200)}` };
      return;
    }
    yield { level: 'ok', what, found: url };
    const headers = { authorization: `Bearer ${key ?? ''}` };
    const reply = await fetch(`${url}/v1/models`, { headers, signal: AbortSignal.timeout(API_MS) });
    if (reply.ok) yield { level: 'ok', what: 'api key', found: 'accepted' };
    else
      yield {
        level: 'fail',
        what: 'api key',
        found: `refused (HTTP ${reply.status})`,
        advice: 'COTA_API_KEY must be that of the cluster',
      };
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
    yield {
      level: 'fail',
      what,
      found: `${url} does not answer: ${why}`,
      advice: 'is the API running, and COTA_PUBLIC_URL its address?',
    };
  }
}

/** A tool worker: carries out the actions of its pools and takes images in. */
import { createHash } from 'node:crypto';
import { join, openCluster, s3Service } from '../../shared/cluster.ts';
import { readEnv, SettingsError } from '../../shared/env.ts';
import { serveHealth } from '../../shared/health.ts';
import { openBucketReader } from '../../shared/object-store.ts';
import { endAfterOneStep, oneStepOf } from '../../shared/quarantine.ts';
import { INTAKE, TOOL_QUEUES, toolQueue, versionQueue } from '../../shared/queues.ts';
import { runStep } from '../../shared/run/run-step.ts';
import { createSafeFetch } from '../../shared/safe-fetch.ts';
import { startStepWorkers } from '../../shared/worker.ts';
import { openAddedTools } from './added-tools.ts';
import { openToolCache } from './cache.ts';
import type { ToolServices } from './context.ts';
import { openLanguageModels } from './language-models.ts';
import { openOriginals } from './originals.ts';
import { notReady, tellNotReady, warmUpAll, watchReadiness } from './readiness.ts';
import { specOf, TOOLS } from './registry.ts';
import { toolSettings } from './settings.ts';
import { toolStepHandler } from './step.ts';
import { fetchStoredWeights } from './stored-weights.ts';
import type { Tool } from './tool.ts';

const POOLS = ['cpu', 'vision', 'remote'];

/**
 * @param options.entry the file that this process was started from: quarantined steps run in a child of it
 * @param options.tools tools of the user's own, beside the built-in ones
 */
export async function startToolWorker(options: {
  readonly entry: string;
  readonly tools?: readonly Tool[];
}): Promise<void> {
  const single = oneStepOf(process.argv);
  const env = readEnv();
  const unknown = env.COTA_POOLS.find((pool) => !POOLS.includes(pool));
  if (unknown !== undefined)
    throw new SettingsError(`COTA_POOLS names "${unknown}"; the pools are ${POOLS.join(', ')}`);
  const settings = toolSettings();
  const cluster = await openCluster('tools', env);
  const added = await openAddedTools(settings, env.COTA_POOLS, cluster.log);
  cluster.lifecycle.onStop('added tools', () => added.close());
  const tools = new Map<string, Tool>();
  const mine: Tool[] = [];
  const gather = (): void => {
    tools.clear();
    for (const tool of [...TOOLS, ...added.tools(), ...(options.tools ?? [])]) tools.set(tool.name, tool);
    mine.splice(0, mine.length, ...[...tools.values()].filter((tool) => env.COTA_POOLS.includes(tool.pool)));
  };
  gather();
  const web = createSafeFetch({ allow: env.COTA_FETCH_ALLOW, allowHttp: env.COTA_FETCH_HTTP });
  cluster.lifecycle.onStop('web', () => web.close());
  const buckets = openBucketReader(s3Service(env), env.COTA_S3_READ_BUCKETS);
  cluster.lifecycle.onStop('buckets', async () => buckets.close());
  const services: ToolServices = {
    objects: cluster.objects,
    originals: openOriginals(cluster.objects),
    ask: openLanguageModels(cluster, settings),
  };
  const handle = toolStepHandler({
    objects: cluster.objects,
    services,
    cache: openToolCache(cluster.objects),
    tools,
    fleet: cluster.fleet,
    queues: cluster.queues,
    concurrency: env.COTA_CONCURRENCY,
    notReady: tellNotReady(cluster.log),
    intake: { limits: { maxBytes: env.COTA_IMAGE_BYTES, maxPixels: env.COTA_IMAGE_PIXELS }, web, buckets },
  });
  if (single) {
    await endAfterOneStep(cluster, () =>
      runStep(cluster, handle, single.job, single.queue, new AbortController(), { quarantined: true }),
    );
  }
  const missing = notReady(mine);
  const faults = await warmUpAll(
    mine.filter((tool) => !(tool.name in missing)),
    cluster.log,
  );
  const carried = () => ({
    tools: mine.map((tool) => tool.name),
    toolVersions: Object.fromEntries(mine.map((tool) => [tool.name, tool.version])),
  });
  // What a worker carries out that may change is like no other worker's.
  const digested = added.changing ? { ...carried().toolVersions, '': env.COTA_WORKER_ID } : carried().toolVersions;
  const ownQueues = [versionQueue(TOOL_QUEUES, digestOf(digested))];
  const names = [...(env.COTA_INTAKE ? [INTAKE] : []), ...env.COTA_POOLS.map(toolQueue), ...ownQueues];
  const queues = names.map((name) => ({ name, concurrency: env.COTA_CONCURRENCY }));
  await startStepWorkers(cluster, { queues, handle, entry: options.entry });
  const card = {
    queues: names,
    ownQueues,
    ...carried(),
    toolsNotReady: { ...missing, ...faults },
    serversAway: added.serversAway(),
  };
  const presence = await join(cluster, { kind: 'tools', ...card }, mine.map(specOf));
  const missingNow = watchReadiness(cluster, presence, mine, missing, { faults });
  added.onChange(() => {
    const before = JSON.stringify(carried());
    gather();
    if (JSON.stringify(carried()) !== before)
      cluster.log.info({ tools: carried().tools }, 'this worker carries out other tools than before');
    presence
      .update({ ...carried(), toolsNotReady: missingNow(), serversAway: added.serversAway() }, mine.map(specOf))
      .catch((error: unknown) => cluster.log.warn({ error }, 'cannot tell the fleet of new tools now'));
  });
  fetchStoredWeights(cluster, settings.weights);
  await serveHealth(cluster);
  cluster.log.info({ queues: names, tools: carried().tools }, 'tool worker is up');
}

/** One name for all that a worker carries out: workers that have the same share a queue for it. */
const digestOf = (versions: Readonly<Record<string, string>>): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(versions).sort()))
    .digest('hex')
    .slice(0, 12);

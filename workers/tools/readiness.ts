/** Which tools of this worker lack their weights or settings: told to the fleet and the log, and again when that changes. */
import type { Cluster } from '../../shared/cluster.ts';
import type { Presence } from '../../shared/fleet.ts';
import { specOf } from './registry.ts';
import type { Tool } from './tool.ts';

/** Weights that are pulled while the worker runs are found within this. */
const LOOK_MS = 5_000;
/** A tool that is called although it is not ready is in the log once in this time. */
const TELL_EVERY_MS = 60_000;

/** @returns name -> what the operator has to do */
export function notReady(tools: readonly Tool[]): Record<string, string> {
  return Object.fromEntries(
    tools.flatMap((tool) => {
      const status = tool.status?.();
      return status?.ready === false ? [[tool.name, status.remedy] as const] : [];
    }),
  );
}

/**
 * Looks until the process stops. A tool that has become ready loads what it needs before the fleet hears of it, so that
 * no call waits for that.
 * @param missing what the fleet was told at the start: name -> remedy
 */
export function watchReadiness(
  cluster: Pick<Cluster, 'log' | 'lifecycle'>,
  presence: Presence,
  tools: readonly Tool[],
  missing: Readonly<Record<string, string>>,
  everyMs = LOOK_MS,
): void {
  const { log, lifecycle } = cluster;
  let told = missing;
  let engines = enginesOf(tools);
  const say = (lacking: Readonly<Record<string, string>>): void => {
    if (Object.keys(lacking).length > 0)
      log.warn({ missing: lacking }, 'tools that cannot work yet, and what they need');
  };
  say(told);
  const look = async (): Promise<void> => {
    const lacking = notReady(tools);
    const now = enginesOf(tools);
    if (JSON.stringify(lacking) === JSON.stringify(told) && now === engines) return;
    const mended = tools.filter((tool) => tool.name in told && !(tool.name in lacking));
    for (const tool of mended) await warmUp(tool, log);
    await presence.update({ toolsNotReady: lacking }, tools.map(specOf));
    if (mended.length > 0) log.info({ tools: mended.map((tool) => tool.name) }, 'tools that have become ready');
    [told, engines] = [lacking, now];
    say(lacking);
  };
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => log.warn({ error }, 'cannot tell the fleet which tools are ready; trying again'))
      .finally(() => {
        looking = false;
      });
  }, everyMs);
  lifecycle.onStop('readiness', async () => clearInterval(timer));
}

/** Engines change where weights are pulled, and other ones than before. */
const enginesOf = (tools: readonly Tool[]): string => tools.map((tool) => `${tool.name} ${tool.engine}`).join('\n');

/** What fails here fails at the first call as well, and is told there. */
async function warmUp(tool: Tool, log: Cluster['log']): Promise<void> {
  try {
    await tool.warmUp?.();
  } catch (error) {
    log.error({ error, tool: tool.name }, 'a tool that has become ready cannot be loaded');
  }
}

/**
 * For calls of tools that are not ready: each is counted with the result `tool_not_ready` of the tools' metric, and the
 * log says once in a while what the operator has to do.
 */
export function tellNotReady(log: Cluster['log'], now = () => performance.now()): (tool: Tool) => void {
  const last = new Map<string, { readonly at: number; readonly before: number }>();
  const calls = new Map<string, number>();
  return (tool) => {
    const count = (calls.get(tool.name) ?? 0) + 1;
    calls.set(tool.name, count);
    const told = last.get(tool.name);
    if (told && now() - told.at < TELL_EVERY_MS) return;
    const status = tool.status?.();
    const remedy = status?.ready === false ? status.remedy : 'it says of itself that it is ready: see its engine';
    log.warn({ tool: tool.name, remedy, calls: count - (told?.before ?? 0) }, 'a tool was called that is not ready');
    last.set(tool.name, { at: now(), before: count });
  };
}

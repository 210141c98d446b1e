/** Which tools of this worker lack their weights or settings: told to the fleet and the log, and again when that changes. */
import type { Cluster } from '../../shared/cluster.ts';
import type { Presence } from '../../shared/fleet.ts';
import { specOf } from './registry.ts';
import type { Tool } from './tool.ts';

/** Weights that are pulled while the worker runs are found within this. */
const LOOK_MS = 5_000;
/** What could not be loaded is loaded anew after this, or when its weights are others. */
const RELOAD_MS = 60_000;
/** A tool that is called although it is not ready is in the log once in this time. */
const TELL_EVERY_MS = 60_000;

/** @returns name -> what the operator has to do */
export function notReady(tools: readonly Tool[]): Record<string, string> {
  return Object.fromEntries(
    tools.flatMap((tool) => {
      const status = statusOf(tool);
      return status?.ready === false ? [[tool.name, status.remedy] as const] : [];
    }),
  );
}

function statusOf(tool: Tool): ReturnType<NonNullable<Tool['status']>> | undefined {
  try {
    return tool.status?.();
  } catch (error) {
    // One of the user's own: the other tools shall not do without this worker for it.
    return { ready: false, reason: '', remedy: `it cannot say whether it is ready: ${wordsOf(error)}` };
  }
}

/**
 * Loads what tools need. One that cannot be loaded (weights that are broken) costs its worker that tool, not the others.
 * @returns name -> what is wrong
 */
export async function warmUpAll(tools: readonly Tool[], log: Cluster['log']): Promise<Record<string, string>> {
  const failed = await Promise.all(tools.map(async (tool) => [tool.name, await warmUp(tool, log)] as const));
  return Object.fromEntries(failed.flatMap(([name, fault]) => (fault === undefined ? [] : [[name, fault]])));
}

/**
 * Looks until the process stops. A tool that has become ready loads what it needs before the fleet hears of it, so that
 * no call waits for that.
 * @param missing what was missing at the start: name -> remedy
 * @param options.faults of tools that could not be loaded then: name -> what is wrong
 * @returns what the fleet is to be told now
 */
export function watchReadiness(
  cluster: Pick<Cluster, 'log' | 'lifecycle'>,
  presence: Presence,
  tools: readonly Tool[],
  missing: Readonly<Record<string, string>>,
  {
    faults = {},
    everyMs = LOOK_MS,
  }: { readonly faults?: Readonly<Record<string, string>>; readonly everyMs?: number } = {},
): () => Record<string, string> {
  const { log, lifecycle } = cluster;
  let told = { ...missing, ...faults };
  let engines = enginesOf(tools);
  const broken = new Map<string, { readonly fault: string; readonly engine: string; readonly until: number }>();
  const note = (faults: Readonly<Record<string, string>>): void => {
    const until = performance.now() + RELOAD_MS;
    for (const { name, engine } of tools) {
      const fault = faults[name];
      if (fault !== undefined) broken.set(name, { fault, engine, until });
    }
  };
  const missingNow = (): Record<string, string> => {
    const unloaded = tools.flatMap(({ name, engine }) => {
      const found = broken.get(name);
      if (found && found.engine === engine && performance.now() < found.until) return [[name, found.fault] as const];
      broken.delete(name);
      return [];
    });
    return { ...notReady(tools), ...Object.fromEntries(unloaded) };
  };
  note(faults);
  const say = (lacking: Readonly<Record<string, string>>): void => {
    if (Object.keys(lacking).length > 0)
      log.warn({ missing: lacking }, 'tools that cannot work yet, and what they need');
  };
  say(told);
  const look = async (): Promise<void> => {
    const lacking = missingNow();
    const now = enginesOf(tools);
    if (JSON.stringify(lacking) === JSON.stringify(told) && now === engines) return;
    const mended = tools.filter((tool) => tool.name in told && !(tool.name in lacking));
    const wrong = await warmUpAll(mended, log);
    note(wrong);
    Object.assign(lacking, wrong);
    await presence.update({ toolsNotReady: lacking }, tools.map(specOf));
    const ready = mended.filter((tool) => !(tool.name in wrong));
    if (ready.length > 0) log.info({ tools: ready.map((tool) => tool.name) }, 'tools that have become ready');
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
  return missingNow;
}

/** Engines change where weights are pulled, and other ones than before. */
const enginesOf = (tools: readonly Tool[]): string => tools.map((tool) => `${tool.name} ${tool.engine}`).join('\n');

/** @returns what is wrong; a call may try it all the same */
async function warmUp(tool: Tool, log: Cluster['log']): Promise<string | undefined> {
  try {
    await tool.warmUp?.();
    return undefined;
  } catch (error) {
    log.error({ error, tool: tool.name }, 'a tool cannot be loaded; it is tried again after a while');
    return `it cannot be loaded: ${wordsOf(error)}`;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300);

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
    const status = statusOf(tool);
    const remedy = status?.ready === false ? status.remedy : 'it says of itself that it is ready: see its engine';
    log.warn({ tool: tool.name, remedy, calls: count - (told?.before ?? 0) }, 'a tool was called that is not ready');
    last.set(tool.name, { at: now(), before: count });
  };
}

/** Which tools of this worker lack their weights or settings: told to the fleet, and again when that changes. */
import type { Cluster } from '../../shared/cluster.ts';
import type { Presence } from '../../shared/fleet.ts';
import type { Tool } from './tool.ts';

/** Weights that are pulled while the worker runs are found within this. */
const LOOK_MS = 5_000;

/** @returns name -> what the operator has to do */
export function notReady(tools: readonly Tool[]): Record<string, string> {
  return Object.fromEntries(
    tools.flatMap((tool) => {
      const status = tool.status?.();
      return status?.ready === false ? [[tool.name, status.remedy] as const] : [];
    }),
  );
}

/** Looks until the process stops. Says once in the log what is missing. */
export function watchReadiness(cluster: Cluster, presence: Presence, tools: readonly Tool[]): void {
  let told = notReady(tools);
  const say = (missing: Readonly<Record<string, string>>): void => {
    if (Object.keys(missing).length > 0)
      cluster.log.warn({ missing }, 'tools that cannot work yet, and what they need');
  };
  say(told);
  const timer = setInterval(() => {
    const now = notReady(tools);
    if (JSON.stringify(now) === JSON.stringify(told)) return;
    told = now;
    say(now);
    presence
      .update({ toolsNotReady: now })
      .catch((error: unknown) => cluster.log.warn({ error }, 'cannot tell the fleet which tools are ready'));
  }, LOOK_MS);
  cluster.lifecycle.onStop('readiness', async () => clearInterval(timer));
}

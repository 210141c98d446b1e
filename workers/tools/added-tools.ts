/** Tools that tools.yaml adds: modules of the user's own, and the tools of MCP servers, which come and go. */
import type { Log } from '../../shared/telemetry.ts';
import { openMcpServers } from './mcp/servers.ts';
import { loadOwnTools } from './own-tools.ts';
import { TOOLS } from './registry.ts';
import type { ToolSettings } from './settings.ts';
import { terminate } from './terminate.ts';
import type { Tool } from './tool.ts';

export interface AddedTools {
  tools(): readonly Tool[];
  /** MCP server -> why it is away, for those whose tools nobody knows yet. */
  serversAway(): Readonly<Record<string, string>>;
  /** Whether there may be other tools later. */
  readonly changing: boolean;
  /** Called whenever there are other tools than `tools` gave last, or other servers are away; at once where there are already. */
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

/**
 * @param pools of this worker: servers whose tools others carry out are not started
 * @throws SettingsError that names the module and what is wrong with it
 */
export async function openAddedTools(
  { config, env }: ToolSettings,
  pools: readonly string[],
  log: Log,
): Promise<AddedTools> {
  const builtIn = [...TOOLS.map((tool) => tool.name), terminate.name];
  const own = await loadOwnTools(config, builtIn);
  const limits = { maxBytes: env.COTA_IMAGE_BYTES, maxPixels: env.COTA_IMAGE_PIXELS };
  const taken = new Set([...builtIn, ...own.map((tool) => tool.name)]);
  let changed = false;
  let listener = (): void => {
    changed = true;
  };
  const mcp = pools.includes('remote') ? config.mcp : {};
  const servers = await openMcpServers({ config: { ...config, mcp }, limits, log, taken, onChange: () => listener() });
  return {
    tools() {
      changed = false;
      return [...own, ...servers.tools()];
    },
    serversAway: () => servers.away(),
    changing: Object.keys(mcp).length > 0,
    onChange(told) {
      listener = told;
      if (changed) told();
    },
    close: () => servers.close(),
  };
}

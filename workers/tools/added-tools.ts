/** Tools that tools.yaml adds: modules of the user's own, and the tools of MCP servers. */
import type { ToolSettings } from './settings.ts';
import type { Tool } from './tool.ts';

export interface AddedTools {
  readonly tools: readonly Tool[];
  close(): Promise<void>;
}

/** @throws SettingsError that names the module or server and what is wrong with it */
export async function openAddedTools(_settings: ToolSettings): Promise<AddedTools> {
  return { tools: [], close: async () => undefined };
}

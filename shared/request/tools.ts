/** Which tools a run is pinned to. */
import type { ToolSpec } from '../contract.ts';
import { CotaError } from '../errors.ts';
import type { ModelEntry } from '../models.ts';
import type { CreateRequest } from './schema.ts';

/**
 * @param announced tools that the cluster knows
 * @throws CotaError for a tool that nobody knows, or that no worker has announced yet
 */
export function toolsOf(
  request: CreateRequest,
  model: string,
  entry: ModelEntry,
  announced: readonly ToolSpec[],
): ToolSpec[] {
  const asked = request.cota?.tools?.filter((name) => name !== TERMINATE);
  if (request.tool_choice === 'none') {
    if (asked && asked.length > 0) {
      throw new CotaError('invalid_value', "tool_choice is 'none', yet cota.tools names tools: send one of them.", {
        param: 'tool_choice',
      });
    }
    return [];
  }
  for (const [index, name] of (asked ?? []).entries()) assertKnown(name, index, model, entry, announced);
  const names = new Set(asked ?? entry.tools ?? announced.map((tool) => tool.name));
  if (announced.length === 0 && asked === undefined && entry.tools === undefined) {
    // A run pins its tools: without this, runs of a cluster that still starts would have none, and nobody would know.
    throw new CotaError(
      'tool_away',
      "No tool worker has announced itself yet: start one, or send tool_choice 'none' for a run without tools.",
      { retryAfterMs: 5_000 },
    );
  }
  const missing = [...names].filter((name) => name !== TERMINATE && !announced.some((tool) => tool.name === name));
  if (missing.length > 0) {
    throw new CotaError(
      'tool_away',
      `No worker has announced ${missing.join(', ')} yet: start a tool worker that serves it, or choose other tools with cota.tools.`,
      { param: 'cota.tools', retryAfterMs: 5_000 },
    );
  }
  return announced.filter((tool) => names.has(tool.name));
}

/** Ends every run; it is always offered and carried out by no worker. */
const TERMINATE = 'Terminate';

function assertKnown(
  name: string,
  index: number,
  model: string,
  entry: ModelEntry,
  announced: readonly ToolSpec[],
): void {
  const param = `cota.tools[${index}]`;
  const named = name.slice(0, 100);
  if (entry.tools) {
    if (entry.tools.includes(name)) return;
    const known = entry.tools.length > 0 ? `it knows ${entry.tools.join(', ')}` : 'it knows none';
    throw new CotaError('unknown_tool', `The model '${model}' does not know the tool '${named}': ${known}.`, { param });
  }
  if (announced.some((tool) => tool.name === name)) return;
  // While nothing is announced, any name may be that of a tool: it is waited for, with all that is missing.
  if (announced.length === 0) return;
  const there = announced.map((tool) => tool.name).join(', ');
  throw new CotaError('unknown_tool', `There is no tool '${named}': there are ${there}.`, { param });
}

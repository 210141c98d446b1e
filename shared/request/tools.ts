/** Which tools a run is pinned to. */
import type { ToolSpec } from '../contract.ts';
import { CotaError } from '../errors.ts';
import type { ModelEntry } from '../models.ts';
import type { CreateRequest } from './schema.ts';

export interface ToolsThere {
  /** Tools that the cluster knows. */
  readonly tools: readonly ToolSpec[];
  /** Name -> why a run that names no tools does without it for now. */
  readonly withheld: ReadonlyMap<string, string>;
}

/**
 * The tools that the request names, else those that its model's entry names, ready or not: what is asked for by name is
 * waited for, and one that lacks its weights says so when it is called. Else all that can work just now.
 * @throws CotaError for a tool that nobody knows, or that no worker has announced yet
 */
export function toolsOf(
  request: CreateRequest,
  model: string,
  entry: ModelEntry,
  { tools: announced, withheld }: ToolsThere,
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
  const named = asked ?? entry.tools;
  if (named === undefined) return offered(announced, withheld);
  const missing = named.filter((name) => name !== TERMINATE && !announced.some((tool) => tool.name === name));
  if (missing.length > 0) {
    throw new CotaError(
      'tool_away',
      `No worker has announced ${[...new Set(missing)].join(', ')} yet: start a tool worker that serves it, or choose other tools with cota.tools.`,
      { param: 'cota.tools', retryAfterMs: 5_000 },
    );
  }
  return announced.filter((tool) => named.includes(tool.name));
}

/** A run pins its tools: where there are none yet, it would have none, and nobody would know. */
function offered(announced: readonly ToolSpec[], withheld: ReadonlyMap<string, string>): ToolSpec[] {
  const there = announced.filter((tool) => tool.offered !== false && !withheld.has(tool.name));
  if (there.length > 0) return there;
  // Somebody chose to offer none.
  if (announced.length > 0 && withheld.size === 0) return [];
  const [first] = [...withheld].filter(([name]) => announced.some((tool) => tool.name === name));
  const found = first
    ? `No tool can work just now (${first[0]}: ${first[1]}): see GET /v1/tools`
    : 'No tool worker has announced itself yet: start one';
  throw new CotaError('tool_away', `${found}, or send tool_choice 'none' for a run without tools.`, {
    retryAfterMs: 5_000,
  });
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

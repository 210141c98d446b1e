/** The MCP servers of tools.yaml, and what they bring. */
import { namedSecret, SettingsError } from '../../../shared/env.ts';
import type { ImageLimits } from '../../../shared/images.ts';
import type { Log } from '../../../shared/telemetry.ts';
import type { McpServer, ToolsConfig } from '../../../shared/tools-config.ts';
import { semaphore } from '../semaphore.ts';
import type { Tool } from '../tool.ts';
import { type Connection, type Listing, openConnection } from './connection.ts';
import { httpTransport } from './http-transport.ts';
import { mcpTool, toolNameOf } from './mcp-tool.ts';
import { stdioTransport } from './stdio-transport.ts';

/** A worker starts without a server that takes longer; its tools come when it does. */
const START_MS = 15_000;

export interface McpServers {
  /** Of all servers that have been there; those of one that is away say so. */
  tools(): readonly Tool[];
  /** Server -> why it is away, for those whose tools nobody knows yet. */
  away(): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface McpServersParts {
  readonly config: Pick<ToolsConfig, 'mcp' | 'resolve'>;
  readonly limits: ImageLimits;
  readonly log: Log;
  /** Names that are taken. */
  readonly taken: ReadonlySet<string>;
  /** Called when there are other tools than before, or other servers are away. */
  readonly onChange: () => void;
}

/** Resolves when each server is there or has had its time. */
export async function openMcpServers({ config, limits, log, taken, onChange }: McpServersParts): Promise<McpServers> {
  const brought = new Map<string, readonly Tool[]>();
  const connections = new Map<string, Connection>();
  /** Servers that did not start at the first attempt, and that nothing is known of. */
  const unknown = new Set<string>();

  function take(server: string, { tools, version }: Listing): void {
    const settings = config.mcp[server];
    const connection = connections.get(server);
    if (!settings || !connection) return;
    const inTurn = turns.get(server) ?? semaphore(settings.concurrency);
    turns.set(server, inTurn);
    const wanted = settings.tools;
    const absent = (wanted ?? []).filter((name) => !tools.some((tool) => tool.name === name));
    if (absent.length > 0) log.warn({ server, absent }, 'an MCP server has not all the tools that tools.yaml names');
    const others = new Set([
      ...taken,
      ...[...brought].flatMap(([of, list]) => (of === server ? [] : list.map(nameOf))),
    ]);
    const mine: Tool[] = [];
    for (const listed of tools) {
      if (wanted && !wanted.includes(listed.name)) continue;
      const name = toolNameOf(settings.prefix, listed.name);
      if (others.has(name)) {
        log.error(
          { server, tool: name },
          'there is a tool of this name already: give the server a prefix in tools.yaml',
        );
        continue;
      }
      try {
        mine.push(mcpTool(listed, { server, version, config: settings, connection, limits, inTurn }));
        others.add(name);
      } catch (error) {
        log.error({ server, tool: name, error }, 'the arguments of this tool cannot be understood; it is left out');
      }
    }
    const before = (brought.get(server) ?? []).map((tool) => `${tool.name} ${tool.version}`);
    brought.set(server, mine);
    const isFirst = unknown.delete(server);
    if (isFirst || before.join() !== mine.map((tool) => `${tool.name} ${tool.version}`).join()) onChange();
  }
  const turns = new Map<string, ReturnType<typeof semaphore>>();

  for (const [server, settings] of Object.entries(config.mcp)) {
    const open = () => transportOf(server, settings, config, log);
    const onListing = (listing: Listing) => take(server, listing);
    connections.set(server, openConnection({ name: server, open, log, onListing }));
    // Tools that are named are known before their server is there, so that whoever asks for one hears why it is not.
    const named = (settings.tools ?? []).map((name) => ({ name, inputSchema: { type: 'object' as const } }));
    if (named.length > 0) take(server, { tools: named, version: 'unknown' });
  }
  for (const [server, { tried }] of connections) {
    void tried.then(() => {
      if (brought.has(server)) return;
      unknown.add(server);
      onChange();
    });
  }
  await Promise.race([
    Promise.all([...connections.values()].map(({ tried }) => tried)),
    new Promise((resolve) => setTimeout(resolve, START_MS).unref()),
  ]);
  return {
    tools: () => [...brought.values()].flat(),
    away: () =>
      Object.fromEntries([...unknown].map((server) => [server, connections.get(server)?.trouble() ?? 'it is away'])),
    close: async () => void (await Promise.all([...connections.values()].map((connection) => connection.close()))),
  };
}

const nameOf = ({ name }: Tool): string => name;

/** @throws SettingsError for a variable that is not set */
function transportOf(server: string, settings: McpServer, config: Pick<ToolsConfig, 'resolve'>, log: Log) {
  if ('command' in settings) {
    const { command, args, env, cwd } = settings;
    const stdio = { command, args, env, cwd: config.resolve(cwd ?? '.') };
    return stdioTransport(stdio, (line) => log.debug({ server, line }, 'an MCP server says'));
  }
  const secrets = Object.entries(settings.headers_env).map(([header, variable]) => {
    const value = namedSecret(variable);
    if (value === undefined || value === '') {
      throw new SettingsError(`the header ${header} is to come from ${variable}, which is not set`);
    }
    return [header, value] as const;
  });
  return httpTransport(settings.url, { ...settings.headers, ...Object.fromEntries(secrets) });
}

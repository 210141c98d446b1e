/** One tool of an MCP server as a tool of the cluster. */
import { createHash } from 'node:crypto';
import { type Tool as ListedTool, ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import type { JsonObject } from '../../../shared/contract.ts';
import type { ImageLimits } from '../../../shared/images.ts';
import type { McpServer } from '../../../shared/tools-config.ts';
import { type Tool, type ToolContext, ToolError } from '../tool.ts';
import type { Connection } from './connection.ts';
import { observationOf } from './result.ts';
import { argumentsSchema, exampleOf, type PictureForm, pictureForm, propertiesOf, shownSchema } from './schema.ts';

/** Beyond the server's own time: for calls before it, or a server that is started anew. */
const WAIT_MS = 60_000;
const MOST_DESCRIPTION = 4_000;
/** Characters of a schema: each run is pinned to those of its tools, and models read them. */
const MOST_SCHEMA = 32_768;

export interface McpToolParts {
  /** Under which tools.yaml has the server. */
  readonly server: string;
  /** Of the server, as it says. */
  readonly version: string;
  readonly config: Pick<McpServer, 'prefix' | 'timeout_s' | 'deterministic'>;
  readonly connection: Connection;
  readonly limits: ImageLimits;
  /** Lets so many calls at a time through. */
  readonly inTurn: <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;
}

/** A name that models can write and clients know: letters, digits, `_` and `-`, 64 at most. */
export const toolNameOf = (prefix: string, name: string): string =>
  `${prefix}${name}`.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);

/** @throws Error where the schema of its arguments makes no sense, or is too large */
export function mcpTool(listed: ListedTool, parts: McpToolParts): Tool {
  const { server, version, config, connection, limits, inTurn } = parts;
  const text = JSON.stringify(listed.inputSchema);
  if (text.length > MOST_SCHEMA) {
    const [length, most] = [text.length, MOST_SCHEMA].map((count) => count.toLocaleString('en'));
    throw new Error(`the schema of its arguments has ${length} characters; ${most} are the most`);
  }
  const schema = JSON.parse(text) as JsonObject;
  const deterministic = config.deterministic.includes(listed.name);
  const name = toolNameOf(config.prefix, listed.name);
  const hash = createHash('sha256')
    .update(JSON.stringify([schema, listed.outputSchema ?? null]))
    .digest('hex');
  const timeoutMs = config.timeout_s * 1_000;
  const pictures = new Map(
    Object.entries(propertiesOf(schema)).flatMap(([argument, property]) => {
      const form = pictureForm(argument, property);
      return form === undefined ? [] : [[argument, form] as const];
    }),
  );

  return {
    name,
    version: `${version}-${hash.slice(0, 8)}`,
    engine: `mcp:${server}@${version}`,
    description: (listed.description ?? listed.title ?? listed.name).trim().slice(0, MOST_DESCRIPTION),
    arguments: argumentsSchema(schema),
    parameters: shownSchema(schema),
    returns: 'text: what the server says; data: the same as JSON, where it gives that; images: names of new images',
    example: exampleOf(schema),
    pool: 'remote',
    timeLimitMs: timeoutMs + WAIT_MS,
    deterministic,
    cache: deterministic,
    status() {
      const trouble = connection.trouble();
      if (trouble === undefined) return { ready: true };
      const remedy = `see to the MCP server "${server}" of tools.yaml: ${trouble}`;
      return { ready: false, reason: `${name} cannot be used: its server is away. Do without it.`, remedy };
    },
    run: (args, context) =>
      inTurn(async () => {
        const given = await withPictures(args, pictures, context);
        try {
          const options = { timeout: timeoutMs, maxTotalTimeout: timeoutMs, signal: context.signal };
          const answer = await connection.use(
            (client) => client.callTool({ name: listed.name, arguments: given }, options),
            context.signal,
          );
          return await observationOf(answer, name, limits, context);
        } catch (error) {
          context.signal.throwIfAborted();
          throw forTheModel(error, name, config.timeout_s);
        }
      }, context.signal),
  };
}

/** Names of images become the images themselves, in the form that the server wants. */
async function withPictures(
  args: JsonObject,
  forms: ReadonlyMap<string, PictureForm>,
  context: Pick<ToolContext, 'image'>,
): Promise<JsonObject> {
  const given: JsonObject = { ...args };
  const pictureOf = async (value: unknown, form: PictureForm): Promise<unknown> => {
    if (typeof value !== 'string' || !/^image-\d+$/.test(value)) return value;
    const { ref, bytes } = await context.image(value);
    const base64 = bytes.toString('base64');
    return form === 'base64' ? base64 : `data:${ref.contentType};base64,${base64}`;
  };
  for (const [name, form] of forms) {
    const value = args[name];
    if (value === undefined) continue;
    const made = Array.isArray(value)
      ? await Promise.all(value.map((one) => pictureOf(one, form)))
      : await pictureOf(value, form);
    given[name] = made as JsonObject[string];
  }
  return given;
}

/** A server's troubles are no reason to try the step again: what it did may have had effects. */
function forTheModel(error: unknown, name: string, seconds: number): unknown {
  if (error instanceof ToolError) return error;
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
    return new ToolError(
      'tool_timeout',
      `${name} did not answer within ${seconds} seconds. Try something smaller, or do without it.`,
    );
  }
  if (error instanceof ProtocolError) return new ToolError('mcp_refused', `${name}: ${error.message.slice(0, 2_000)}`);
  if (error instanceof SdkError && error.code === SdkErrorCode.ConnectionClosed) {
    return new ToolError('mcp_away', `${name}: its server ended during the call. Try once more, or do without it.`);
  }
  // Of the store, which the step waits for.
  if (error instanceof Error && ['StoreAway', 'ObjectMissing'].includes(error.name)) return error;
  const words = error instanceof Error ? error.message : String(error);
  return new ToolError('mcp_away', `${name}: its server cannot be used (${words.slice(0, 300)}). Do without it.`);
}

/** The cluster's tools as MCP describes tools. */
import type { Tool as McpTool } from '@modelcontextprotocol/server';
import type { JsonObject, ToolSpec } from '../../../shared/contract.ts';

/** The argument beside a tool's own that brings pictures; a tool that has one of this name keeps it. */
export const IMAGES = 'images';

const IMAGES_SAY =
  'The pictures that the call is about: https URLs, data URLs with base64, s3 URLs, or ids of files (file-...), such as those of pictures that an earlier call made. The first one is "image-0" for the other arguments, the next one "image-1", and so on.';

/** Every tool that takes pictures shows one in its example. */
const takesPictures = ({ example }: ToolSpec): boolean => /"image-\d+"/.test(JSON.stringify(example));

const propertiesOf = ({ parameters }: ToolSpec): JsonObject =>
  typeof parameters.properties === 'object' && !Array.isArray(parameters.properties) && parameters.properties !== null
    ? parameters.properties
    : {};

/** Whether a call's `images` are pictures of the run rather than an argument of the tool. */
export const bringsPictures = (spec: ToolSpec): boolean => takesPictures(spec) && !(IMAGES in propertiesOf(spec));

export function mcpToolOf(spec: ToolSpec): McpTool {
  const { name, description, returns, example, parameters, deterministic, pool } = spec;
  const properties = propertiesOf(spec);
  const pictures = bringsPictures(spec)
    ? { [IMAGES]: { type: 'array', items: { type: 'string' }, description: IMAGES_SAY } }
    : {};
  const says = [description, returns === '' ? '' : `Returns ${returns}.`, `Example: ${JSON.stringify(example)}`];
  return {
    name,
    description: says.filter((text) => text !== '').join('\n'),
    inputSchema: {
      ...parameters,
      type: 'object',
      properties: { ...properties, ...pictures },
    } as McpTool['inputSchema'],
    annotations: {
      // What may be answered from the cache cannot be meant to change anything.
      ...(deterministic ? { readOnlyHint: true, idempotentHint: true } : {}),
      openWorldHint: pool === 'remote',
    },
  };
}

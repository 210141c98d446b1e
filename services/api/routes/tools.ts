/** Tools called one by one, without a model. */
import { createCall, createCallRequest, toolCallObject } from '../handlers/calls.ts';
import { mcp } from '../handlers/mcp.ts';
import type { RouteGroup } from '../http.ts';

export const tools: RouteGroup = {
  title: 'Tools',
  routes: [
    {
      method: 'POST',
      path: '/v1/tools/{name}/calls',
      handler: createCall,
      opensRun: true,
      summary: 'Call one tool, without a model. Waits for the result, or returns at once with background: true.',
      errors: ['tool_away', 'string_above_max_length', 'invalid_image_url', 'idempotency_key_reused'],
      example: { arguments: { expression: '2 * 3.65 + 1.20' } },
      schema: { body: createCallRequest, reply: toolCallObject },
    },
    {
      method: 'POST',
      path: '/mcp',
      handler: mcp,
      summary: 'The tools for MCP clients (streamable HTTP, without sessions): tools/list and tools/call.',
      schema: { produces: 'application/json' },
    },
  ],
  names: { CreateToolCall: createCallRequest, ToolCall: toolCallObject },
};

import { expect, test } from 'vitest';
import type { Connection } from './connection.ts';
import { mcpTool } from './mcp-tool.ts';

const parts = {
  ...{ server: 's', version: '1', config: { prefix: '', timeout_s: 1, deterministic: [] } },
  connection: { trouble: () => undefined } as Connection,
  limits: { maxBytes: 1, maxPixels: 1 },
  inTurn: <T>(work: () => Promise<T>) => work(),
};

test('a schema that every run would carry along is not taken at any size', () => {
  const described = (length: number) => ({
    name: 'say',
    inputSchema: { type: 'object' as const, properties: { word: { type: 'string', description: 'x'.repeat(length) } } },
  });
  expect(mcpTool(described(30_000), parts).name).toBe('say');
  expect(() => mcpTool(described(40_000), parts)).toThrow('has 40,074 characters; 32,768 are the most');
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { readEnv } from '../../shared/env.ts';
import { loadToolsConfig } from '../../shared/tools-config.ts';
import { openWeights } from '../../shared/weights/weights.ts';
import { openAddedTools } from './added-tools.ts';

const dir = mkdtempSync(join(tmpdir(), 'cota-added-tools-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** Fails at once when it is first started, and has a tool the second time. */
const LATE = `
const { existsSync, writeFileSync } = require('fs');
if (!existsSync('been')) { writeFileSync('been', ''); process.exit(1); }
const say = (id, more) => console.log(JSON.stringify({ jsonrpc: '2.0', id, ...more }));
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'initialize') return say(id, { result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'late', version: '1' } } });
  if (method === 'tools/list') return say(id, { result: { tools: [{ name: 'say', inputSchema: { type: 'object' } }] } });
  say(id, { error: { code: -32601, message: 'unknown' } });
});`;

test('tools that come before anybody listens for them are told to whoever does', async () => {
  writeFileSync(join(dir, 'late.cjs'), LATE);
  const file = join(dir, 'tools.yaml');
  writeFileSync(file, JSON.stringify({ mcp: { late: { command: process.execPath, args: ['late.cjs'] } } }));
  const env = readEnv({ COTA_TOOLS: file });
  const settings = {
    env,
    config: loadToolsConfig(file),
    weights: openWeights(dir),
    session: { device: 'cpu', threads: 1 },
  };
  const added = await openAddedTools(settings as never, ['remote'], pino({ level: 'silent' }));
  try {
    // What a worker does at its start: it takes the tools that there are, loads them, and listens afterwards.
    const seen = added.tools();
    expect(seen).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const told = new Promise<readonly string[]>((resolve) =>
      added.onChange(() => resolve(added.tools().map((tool) => tool.name))),
    );
    expect(await Promise.race([told, new Promise((resolve) => setTimeout(resolve, 2_000, 'nothing'))])).toEqual([
      'say',
    ]);
  } finally {
    await added.close();
  }
});

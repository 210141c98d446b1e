/** A server that never says a word holds up neither the start of its worker nor its end. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openConnection } from './connection.ts';
import { stdioTransport } from './stdio-transport.ts';

const silent = pino({ level: 'silent' });

test('a silent server is given up at once when the worker ends, with all that it started', async () => {
  const server = { command: 'sh', args: ['-c', 'trap "" TERM; sleep 61.7 & wait'], env: {}, cwd: '/' };
  const open = () => stdioTransport(server, () => undefined);
  const connection = openConnection({ name: 'silent', open, log: silent, onListing: () => undefined });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(connection.trouble()).toBe('it is being started');
  const call = connection.use((client) => client.ping(), new AbortController().signal);
  await expect(call).rejects.toThrow('it is being started');
  const began = performance.now();
  await connection.close();
  expect(performance.now() - began).toBeLessThan(4_000);
});

test('a program that is not there, and one that ends at once: the reason is told, and it is tried again', async () => {
  let attempts = 0;
  const open = () => {
    attempts += 1;
    const command = attempts === 1 ? '/no/such/program' : 'true';
    return stdioTransport({ command, args: [], env: {}, cwd: '/' }, () => undefined);
  };
  const connection = openConnection({ name: 'gone', open, log: silent, onListing: () => undefined });
  await connection.tried;
  expect(connection.trouble()).toContain('ENOENT');
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(attempts).toBeGreaterThanOrEqual(2);
  expect(connection.trouble()).toMatch(/closed|ended/i);
  await connection.close();
});

/** Speaks the protocol in a few lines: answers calls of `say`, and hangs in `hang`. */
const PLAIN = `
const say = (id, more) => console.log(JSON.stringify({ jsonrpc: '2.0', id, ...more }));
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'initialize') return say(id, { result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'plain', version: '1' } } });
  if (method === 'tools/list') return say(id, { result: { tools: [{ name: 'say', inputSchema: { type: 'object' } }] } });
  if (method !== 'tools/call') return say(id, { error: { code: -32601, message: 'unknown' } });
  if (params.name === 'sleep') return;
  while (params.name === 'hang');
  say(id, { result: { content: [{ type: 'text', text: String(process.pid) + ' ' + JSON.stringify(params.arguments).length }] } });
});`;

/** @param timeout of a call, and a little less than that of a sign of life, milliseconds */
function plain(timeout = 300) {
  const open = () =>
    stdioTransport({ command: process.execPath, args: ['-e', PLAIN], env: {}, cwd: '/' }, () => undefined);
  const connection = openConnection({
    name: 'plain',
    open,
    log: silent,
    onListing: () => undefined,
    aliveMs: timeout + 100,
  });
  const never = new AbortController().signal;
  const call = (name: string, args: Record<string, unknown> = {}) =>
    connection.use((client) => client.callTool({ name, arguments: args }, { timeout }), never);
  const words = async (args: Record<string, unknown> = {}) => {
    const [part] = (await call('say', args)).content;
    return part?.type === 'text' ? part.text.split(' ') : [];
  };
  return { connection, call, words };
}

test('a server that hangs is started anew; one that only takes too long for a call is left alone', async () => {
  const { connection, call, words } = plain();
  await connection.tried;
  const [before] = await words();
  await expect(call('sleep')).rejects.toThrow(/timed out/i);
  expect(await words()).toEqual([before, expect.any(String)]);
  await expect(call('hang')).rejects.toThrow(/timed out/i);
  await expect.poll(() => words().catch(() => [before]), { timeout: 8_000, interval: 200 }).not.toContain(before);
  expect(connection.trouble()).toBeUndefined();
  await connection.close();
});

test('large messages leave no listeners behind', async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on('warning', hear);
  const { connection, words } = plain(20_000);
  await connection.tried;
  const picture = 'x'.repeat(500_000);
  for (let i = 0; i < 12; i++) expect((await words({ picture }))[1]).toBe(String(picture.length + 14));
  await connection.close();
  await new Promise(setImmediate);
  process.off('warning', hear);
  expect(warnings).toEqual([]);
});

test('a server that never ends its line on standard error takes no memory for it', async () => {
  const lines: string[] = [];
  const script = 'head -c 100000000 /dev/zero | tr "\\0" x >&2; echo >&2; echo last >&2; cat';
  const transport = stdioTransport({ command: 'sh', args: ['-c', script], env: {}, cwd: '/' }, (line) =>
    lines.push(line),
  );
  const before = process.memoryUsage().rss;
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before);
  }, 20);
  await transport.start();
  await expect.poll(() => lines.at(-1), { timeout: 20_000 }).toBe('last');
  clearInterval(timer);
  await transport.close();
  expect(lines.map((line) => line.length)).toEqual([2_000, 4]);
  expect(most).toBeLessThan(80_000_000);
});

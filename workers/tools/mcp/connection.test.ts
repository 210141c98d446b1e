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

/** A server on every local address that counts who connects: nobody should. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PrivateListener {
  readonly port: number;
  /** Since the last reset. */
  connections(): number;
  reset(): void;
  close(): void;
}

export async function openPrivateListener(): Promise<PrivateListener> {
  let connections = 0;
  // No kept connections: each request of a test must look its name up and connect.
  const server = createServer((_, response) => response.setHeader('connection', 'close').end('the secret'));
  server.on('connection', () => connections++);
  server.listen(0, '::');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    reset: () => {
      connections = 0;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A knowledge base that means no good: each answer is wrong in another way. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** @param elsewhere where it redirects to, which must not be followed */
export async function hostileWiki(elsewhere: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  let turn = 0;
  const server = createServer((_request, response) => {
    turn += 1;
    switch (turn % 8) {
      case 0:
        response.writeHead(302, { location: elsewhere }).end();
        return;
      case 1:
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"query":');
        return;
      case 2:
        response.writeHead(500).end('<h1>Internal error</h1> at Object.<anonymous> (/srv/x.js:1:1)');
        return;
      case 3:
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ query: { search: [{ title: { toString: 1 } }], pages: 'none' } }));
        return;
      case 4:
        response.socket?.destroy();
        return;
      case 5:
        // Never ends.
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{"query":{"search":[');
        return;
      case 6:
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '200000000' });
        response.end(Buffer.alloc(64 * 1024 * 1024, 32));
        return;
      default:
        response.writeHead(429, { 'retry-after': '999999' }).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/w/api.php`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** A receiver of webhooks on this machine that remembers what came and answers as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  /** Path of the request. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: number;
}

export interface Receiver {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly received: readonly Received[];
  /** How to answer from now on. */
  answer(how: Answer): void;
  /** Most requests in hand at a time so far. */
  readonly mostAtOnce: number;
  close(): Promise<void>;
}

/** A status, or whatever is to be done with the request. */
export type Answer = number | ((received: Received, response: ServerResponse, count: number) => void);

export async function startReceiver(first: Answer = 200, port = 0): Promise<Receiver> {
  const received: Received[] = [];
  let how = first;
  let atOnce = 0;
  let mostAtOnce = 0;
  const server = createServer((request, response) => {
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    response.once('close', () => {
      atOnce -= 1;
    });
    void read(request).then((one) => {
      received.push(one);
      if (typeof how === 'number') response.writeHead(how).end(how < 300 ? '' : `this is ${how}`);
      else how(one, response, received.length);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (next) => {
      how = next;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function read(request: IncomingMessage): Promise<Received> {
  const at = Date.now();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return { path: request.url ?? '', headers, body: Buffer.concat(chunks).toString(), at };
}

import { createServer } from 'node:net';
import { UserError } from '../user-error.ts';

const NEARBY = 20;

/** @returns whether this process may listen there now; another may come before us, which its user would notice at once */
export async function isFree(port: number, host: string): Promise<boolean> {
  return (await listenBriefly(port, host)) !== undefined;
}

/** A port of the system's choosing. */
export async function anyFreePort(host: string): Promise<number> {
  const port = await listenBriefly(0, host);
  if (port === undefined) throw new UserError(`no port of ${host} can be listened on: name an address of this machine`);
  return port;
}

/** `preferred`, or the next free one after it, so that the address is easy to remember; else any. */
export async function freePortNear(preferred: number, host: string): Promise<number> {
  for (let port = preferred; port < Math.min(65_536, preferred + NEARBY); port += 1) {
    if (await isFree(port, host)) return port;
  }
  return anyFreePort(host);
}

function listenBriefly(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}

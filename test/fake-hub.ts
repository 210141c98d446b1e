/**
 * A server with the hub's addresses and headers, and a second one that it redirects large files to, as the real one does
 * to its content delivery network; the hub itself cannot be reached from a test. Faults are set by the test.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const COMMIT = 'c0ffee0123456789c0ffee0123456789c0ffee01';

export interface FakeHub {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Path within the repository -> bytes. Those of 1 kB and more are LFS files. */
  readonly files: Map<string, Buffer>;
  /** What was asked, in order. */
  readonly asked: {
    readonly at: 'hub' | 'cdn';
    readonly path: string;
    readonly range: string | undefined;
    readonly authorization: string | undefined;
  }[];
  /** Bytes of bodies that the content delivery network sent, of all requests. */
  sent: number;
  faults: Faults;
  close(): Promise<void>;
}

export interface Faults {
  /** Connections of large files break after so many bytes of body. */
  readonly breakAfter?: number;
  /** Answers of this status before the first good one, with seconds to wait before the next try (else 0). */
  readonly refusals?: { readonly status: number; times: number; readonly retryAfter?: number };
  readonly ignoreRange?: boolean;
  /** Bytes are changed on their way. */
  corrupt?: number;
  /** Milliseconds between pieces of 64 kB. */
  readonly pauseMs?: number;
  /** The content delivery network has something else than the hub says. */
  readonly other?: Buffer;
  /** What a request must have to get anything. */
  readonly token?: string;
  /** The hub says nothing of what it links to. */
  readonly silent?: boolean;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const gitSha1 = (bytes: Buffer): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

export async function startFakeHub(repo: string): Promise<FakeHub> {
  const files = new Map<string, Buffer>();
  const asked: FakeHub['asked'][number][] = [];
  const cdn = createServer((request, response) => {
    answerLarge(request, response).catch(() => response.destroy());
  });
  const hub = createServer((request, response) => answer(request, response));
  const cdnUrl = await listen(cdn);
  const me: FakeHub = {
    ...{ url: await listen(hub), files, asked, sent: 0, faults: {} },
    async close() {
      for (const server of [hub, cdn]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };

  function note(at: 'hub' | 'cdn', { url = '', headers }: IncomingMessage): void {
    asked.push({ at, path: url, range: headers.range, authorization: headers.authorization });
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    note('hub', request);
    const { refusals, token, silent } = me.faults;
    if (refusals && refusals.times > 0) {
      refusals.times -= 1;
      response.writeHead(refusals.status, { 'retry-after': String(refusals.retryAfter ?? 0) }).end('not now');
      return;
    }
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end('who are you?');
      return;
    }
    const match = new RegExp(`^/${repo}/resolve/[^/]+/(.+)$`).exec(request.url ?? '');
    const bytes = files.get(match?.[1] ?? '');
    if (!bytes) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end('Entry not found');
      return;
    }
    const commit = { 'x-repo-commit': COMMIT };
    if (bytes.length < 1024) {
      response.writeHead(200, { ...commit, etag: `"${gitSha1(bytes)}"`, 'content-length': bytes.length }).end(bytes);
      return;
    }
    const linked = { 'x-linked-size': String(bytes.length), 'x-linked-etag': `"${sha256(bytes)}"` };
    response
      .writeHead(302, { ...commit, ...(silent ? {} : linked), location: `${cdnUrl}/${match?.[1]}?signed=1` })
      .end();
  }

  async function answerLarge(request: IncomingMessage, response: ServerResponse): Promise<void> {
    note('cdn', request);
    const path = decodeURIComponent((request.url ?? '').slice(1).replace(/\?.*/, ''));
    const { faults } = me;
    const bytes = faults.other ?? files.get(path);
    if (!bytes) {
      response.writeHead(404).end();
      return;
    }
    // Not the file's SHA-256, as that of the real one is not.
    const etag = `"${sha256(Buffer.concat([bytes, Buffer.from('cdn')]))}"`;
    const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const condition = request.headers['if-range'];
    let start =
      wanted && !faults.ignoreRange && (condition === undefined || condition === etag) ? Number(wanted[1]) : 0;
    const whole = { etag, 'accept-ranges': 'bytes' };
    if (start > 0) {
      const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(206, { ...whole, ...range, 'content-length': bytes.length - start });
    } else {
      start = 0;
      response.writeHead(200, { ...whole, 'content-length': bytes.length });
    }
    const end = faults.breakAfter === undefined ? bytes.length : Math.min(bytes.length, start + faults.breakAfter);
    for (let at = start; at < end && !response.destroyed; at += 65_536) {
      const piece = Buffer.from(bytes.subarray(at, Math.min(end, at + 65_536)));
      if (faults.corrupt && at === start) {
        faults.corrupt -= 1;
        piece[0] = (piece[0] ?? 0) ^ 0xff;
      }
      me.sent += piece.length;
      await new Promise((resolve) => response.write(piece, resolve));
      if (faults.pauseMs !== undefined) await sleep(faults.pauseMs);
    }
    if (end < bytes.length) response.destroy();
    else response.end();
  }
  return me;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An S3-protocol server that nobody here wrote (s3rver), as a real process that tests can kill and start again. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface S3Server {
  readonly endpoint: string;
  /** The credentials that s3rver knows. It checks signatures of requests that carry one, and takes unsigned ones too. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  kill(): Promise<void>;
  /** Starts again on the same port with the same objects. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startS3Server(...buckets: string[]): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'cota-s3rver-'));
  let { child, port } = await start(directory, 0, buckets);
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  return {
    endpoint: `http://127.0.0.1:${port}`,
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    kill,
    restart: async () => {
      await kill();
      ({ child, port } = await start(directory, port, []));
    },
    close: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function start(
  directory: string,
  port: number,
  buckets: readonly string[],
): Promise<{ child: ChildProcess; port: number }> {
  const file = new URL('./s3rver-process.ts', import.meta.url).pathname;
  // s3rver makes its continuation tokens with DES, which OpenSSL 3 keeps in its legacy provider: without it, a list of
  // more than one page is a 500.
  const child = fork(file, [directory, String(port), ...buckets], {
    execArgv: ['--openssl-legacy-provider'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [given] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('s3rver did not start.'))),
  ])) as [number];
  return { child, port: given };
}

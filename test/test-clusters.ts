/** The parts of a cluster inside the test's own process: one Redis server, one store, and as many members as are opened. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, openCluster } from '../shared/cluster.ts';
import { readEnv } from '../shared/env.ts';
import { QUICK } from './harness.ts';
import { startRedis } from './redis-server.ts';

export interface TestClusters {
  /** A folder of the test's own; the store lies in it. */
  readonly dir: string;
  /** A member of the cluster. Whoever opens one stops its lifecycle. */
  open(id?: string): Promise<Cluster>;
  stop(): Promise<void>;
}

export async function startTestClusters(
  name: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestClusters> {
  const dir = await mkdtemp(join(tmpdir(), `cota-${name}-`));
  const server = await startRedis({ dir: join(dir, 'redis'), appendonly: false });
  return {
    dir,
    open: (id) =>
      openCluster(
        'test',
        readEnv({
          ...QUICK,
          COTA_REDIS_URL: server.url,
          COTA_STORE_ROOT: join(dir, 'store'),
          COTA_LOG_LEVEL: 'silent',
          ...(id === undefined ? {} : { COTA_WORKER_ID: id }),
          ...settings,
        }),
      ),
    async stop() {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

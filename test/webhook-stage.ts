/** Webhooks without the rest of the cluster: a real Redis, a real store, receivers of this machine, and a clock that can be moved. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newDocumentId } from '../shared/documents.ts';
import { readEnv } from '../shared/env.ts';
import { type ObjectStore, openObjectStore } from '../shared/object-store.ts';
import { openRedis } from '../shared/redis.ts';
import { openLog } from '../shared/telemetry.ts';
import { type Deliveries, openDeliveries } from '../shared/webhooks/deliveries.ts';
import { announceChange, type Endpoint, endpointDocuments, ownerOf } from '../shared/webhooks/endpoints.ts';
import type { WebhookParts } from '../shared/webhooks/parts.ts';
import { newSecret, openKeyring } from '../shared/webhooks/secrets.ts';
import { openWebhookFetch } from '../shared/webhooks/web.ts';
import { type Dispatcher, startDispatch } from '../workers/webhooks/dispatch.ts';
import { startRedis } from './redis-server.ts';

export interface Stage {
  readonly parts: WebhookParts & { readonly objects: ObjectStore };
  readonly deliveries: Deliveries;
  /** An endpoint as the API makes it; its secret beside it. */
  endpoint(url: string, change?: Partial<Endpoint>): Promise<{ readonly id: string; readonly secret: string }>;
  seal(secret: string, id: string): string;
  read(id: string): Promise<Endpoint>;
  /** Starts a webhook worker in this process; it stops with the stage. */
  dispatch(options?: { readonly timeoutMs?: number; readonly slackMs?: number }): Dispatcher;
  /** Moves the clock on, for all. */
  pass(ms: number): void;
  /** Epoch milliseconds on the moved clock. */
  now(): number;
  stop(): Promise<void>;
}

export const TENANT = 'acme';

/** @param origins where deliveries may go although it is this machine */
export async function openStage(origins: readonly string[]): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'cota-webhooks-'));
  const server = await startRedis();
  const redis = openRedis(server.url);
  const objects = await openObjectStore({
    driver: 'fs',
    root: join(dir, 'store'),
    sync: 'everysec',
    linkSecret: 'links of these tests',
  });
  let aheadMs = 0;
  const parts = { redis, objects, ahead: () => aheadMs };
  const env = readEnv({ COTA_SECRET_KEY: 'a key for these tests', COTA_WEBHOOK_ALLOW: origins.join(',') });
  const keyring = openKeyring(env);
  const web = openWebhookFetch(env);
  const documents = endpointDocuments(parts);
  const dispatchers: Dispatcher[] = [];
  return {
    parts,
    deliveries: openDeliveries(parts),
    seal: (secret, id) => keyring.seal(secret, ownerOf(TENANT, id)),
    async endpoint(url, change = {}) {
      const id = newDocumentId('we_');
      const secret = newSecret();
      const sealed = keyring.seal(secret, ownerOf(TENANT, id));
      const createdAt = Date.now() + aheadMs;
      await documents.put(TENANT, {
        ...{ id, url, events: ['*'], description: '', enabled: true, createdAt },
        secrets: [{ sealed, createdAt }],
        ...change,
      });
      await announceChange(parts, TENANT);
      return { id, secret };
    },
    async read(id) {
      const found = await documents.get(TENANT, id);
      if (!found) throw new Error(`no endpoint ${id}`);
      return found;
    },
    dispatch({ timeoutMs = 2_000, slackMs = 1_000 } = {}) {
      const dispatcher = startDispatch({
        ...parts,
        ...{ log: openLog('test', 'silent'), web, keyring, timeoutMs, slackMs, concurrency: 64 },
        pausesS: env.COTA_WEBHOOK_RETRY_S,
        random: () => 0.5,
      });
      dispatchers.push(dispatcher);
      return dispatcher;
    },
    pass(ms) {
      aheadMs += ms;
    },
    now: () => Date.now() + aheadMs,
    async stop() {
      await Promise.all(dispatchers.map((one) => one.stop(0)));
      await web.close();
      await objects.close();
      redis.disconnect();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Asks until it is so. */
export async function until<T>(what: string, look: () => T | Promise<T>, withinMs = 10_000): Promise<NonNullable<T>> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found as NonNullable<T>;
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

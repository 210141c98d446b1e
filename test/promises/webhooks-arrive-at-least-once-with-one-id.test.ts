/**
 * The promise: every event of a run reaches every endpoint that wants it and takes it in the end, whatever fails on
 * the way; all its tries have one id and one body, and each is signed.
 */
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newDocumentId } from '../../shared/documents.ts';
import { openDeliveries } from '../../shared/webhooks/deliveries.ts';
import { eventIdOf } from '../../shared/webhooks/emit.ts';
import { announceChange, endpointDocuments, ownerOf } from '../../shared/webhooks/endpoints.ts';
import { newSecret, openKeyring } from '../../shared/webhooks/secrets.ts';
import { replayModels, startTestCluster, type TestCluster } from '../harness.ts';
import { type Answer, type Received, type Receiver, startReceiver } from '../webhook-receiver.ts';
import { MODEL, SCHEDULER } from './witness.ts';

const WEBHOOKS = 'workers/webhooks/main.ts';
const RUNS = 24;
const TENANT = 'default';

/** Answers with `bad` the first `times` that it sees an id. */
function afterFailing(times: number, bad: Exclude<Answer, number>): Answer {
  const seen = new Map<string, number>();
  return (one, response, count) => {
    const id = one.headers['webhook-id'] ?? '';
    const before = seen.get(id) ?? 0;
    seen.set(id, before + 1);
    if (before < times) bad(one, response, count);
    else response.end('taken');
  };
}

let hanging = 0;
let steady: Receiver;
const answers: Readonly<Record<string, Answer>> = {
  down: 200,
  slow: afterFailing(1, (_, response) => {
    hanging += 1;
    setTimeout(() => response.end('too late'), 5_000).unref();
  }),
  failing: afterFailing(2, (_, response) => response.writeHead(500).end('not now')),
  busy: afterFailing(1, (_, response) => response.writeHead(429, { 'retry-after': '1' }).end()),
  redirecting: afterFailing(1, (_, response) => response.writeHead(307, { location: `${steady.origin}/led` }).end()),
  breaking: afterFailing(1, (_, response) => void response.destroy()),
  gone: 410,
};

const receivers = new Map<string, Receiver>();
const secrets = new Map<string, string>();
const ids = new Map<string, string>();
let cluster: TestCluster;

beforeAll(async () => {
  steady = await startReceiver();
  receivers.set('steady', steady);
  for (const [name, answer] of Object.entries(answers)) receivers.set(name, await startReceiver(answer));
  cluster = await startTestCluster({
    models: replayModels({ turns: 1, delayMs: 20 }),
    env: {
      COTA_WEBHOOK_ALLOW: [...receivers.values()].map(({ origin }) => origin).join(','),
      COTA_WEBHOOK_TIMEOUT_MS: '1000',
      COTA_WEBHOOK_RETRY_S: '0.5,1,1,1,1,1,2,2,2,2',
    },
  });
  const keyring = openKeyring(cluster.env);
  for (const [name, { origin }] of receivers) {
    const [id, secret, createdAt] = [newDocumentId('we_'), newSecret(), Date.now()];
    ids.set(name, id);
    secrets.set(name, secret);
    await endpointDocuments(cluster.shared).put(TENANT, {
      ...{ id, url: `${origin}/hook`, events: ['response.completed'], description: name, enabled: true, createdAt },
      secrets: [{ sealed: keyring.seal(secret, ownerOf(TENANT, id)), createdAt }],
    });
  }
  await announceChange(cluster.shared, TENANT);
});
afterAll(async () => {
  await cluster.stop();
  for (const receiver of receivers.values()) await receiver.close();
});

it('every event arrives with one id, through receivers that fail, killed workers and a killed Redis', {
  timeout: 90_000,
}, async () => {
  // Its host is there, and nothing listens.
  const down = receivers.get('down') as Receiver;
  await down.close();
  for (const entry of [MODEL, SCHEDULER]) cluster.start(entry);
  const workers = [cluster.start(WEBHOOKS), cluster.start(WEBHOOKS)];
  const runs: string[] = [];
  for (let i = 0; i < RUNS; i++) runs.push(await cluster.submit({ question: `question ${i}`, tools: [] }));

  // Both are killed with requests under way: the slow receiver holds them.
  for (const worker of workers) {
    const before = hanging;
    await cluster.until('deliveries are under way', async () => hanging > before);
    worker.kill('SIGKILL');
    await worker.exited;
    cluster.start(WEBHOOKS);
  }
  const before = hanging;
  await cluster.until('deliveries are under way again', async () => hanging > before);
  await cluster.redis.kill();
  await new Promise((resolve) => setTimeout(resolve, 500));
  await cluster.restartRedis();
  for (const runId of runs) await cluster.closed(runId, 30_000);
  receivers.set('down', await startReceiver(200, Number(new URL(down.origin).port)));

  const events = new Set(runs.map((runId) => eventIdOf(runId, 'response.completed')));
  const deliveries = openDeliveries(cluster.shared);
  const taking = [...receivers].filter(([name]) => name !== 'gone');
  for (const [name] of taking) {
    await cluster.until(
      `all has arrived at ${name}`,
      async () => {
        const { data } = await deliveries.list(TENANT, ids.get(name) ?? '', { limit: 100, status: 'delivered' });
        return data.length === RUNS;
      },
      30_000,
    );
  }
  for (const [name, { received }] of receivers) {
    if (name !== 'gone') expect(new Set(received.map(idOf)), name).toEqual(events);
    const bodies = new Map(received.map((one) => [idOf(one), one.body]));
    for (const one of received) {
      expect(one.path, name).toBe('/hook');
      expect(one.body, name).toBe(bodies.get(idOf(one)));
      expect(new Webhook(secrets.get(name) ?? '').verify(one.body, one.headers)).toMatchObject({ id: idOf(one) });
    }
  }
  // A few were under way when the first answer came.
  expect(receivers.get('gone')?.received.length).toBeLessThanOrEqual(4 * 3);
  // A worker that was killed between the answer and what follows from it leaves that to the next try.
  const gone = await cluster.until('the endpoint that is gone is disabled', async () => {
    const endpoint = await endpointDocuments(cluster.shared).get(TENANT, ids.get('gone') ?? '');
    return endpoint?.enabled === false ? endpoint : undefined;
  });
  expect(gone.disabledReason).toBe('The receiver answered 410 Gone.');
});

const idOf = (one: Received): string => one.headers['webhook-id'] ?? '';

/** A webhook worker: delivers events to the endpoints of all tenants, signed, until they arrive or three days are over. */
import { join, openCluster } from '../../shared/cluster.ts';
import { readEnv } from '../../shared/env.ts';
import { serveHealth } from '../../shared/health.ts';
import { runMain } from '../../shared/run-main.ts';
import { openKeyring } from '../../shared/webhooks/secrets.ts';
import { openWebhookFetch } from '../../shared/webhooks/web.ts';
import { startDispatch } from './dispatch.ts';

runMain(async () => {
  const env = readEnv();
  const keyring = openKeyring(env);
  const cluster = await openCluster('webhooks', env);
  const { log, redis, objects, lifecycle } = cluster;
  const web = openWebhookFetch(env);
  lifecycle.onStop('web', () => web.close());
  const dispatcher = startDispatch({
    ...{ redis, objects, log, web, keyring, random: Math.random },
    timeoutMs: env.COTA_WEBHOOK_TIMEOUT_MS,
    pausesS: env.COTA_WEBHOOK_RETRY_S,
    concurrency: env.COTA_WEBHOOK_CONCURRENCY,
    slackMs: env.COTA_LOCK_MS,
  });
  lifecycle.onStop('deliveries', () => dispatcher.stop(env.COTA_GRACE_MS));
  await join(cluster, { kind: 'webhooks' });
  await serveHealth(cluster);
  log.info('webhook worker is up');
});

/** Job of docker-compose.yml: makes the bucket of the store if it is missing, and ends. Safe to run again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { storeConfig } from '../../shared/cluster.ts';
import { readEnv, SettingsError } from '../../shared/env.ts';
import { openObjectStore } from '../../shared/object-store.ts';
import { runMain } from '../../shared/run-main.ts';

/** A store that starts beside this job has this long to come up. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 1_000;

runMain(async () => {
  const config = storeConfig(readEnv());
  if (config.driver !== 's3') throw new SettingsError('set COTA_STORE=s3: the fs store has no buckets');
  const store = await openObjectStore({ ...config, createBucket: true, attempts: 1 });
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await store.check();
      break;
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(PAUSE_MS);
    }
  }
  process.stdout.write(`bucket ${config.bucket} is there: an object was written, read and deleted\n`);
  await store.close();
});

/** For orchestrators and Prometheus. */
import { CotaError } from '../../../shared/errors.ts';
import { registry } from '../../../shared/telemetry.ts';
import type { Handler } from '../http.ts';

const PLAIN = { 'content-type': 'text/plain; charset=utf-8' };

/** A restart would not help; whether it can work is readyz's matter, so that an outage of Redis restarts nothing. */
export const livez: Handler = async (_request, { liveness }) => {
  const trouble = liveness.trouble();
  return trouble === undefined ? { body: 'ok', headers: PLAIN } : { status: 503, body: trouble, headers: PLAIN };
};

/** Redis and store are there and this process is not about to stop. */
export const readyz: Handler = async (_request, { lifecycle, vitals }) => {
  if (lifecycle.stopping) throw new CotaError('overloaded', 'This process is about to stop.');
  await vitals.assertReady();
  return { body: 'ok', headers: PLAIN };
};

export const getMetrics: Handler = async () => ({
  body: await registry.metrics(),
  headers: { 'content-type': registry.contentType },
});

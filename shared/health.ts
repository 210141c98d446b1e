/** /livez, /readyz and /metrics of a worker or the scheduler, for orchestrators and Prometheus. */
import { createServer } from 'node:http';
import type { Cluster } from './cluster.ts';
import { registry } from './telemetry.ts';

/** Serves on COTA_HEALTH_PORT, where one is set. */
export async function serveHealth(cluster: Cluster): Promise<void> {
  const { env, redis, lifecycle, liveness } = cluster;
  if (env.COTA_HEALTH_PORT === 0) return;
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: string, type = 'text/plain') =>
      response.writeHead(status, { 'content-type': type }).end(body);
    if (request.url === '/livez') {
      const trouble = liveness.trouble();
      return answer(trouble === undefined ? 200 : 503, trouble ?? 'ok');
    }
    if (request.url === '/readyz') {
      const ready = !lifecycle.stopping && redis.status === 'ready';
      return answer(ready ? 200 : 503, ready ? 'ok' : lifecycle.stopping ? 'stopping' : `redis is ${redis.status}`);
    }
    if (request.url === '/metrics') return answer(200, await registry.metrics(), registry.contentType);
    return answer(404, 'there are /livez, /readyz and /metrics');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(env.COTA_HEALTH_PORT, env.COTA_HOST, resolve);
  });
  liveness.start();
  lifecycle.onStop('health', () => {
    server.close();
  });
}

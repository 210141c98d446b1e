/**
 * HEALTHCHECK of the images: asks the process for /livez, so that `unhealthy` means that a restart would help. Says why
 * in `docker inspect`. Usage: node infra/docker/healthcheck.ts http://127.0.0.1:9100/livez
 */
const PATIENCE_MS = 4_000;

const [address = ''] = process.argv.slice(2);
try {
  const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
  process.stdout.write(`${answer.status} ${(await answer.text()).slice(0, 500)}\n`);
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  const { cause, message } = error as Error;
  process.stdout.write(`${address}: ${cause instanceof Error ? cause.message : message}\n`);
  process.exitCode = 1;
}

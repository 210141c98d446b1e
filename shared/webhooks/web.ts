import type { Env } from '../env.ts';
import { createSafeFetch, type SafeFetch } from '../safe-fetch.ts';

/** What checks the URLs of endpoints and what sends to them: one policy for both. */
export const openWebhookFetch = (env: Pick<Env, 'COTA_WEBHOOK_ALLOW' | 'COTA_WEBHOOK_HTTP'>): SafeFetch =>
  createSafeFetch({
    allow: env.COTA_WEBHOOK_ALLOW,
    allowHttp: env.COTA_WEBHOOK_HTTP,
    setting: 'COTA_WEBHOOK_ALLOW',
  });

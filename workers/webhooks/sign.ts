import { Webhook } from 'standardwebhooks';

/**
 * The headers of Standard Webhooks. Several secrets give several signatures: while one is being replaced, receivers that
 * know either accept the delivery.
 * @param secrets `whsec_...`
 * @param timestamp unix seconds of this try; receivers refuse what is older than five minutes
 */
export function signedHeaders(
  { event, body }: { readonly event: string; readonly body: string },
  secrets: readonly string[],
  timestamp: number,
): Record<string, string> {
  const at = new Date(timestamp * 1000);
  return {
    'webhook-id': event,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(event, at, body)).join(' '),
  };
}

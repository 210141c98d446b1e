/**
 * Hands events to the endpoints of a tenant. It is on the path of every run, so tenants without endpoints cost one
 * read of a counter every two seconds, and receivers are never waited for: what is sent is sent by workers/webhooks.
 */
import { openDeliveries } from './deliveries.ts';
import { endpointsOf } from './endpoints.ts';
import { envelopeOf, type WebhookEvent } from './events.ts';
import { hint } from './hints.ts';
import type { WebhookParts } from './parts.ts';
import { spill } from './spill.ts';

export { type EventType, eventIdOf, type WebhookEvent } from './events.ts';

/**
 * Hands the event to each endpoint of the tenant that wants it. May be repeated: a second call with the same id
 * delivers nothing twice. An endpoint made less than two seconds ago may miss it.
 * @throws StoreAway or a Redis error: call again later
 */
export async function emit(parts: WebhookParts, tenant: string, event: WebhookEvent): Promise<void> {
  const endpoints = await endpointsOf(parts, tenant);
  const wanting = endpoints.filter(
    ({ enabled, events }) => enabled && (events.includes('*') || events.some((type) => type === event.type)),
  );
  if (wanting.length === 0) return;
  const body = envelopeOf(event);
  const deliveries = openDeliveries(parts);
  for (const { id: endpoint } of wanting) {
    const added = await deliveries.add(tenant, endpoint, { event: event.id, type: event.type, body });
    if (added === 'full') await spill(parts, tenant, endpoint, { event: event.id, type: event.type, body });
    // Also for a delivery that is known: whoever added it may have died before this.
    await hint(parts, tenant, endpoint);
  }
}

import { createHash } from 'node:crypto';

const DELIVERY_ID = /^whd_([0-9a-z]{26})_[0-9a-f]{24}$/;

/** The same event and endpoint make the same delivery. The endpoint can be read from it. */
export function deliveryIdOf(endpoint: string, event: string): string {
  const digest = createHash('sha256').update(`${endpoint} ${event}`).digest('hex').slice(0, 24);
  return `whd_${endpoint.slice(3)}_${digest}`;
}

/** @returns undefined for what is no id of a delivery */
export function endpointOfDelivery(id: string): string | undefined {
  const ulid = DELIVERY_ID.exec(id)?.[1];
  return ulid === undefined ? undefined : `we_${ulid}`;
}

export const isDeliveryId = (id: string): boolean => DELIVERY_ID.test(id);

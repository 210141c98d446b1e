/**
 * Events of an endpoint that has been down for so long that Redis should hold no more of them. They lie in the store,
 * one small object each, and come back as room is made, so that nothing is lost and Redis stays flat.
 */
import { z } from 'zod';
import { paths } from '../keys.ts';
import { ObjectMissing } from '../object-store.ts';
import { MOST_WAITING, type NewDelivery, openDeliveries } from './deliveries.ts';
import type { WebhookParts } from './parts.ts';

const stored = z.object({ event: z.string(), type: z.string(), body: z.string() });
/** Fetched at a time. */
const AT_ONCE = 8;

/** May be repeated: the same event is the same object. @throws StoreAway or a Redis error */
export async function spill(parts: WebhookParts, tenant: string, endpoint: string, event: NewDelivery): Promise<void> {
  const key = `${paths.webhookSpill(tenant, endpoint)}${event.event}.json`;
  await parts.objects.put(key, Buffer.from(JSON.stringify(event)), { contentType: 'application/json' });
  // After the object: whoever takes the mark away looks for objects only then.
  await openDeliveries(parts).markSpilled(tenant, endpoint, true);
}

/** Whether it is worth looking: below this many that wait, events come back from the store. */
export const hasRoom = (waiting: number): boolean => waiting < MOST_WAITING / 2;

/**
 * Takes events back into Redis until it is full or none is left.
 * @returns how many came back
 */
export async function refill(parts: WebhookParts, tenant: string, endpoint: string): Promise<number> {
  const deliveries = openDeliveries(parts);
  await deliveries.markSpilled(tenant, endpoint, false);
  let back = 0;
  let full = false;
  const one = async (key: string): Promise<void> => {
    const event = await read(parts, key);
    if (!event || full) return;
    if ((await deliveries.add(tenant, endpoint, event)) === 'full') {
      full = true;
      return;
    }
    back += 1;
    await parts.objects.delete(key);
  };
  try {
    let group: string[] = [];
    for await (const { key } of parts.objects.list(paths.webhookSpill(tenant, endpoint))) {
      group.push(key);
      if (group.length < AT_ONCE) continue;
      await Promise.all(group.map(one));
      group = [];
      if (full) break;
    }
    await Promise.all(group.map(one));
  } catch (error) {
    await deliveries.markSpilled(tenant, endpoint, true);
    throw error;
  }
  if (full) await deliveries.markSpilled(tenant, endpoint, true);
  return back;
}

async function read({ objects }: WebhookParts, key: string): Promise<NewDelivery | undefined> {
  try {
    return stored.parse(JSON.parse((await objects.get(key)).bytes.toString()));
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
}

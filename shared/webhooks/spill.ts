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
  // After the object: whoever saw an earlier mark and no object takes this one not away.
  await openDeliveries(parts).markSpilled(tenant, endpoint);
}

/** Whether it is worth looking: below this many that wait, events come back from the store. */
export const hasRoom = (waiting: number): boolean => waiting < MOST_WAITING / 2;

/**
 * Takes events back into Redis until it is full or none is left. The mark goes last: whoever is killed in here leaves it
 * to the next one.
 * @returns how many came back
 */
export async function refill(parts: WebhookParts, tenant: string, endpoint: string): Promise<number> {
  const deliveries = openDeliveries(parts);
  let back = 0;
  for (;;) {
    const mark = await deliveries.spillMark(tenant, endpoint);
    if (mark === undefined) return back;
    const { found, added, full } = await takeBack(parts, tenant, endpoint);
    back += added;
    if (full) return back;
    if (found > 0) continue;
    await deliveries.unmarkSpilled(tenant, endpoint, mark);
    return back;
  }
}

/** Goes through what lies in the store once. */
async function takeBack(
  parts: WebhookParts,
  tenant: string,
  endpoint: string,
): Promise<{ readonly found: number; readonly added: number; readonly full: boolean }> {
  const deliveries = openDeliveries(parts);
  let found = 0;
  let added = 0;
  let full = false;
  const one = async (key: string): Promise<void> => {
    const event = await read(parts, key);
    if (!event || full) return;
    if ((await deliveries.add(tenant, endpoint, event)) === 'full') {
      full = true;
      return;
    }
    added += 1;
    await parts.objects.delete(key);
  };
  let group: string[] = [];
  for await (const { key } of parts.objects.list(paths.webhookSpill(tenant, endpoint))) {
    found += 1;
    group.push(key);
    if (group.length < AT_ONCE) continue;
    await Promise.all(group.map(one));
    group = [];
    if (full) break;
  }
  await Promise.all(group.map(one));
  return { found, added, full };
}

async function read({ objects }: WebhookParts, key: string): Promise<NewDelivery | undefined> {
  try {
    return stored.parse(JSON.parse((await objects.get(key)).bytes.toString()));
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
}

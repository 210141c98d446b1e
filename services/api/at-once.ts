/**
 * What one tenant may keep this process busy with at a time: requests in hand, and bytes of bodies in memory. Without
 * it, whoever sends a thousand pictures at once takes the memory that the others' requests need.
 */
import { CotaError } from '../../shared/errors.ts';

export interface AtOnce {
  /**
   * @param bytes of the body that will be held in memory
   * @returns call it when the request is over
   * @throws CotaError `rate_limit_exceeded`
   */
  take(tenant: string, bytes: number): () => void;
}

/** @param most requests of a tenant, 0 = any; `mostBytes` of bodies, however many requests those are */
export function openAtOnce(most: number, mostBytes: number): AtOnce {
  const held = new Map<string, { requests: number; bytes: number }>();
  return {
    take(tenant, bytes) {
      const mine = held.get(tenant) ?? { requests: 0, bytes: 0 };
      if (most > 0 && mine.requests >= most) {
        throw tooMany(`${most.toLocaleString('en')} requests of this tenant are being answered`);
      }
      // The first one always has room, so that no limit forbids what another allows.
      if (bytes > 0 && mine.bytes > 0 && mine.bytes + bytes > mostBytes) {
        throw tooMany(`requests of this tenant with ${mine.bytes.toLocaleString('en')} bytes are being answered`);
      }
      held.set(tenant, mine);
      mine.requests += 1;
      mine.bytes += bytes;
      let over = false;
      return () => {
        if (over) return;
        over = true;
        mine.requests -= 1;
        mine.bytes -= bytes;
        if (mine.requests === 0) held.delete(tenant);
      };
    },
  };
}

const tooMany = (what: string): CotaError =>
  new CotaError('rate_limit_exceeded', `${what} at the same time: send fewer at a time, or ask in the background.`, {
    retryAfterMs: 1_000,
  });

import { CotaError } from '../../shared/errors.ts';
import type { ApiRequest } from './http.ts';

/** @throws CotaError for a key that is empty, too long, or sent twice */
export function idempotencyKey(request: Pick<ApiRequest, 'headers'>): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new CotaError('invalid_value', 'Idempotency-Key must be 1 to 255 printable ASCII characters, sent once.', {
    param: 'Idempotency-Key',
  });
}

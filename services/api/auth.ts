import { createHash, timingSafeEqual } from 'node:crypto';
import { CotaError } from '../../shared/errors.ts';

/** The tenant of the one key there is; a table of hashed keys takes this place when there are more. */
const DEFAULT_TENANT = 'default';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * @param apiKey the key of this cluster
 * @returns a check of an Authorization header: the tenant whose key it holds, or a CotaError `invalid_api_key`
 */
export function createAuth(apiKey: string): (header: string | undefined) => string {
  const wanted = digest(apiKey);
  return (header) => {
    const [scheme = '', key = ''] = (header ?? '').split(' ', 2);
    if (scheme.toLowerCase() !== 'bearer' || key === '') {
      throw new CotaError('invalid_api_key', 'Send your API key: Authorization: Bearer <key>.');
    }
    // Digests have one length, and comparing them takes one time, whatever was sent.
    if (timingSafeEqual(digest(key), wanted)) return DEFAULT_TENANT;
    throw new CotaError('invalid_api_key', 'The API key is wrong: it is the COTA_API_KEY of this cluster.');
  };
}

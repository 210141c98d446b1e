/**
 * Signed links of the file store. The API serves them under LINK_PATH and needs no state: key and time of expiry are
 * signed with a secret that all API processes share, so a link works on each of them and survives a restart.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { assertKey, assertLinkLife, LinkRefused } from './contract.ts';

/** Where the API mounts the handler of signed links. */
export const LINK_PATH = '/v1/links/';

/** Path and query that open `key` until `expiresInSeconds` from `now` (epoch milliseconds). */
export function signLink(secret: string, key: string, expiresInSeconds: number, now = Date.now()): string {
  assertKey(key);
  assertLinkLife(expiresInSeconds);
  const expires = Math.floor(now / 1000) + expiresInSeconds;
  // Keys hold only characters that may stand in a path as they are, but for "+", "=" and "@": encoded, so that no proxy
  // or form decoder changes them on the way.
  const path = key.split('/').map(encodeURIComponent).join('/');
  return `${LINK_PATH}${path}?expires=${expires}&signature=${signature(secret, key, expires)}`;
}

/** The key that a path with its query opens; throws LinkRefused. The signature is checked before the time. */
export function verifyLink(secret: string, pathAndQuery: string, now = Date.now()): string {
  const invalid = () => new LinkRefused('invalid', 'This link is not valid. Ask the API for a new one.');
  const [path = '', query = ''] = pathAndQuery.split('?', 2);
  if (!path.startsWith(LINK_PATH)) throw invalid();
  let key: string;
  try {
    key = path.slice(LINK_PATH.length).split('/').map(decodeURIComponent).join('/');
    assertKey(key);
  } catch {
    throw invalid();
  }
  const params = new URLSearchParams(query);
  const expires = params.get('expires') ?? '';
  if (!/^\d{1,12}$/.test(expires)) throw invalid();
  const given = Buffer.from(params.get('signature') ?? '');
  const wanted = Buffer.from(signature(secret, key, Number(expires)));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw invalid();
  if (Number(expires) * 1000 <= now)
    throw new LinkRefused('expired', 'This link has expired. Ask the API for a new one.');
  return key;
}

function signature(secret: string, key: string, expires: number): string {
  return createHmac('sha256', secret).update(`GET\n${key}\n${expires}`).digest('base64url');
}

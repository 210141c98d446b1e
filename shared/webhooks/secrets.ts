/**
 * Signing secrets at rest: AES-256-GCM under keys that are made from settings. The first key seals; all open, so that
 * a key can be changed without touching any endpoint. Each sealed secret names its key.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { Env } from '../env.ts';
import { SettingsError } from '../env.ts';

/** `whsec_` and 32 bytes in base64, as Standard Webhooks writes secrets. */
export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

export interface Keyring {
  /** @param owner what the secret belongs to: a sealed secret that was moved to another owner does not open */
  seal(secret: string, owner: string): string;
  /** @throws SettingsError when the key that sealed it is not among the settings */
  open(sealed: string, owner: string): string;
}

/**
 * @throws SettingsError when there is nothing to make a key from
 */
export function openKeyring(env: Pick<Env, 'COTA_SECRET_KEY' | 'COTA_API_KEY'>): Keyring {
  const sources = [...env.COTA_SECRET_KEY, ...(env.COTA_API_KEY === undefined ? [] : [env.COTA_API_KEY])];
  const keys = sources.map((source) => {
    const key = Buffer.from(hkdfSync('sha256', source, '', 'cota webhook secrets', 32));
    return { id: createHash('sha256').update(key).digest('hex').slice(0, 8), key };
  });
  const [first] = keys;
  if (!first) {
    throw new SettingsError(
      'set COTA_SECRET_KEY to a secret of at least 16 characters: it keeps the signing secrets of webhooks, and the API and the webhook workers need the same one',
    );
  }
  return {
    seal(secret, owner) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', first.key, nonce).setAAD(Buffer.from(owner));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return ['v1', first.id, Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')].join(':');
    },
    open(sealed, owner) {
      const [version, id, packed = ''] = sealed.split(':');
      const found = keys.find((key) => key.id === id);
      if (version !== 'v1' || !found) {
        throw new SettingsError(
          `a webhook secret was sealed with key ${id ?? 'unknown'}, which COTA_SECRET_KEY does not hold here: add the earlier key behind the present one, separated by a comma, or rotate the endpoint's secret`,
        );
      }
      const bytes = Buffer.from(packed, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', found.key, bytes.subarray(0, 12), { authTagLength: 16 })
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    },
  };
}

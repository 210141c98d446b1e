/**
 * How an API key looks: `cota_<id>_<secret>`. The secret is 32 random bytes; the id is made from the secret, so that a
 * key with a typing error is known as such without any look-up. Only the key's SHA-256 is kept anywhere.
 */
import { createHash, randomBytes } from 'node:crypto';

const FORM = /^cota_([0-9a-z]{8})_([A-Za-z0-9_-]{43})$/;

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Eight characters of 0-9 a-z: 41 bits of a hash, which say nothing about the 256 of the secret. */
function idOf(secret: string): string {
  const number = sha256(`cota key id ${secret}`).readBigUInt64BE();
  return (number % 36n ** 8n).toString(36).padStart(8, '0');
}

export interface MintedKey {
  readonly id: string;
  /** The whole key, to be shown once. */
  readonly key: string;
  readonly hash: string;
}

export function mintApiKey(): MintedKey {
  const secret = randomBytes(32).toString('base64url');
  const id = idOf(secret);
  const key = `cota_${id}_${secret}`;
  return { id, key, hash: hashOf(key) };
}

/** What is kept of a key: 64 hex digits. */
export const hashOf = (key: string): string => sha256(key).toString('hex');

/** @returns whether the text can be a key at all: its form is right, and its id belongs to its secret */
export function isApiKey(text: string): boolean {
  const [, id, secret] = FORM.exec(text) ?? [];
  return id !== undefined && secret !== undefined && idOf(secret) === id;
}

/** What a key begins with, by which people recognise it. */
export const prefixOf = (id: string): string => `cota_${id}`;

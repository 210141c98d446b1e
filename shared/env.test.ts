import { expect, test } from 'vitest';
import { readEnv, SettingsError } from './env.ts';

test("the store's own bucket cannot be opened to requests: every tenant's objects are in it", () => {
  const buckets = { COTA_S3_BUCKET: 'cota', COTA_S3_READ_BUCKETS: 'photos, cota' };
  expect(() => readEnv({ COTA_STORE: 's3', ...buckets })).toThrow(SettingsError);
  expect(() => readEnv({ COTA_STORE: 's3', ...buckets })).toThrow(/COTA_S3_READ_BUCKETS must not have/);
  expect(readEnv({ COTA_STORE: 's3', ...buckets, COTA_S3_BUCKET: 'own' }).COTA_S3_READ_BUCKETS).toContain('cota');
  expect(readEnv({ COTA_STORE: 'fs', ...buckets }).COTA_STORE).toBe('fs');
});

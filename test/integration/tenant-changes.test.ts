/** Changes of one tenant at the same time: each is made to what the others have left, and none undoes another. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keys } from '../../shared/keys.ts';
import { tenant as tenantSchema } from '../../shared/tenants/tenants.ts';
import { type ApiHarness, startApiHarness } from '../api-harness.ts';

let harness: ApiHarness;
beforeAll(async () => {
  harness = await startApiHarness();
});
afterAll(() => harness?.stop());

/** As the store has it, which is what everybody goes by once Redis has lost its copy. */
async function kept(id: string): Promise<Record<string, unknown> | undefined> {
  const path = `system/tenants/${id}.json`;
  const { objects } = harness.cluster.shared;
  if (!(await objects.head(path))) return undefined;
  return JSON.parse((await objects.get(path)).bytes.toString()) as Record<string, unknown>;
}
const copied = async (id: string): Promise<unknown> => {
  const text = await harness.cluster.shared.redis.hget(keys.registry('tenants'), id);
  return text === null ? undefined : JSON.parse(text);
};
const rename = (id: string, n: number) => harness.post(`/v1/tenants/${id}`, { name: `name ${n}` });
const many = Array.from({ length: 12 }, (_, n) => n);

test('an order to delete outlives changes that were under way', async () => {
  for (const id of ['a0', 'a1', 'a2', 'a3', 'a4', 'a5']) {
    await harness.post('/v1/tenants', { id });
    const [ordered, ...changed] = await Promise.all([
      harness.fetch(`/v1/tenants/${id}`, { method: 'DELETE' }),
      ...many.map((n) => rename(id, n)),
    ]);
    expect(ordered.status).toBe(202);
    expect(changed.every(({ status }) => status === 200)).toBe(true);
    expect(await kept(id), id).toMatchObject({ erasing: { remove: true } });
    expect(await copied(id), id).toEqual(await kept(id));
  }
});

test('a change that is under way does not bring back a tenant that is removed', async () => {
  const { tenants } = harness.cluster.shared.tenancy;
  for (const n of many) {
    const id = `b${n}`;
    await harness.post('/v1/tenants', { id });
    const changes = many.map((name) => rename(id, name));
    // At another point of their way each time.
    await new Promise((resolve) => setTimeout(resolve, 2 * n));
    await tenants.remove(id);
    const statuses = (await Promise.all(changes)).map(({ status }) => status);
    expect(new Set(statuses).isSubsetOf(new Set([200, 404])), statuses.join()).toBe(true);
    expect([await copied(id), await kept(id)], id).toEqual([undefined, undefined]);
  }
});

test('changes of different fields are all there afterwards', async () => {
  await harness.post('/v1/tenants', { id: 'c' });
  const bodies = [
    { name: 'C' },
    { disabled: true },
    { quotas: { open_runs: 7 } },
    { quotas: { stored_bytes: 8 } },
    { retention_days: { runs: 9 } },
    { retention_days: { files: 10 } },
  ];
  await Promise.all(bodies.map((body) => harness.post('/v1/tenants/c', body)));
  const wanted = {
    ...{ name: 'C', disabled: true },
    ...{ quotas: { openRuns: 7, storedBytes: 8 }, retentionDays: { runs: 9, files: 10 } },
  };
  expect(await copied('c')).toMatchObject(wanted);
  expect(tenantSchema.parse(await kept('c'))).toEqual(await copied('c'));
});

test('of several that make a tenant of one name, one does', async () => {
  const replies = await Promise.all(many.map((n) => harness.post('/v1/tenants', { id: 'd', name: `d ${n}` })));
  expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array(11).fill(409)]);
  const made = (await replies.find(({ status }) => status === 200)?.json()) as { name: string };
  expect(await kept('d')).toMatchObject({ name: made.name });
});

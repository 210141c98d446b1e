import { expect, test } from 'vitest';
import { z } from 'zod';
import { newDocumentId, openDocuments } from '../../shared/documents.ts';
import { keys, paths } from '../../shared/keys.ts';
import { startTestClusters } from '../test-clusters.ts';

const schema = z.object({ id: z.string(), n: z.int() });

test('documents are listed by time, page by page, also where the index is lost and one cannot be read', async () => {
  const clusters = await startTestClusters('documents');
  const cluster = await clusters.open();
  const { redis, objects } = cluster;
  const documents = openDocuments(cluster, 'things', schema);
  const ids: string[] = [];
  for (let n = 0; n < 7; n++) {
    const id = newDocumentId('thing_');
    ids.push(id);
    await documents.put('t', { id, n });
    // Ids of one millisecond have no order among them.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const listed = async (order: 'asc' | 'desc', limit: number): Promise<string[]> => {
    const found: string[] = [];
    for (let after: string | undefined; ; after = found.at(-1)) {
      const page = await documents.list('t', { order, limit, after });
      expect(page.data.length).toBeLessThanOrEqual(limit);
      found.push(...page.data.map((one) => one.id));
      if (!page.hasMore) return found;
    }
  };
  expect(await listed('asc', 3)).toEqual(ids);
  expect(await listed('desc', 2)).toEqual(ids.toReversed());
  await redis.del(keys.documents('t', 'things'));
  expect(await listed('asc', 7)).toEqual(ids);
  const [first = '', second = ''] = ids;
  await documents.remove('t', first);
  await objects.put(paths.document('t', 'things', second), Buffer.from('{"id": 1}'), {
    contentType: 'application/json',
  });
  expect(await listed('desc', 10)).toEqual(ids.slice(2).toReversed());
  expect(await documents.get('t', first)).toBeUndefined();
  await expect(documents.get('t', second)).rejects.toThrow();
  expect(await documents.get('t', '../../secret')).toBeUndefined();
  expect((await documents.list('other', { order: 'asc', limit: 5 })).data).toEqual([]);
  await cluster.lifecycle.stop('test is over');
  await clusters.stop();
});

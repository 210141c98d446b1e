/** What came of a batch's lines, as its windows lie in the store once it is over. */
import { z } from 'zod';
import { readLines } from '../../../shared/files/jsonl.ts';
import { paths, runIdOf } from '../../../shared/keys.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';

export interface LineOutcome {
  readonly id: string;
  readonly run: string;
  /** Code of the error, where it has no answer. */
  readonly failed?: string;
}

/** As long as any result may be. */
const MOST_BYTES = 256 * 1024 * 1024;

const line = z.object({
  id: z.string(),
  custom_id: z.string(),
  response: z
    .object({
      status_code: z.int(),
      body: z.looseObject({ error: z.object({ code: z.string().nullable() }).nullish() }),
    })
    .nullable(),
  error: z.object({ code: z.string() }).nullable(),
});

/** In the order of windows; answers of a window first, then its errors. */
export async function* linesOfBatch(objects: ObjectStore, tenant: string, batch: string): AsyncGenerator<LineOutcome> {
  const folder = paths.batch(tenant, batch);
  const keys: string[] = [];
  for await (const { key } of objects.list(folder)) {
    if (/^(?:output|errors)\/\d+\.jsonl$/.test(key.slice(folder.length))) keys.push(key);
  }
  const window = (key: string): string => `${key.slice(key.lastIndexOf('/') + 1)} ${key.includes('/errors/') ? 1 : 0}`;
  keys.sort((a, b) => (window(a) < window(b) ? -1 : 1));
  for (const key of keys) {
    const { body } = await objects.stream(key);
    for await (const { text } of readLines(body, { maxLineBytes: MOST_BYTES })) {
      if (text === undefined) continue;
      const { id, custom_id, response, error } = line.parse(JSON.parse(text));
      const run = runIdOf(id.replace(/^batch_req_/, 'run_')) ?? id;
      const failed =
        error?.code ??
        (response && response.status_code !== 200 ? (response.body.error?.code ?? 'server_error') : undefined);
      yield { id: custom_id, run, ...(failed === undefined ? {} : { failed }) };
    }
  }
}

/**
 * The audit: who did what to keys, tenants and their data, when, from where, and with what outcome. Each line is an
 * object of its own, which nothing ever changes, and a line of the log.
 */
import { ulid } from 'ulid';
import { z } from 'zod';
import { type JsonObject, jsonObject } from '../contract.ts';
import { paths } from '../keys.ts';
import { ObjectMissing, type ObjectStore } from '../object-store.ts';
import type { Log } from '../telemetry.ts';

export const auditLine = z.object({
  id: z.string(),
  /** Unix seconds. */
  at: z.int(),
  /** Such as `api_key.create`. */
  action: z.string(),
  /** Id of the key that asked; `root` for that of the settings, `scheduler` for the end of a deletion. */
  actor: z.string(),
  /** The tenant of that key. */
  actorTenant: z.string(),
  /** What it was done to: a key's or tenant's id; null where there was none yet. */
  target: z.string().nullable(),
  ip: z.string(),
  requestId: z.string(),
  /** `ok`, or the code of the error. */
  outcome: z.string(),
  /** What was asked for. Never a secret. */
  details: jsonObject,
});
export type AuditLine = z.infer<typeof auditLine>;

export type NewAuditLine = Omit<AuditLine, 'id' | 'at' | 'details'> & { readonly details?: JsonObject };

export interface Audit {
  /** Never fails: what the store does not take stands in the log. */
  write(line: NewAuditLine): Promise<void>;
  /** To the log alone: for what anybody may cause as often as they like. */
  tell(line: NewAuditLine): void;
  /** @param after id of the last line of the page before */
  list(page: {
    readonly limit: number;
    readonly after?: string | undefined;
    readonly order: 'asc' | 'desc';
  }): Promise<{ readonly data: readonly AuditLine[]; readonly hasMore: boolean }>;
}

export function openAudit(objects: ObjectStore, log: Log): Audit {
  function tell({ details = {}, ...rest }: NewAuditLine): AuditLine {
    const now = Date.now();
    const id = `audit_${ulid(now).toLowerCase()}`;
    const line: AuditLine = { id, at: Math.floor(now / 1000), ...rest, details };
    log.info({ audit: true, ...line }, 'audit');
    return line;
  }

  return {
    tell,
    async write(about) {
      const line = tell(about);
      const path = paths.audit(new Date(line.at * 1000).toISOString().slice(0, 10), line.id);
      try {
        await objects.put(path, Buffer.from(JSON.stringify(line)), { contentType: 'application/json' });
      } catch (error) {
        log.error({ audit: true, ...line, error }, 'the store did not take this line of the audit');
      }
    },
    async list({ limit, after, order }) {
      const found: string[] = [];
      for await (const { key } of objects.list(paths.audits)) found.push(key);
      // Days and ids are both in the order of time.
      const sorted = order === 'asc' ? found.sort() : found.sort().reverse();
      const start = after === undefined ? 0 : sorted.findIndex((key) => idOf(key) === after) + 1;
      if (after !== undefined && start === 0) return { data: [], hasMore: false };
      const page = sorted.slice(start, start + limit);
      const lines = await Promise.all(page.map((key) => read(objects, key)));
      return { data: lines.filter((line) => line !== undefined), hasMore: sorted.length > start + limit };
    },
  };
}

const idOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1).replace(/\.json$/, '');

async function read(objects: ObjectStore, key: string): Promise<AuditLine | undefined> {
  try {
    return auditLine.parse(JSON.parse((await objects.get(key)).bytes.toString()));
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
}

/** What a mixture is made of, counted. */
import { z } from 'zod';
import type { Tables } from '../filter/tables.ts';

const counts = z.record(z.string(), z.int());

export const mixSummary = z.object({
  rows: z.int(),
  /** `wanted` is more than `rows` where there was a shortage. */
  parts: z.array(z.object({ name: z.string(), wanted: z.int(), rows: z.int() })),
  sources: counts,
  outcomes: counts,
  origins: counts,
  families: counts,
  skills: counts,
  /** Chains that call the tool at least once. */
  tools: counts,
  licences: counts,
  /** Chains turned into Direct ones for this mixture. */
  turnedDirect: z.int(),
  /** By o200k_base, of all dialogues without the system text. */
  tokens: z.int(),
  /** Versions of models and tools that made the chains, in order. */
  versions: z.array(z.string()),
});
export type MixSummary = z.infer<typeof mixSummary>;

export async function summarise(tables: Tables, parts: MixSummary['parts']): Promise<MixSummary> {
  await tables.connection.run('CREATE VIEW mixed AS SELECT chains.* FROM chains JOIN picks USING (file, row)');
  const count = async (value: string, from = 'mixed'): Promise<Record<string, number>> => {
    const rows = await tables.rows(
      `SELECT ${value} AS value, count(*)::INTEGER FROM ${from} GROUP BY value ORDER BY value`,
    );
    return Object.fromEntries((rows as [string, number][]).filter(([name]) => name !== ''));
  };
  const [totals = []] = await tables.rows(
    `SELECT count(*)::INTEGER, count(*) FILTER (direct)::INTEGER,
       coalesce(sum(tokens), 0)::DOUBLE FROM mixed`,
  );
  const [rows = 0, turnedDirect = 0, tokens = 0] = totals as number[];
  const made = await tables.rows('SELECT DISTINCT made FROM mixed WHERE NOT direct');
  const versions = new Set((made as [string][]).flatMap(([lines]) => lines.split('\n')).filter(Boolean));
  return {
    rows,
    parts,
    sources: await count('source'),
    outcomes: await count('outcome'),
    origins: await count('origin'),
    families: await count('family'),
    skills: await count('skill'),
    tools: await count('tool', "(SELECT unnest(list_distinct(string_split(tools, '>'))) AS tool FROM mixed)"),
    licences: await count('licence'),
    turnedDirect,
    tokens,
    versions: [...versions].sort(),
  };
}

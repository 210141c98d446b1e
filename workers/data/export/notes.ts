/** What a shard of the stage `export` tells those after it. */
import { z } from 'zod';
import { split } from '../../../shared/data/chain.ts';
import { exportFormat } from '../../../shared/data/recipe/export.ts';

const counts = z.record(z.string(), z.int());

export const exportNotes = z.object({
  format: exportFormat,
  /** Rows by split, licence and source. */
  splits: z.partialRecord(split, z.int()),
  licences: counts,
  sources: counts,
  /** Chains with pictures that were never drawn and are only named. */
  undrawn: z.int(),
});
export type ExportNotes = z.infer<typeof exportNotes>;

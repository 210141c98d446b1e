/** What of the filtered chains goes into the mixture, and how much of each. */
import { z } from 'zod';
import { split } from '../chain.ts';

const outcome = z.enum(['CoTA-pos', 'CoTA-neg', 'CoT-pos', 'CoT-neg', 'Direct']);

export const mixPart = z.strictObject({
  name: z.string(),
  /** Chains of this part: all fields that are given must hold. */
  origin: z.enum(['model', 'program']).optional(),
  outcomes: z.array(outcome).optional(),
  sources: z.array(z.string()).optional(),
  /** Splits; `train` alone where it is left out. */
  splits: z.array(split).min(1).optional(),
  /** Rows: a number, or a ratio to the rows of another part (`{of: model, ratio: 0.25}`); all there are where it is left out. */
  rows: z.union([z.int().nonnegative(), z.strictObject({ of: z.string(), ratio: z.number().positive() })]).optional(),
  /** At most so many rows of one source. */
  cap_per_source: z.int().positive().optional(),
  /** Rows of a source in proportion to these; else to what there is. */
  weights: z.record(z.string(), z.number().nonnegative()).optional(),
  /** Level out: take equal numbers per family or per sequence of tools, as far as there are enough. */
  balance: z.enum(['family', 'tools', 'skill']).optional(),
});
export type MixPart = z.infer<typeof mixPart>;

export const mixRecipe = z.strictObject({
  parts: z.array(mixPart).min(1),
  /** Chains turned into a Direct chain before they are taken: how TACO uses negatives. */
  direct_of: z.array(outcome).default([]),
  /** Too few rows for a part: stop with an error, or take what there is and say so in the manifest. */
  shortage: z.enum(['fail', 'take']).default('fail'),
  /** Rows of one output file, which is put together in memory. */
  shard_rows: z.int().positive().max(100_000).default(20_000),
  shuffle: z.boolean().default(true),
});
export type MixRecipe = z.infer<typeof mixRecipe>;

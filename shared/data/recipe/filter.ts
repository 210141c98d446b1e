/** What a chain must be to stay. Each rule that drops one is the reason that is kept with it. */
import { z } from 'zod';

export const filterRecipe = z.strictObject({
  /** Outcomes that stay. */
  outcomes: z.array(z.enum(['CoTA-pos', 'CoTA-neg', 'CoT-pos', 'CoT-neg', 'Direct'])).default(['CoTA-pos']),
  /** Tokens of the whole chain. */
  max_tokens: z.int().positive().default(8192),
  min_tokens: z.int().nonnegative().default(0),
  /** Tool calls at most. */
  max_calls: z.int().positive().optional(),
  /** Images at most. */
  max_images: z.int().positive().optional(),
  /** Every tool result must be used later, and every failed step be recovered. */
  useful_steps: z.boolean().default(true),
  /** Ask the independent checker again, of program-made chains. */
  checker: z.boolean().default(true),
  duplicates: z
    .strictObject({
      exact: z.boolean().default(true),
      /** Jaccard similarity of word 5-grams from which two texts are one. 0 = do not look. */
      text: z.number().min(0).max(1).default(0.9),
      /** Bits of the picture hash that two pictures of equal question may differ in. Absent = do not look. */
      image_bits: z.int().min(0).max(32).optional(),
    })
    .default({ exact: true, text: 0.9 }),
  /** Benchmark files that nothing may come from: inputs. */
  contamination: z
    .strictObject({
      files: z.array(z.string()).default([]),
      /** Share of a benchmark question's word 8-grams that a chain's question may hold. */
      ngram_share: z.number().min(0).max(1).default(0.7),
      image_bits: z.int().min(0).max(32).default(4),
    })
    .optional(),
  /** A source whose CoT-pos, or CoTA-neg, lead its CoTA-pos by more points than this is of no use for actions. */
  action_useless: z
    .strictObject({
      cot_lead: z.number().default(10),
      negative_lead: z.number().default(10),
      /** Sources with fewer verified chains are not judged. */
      least: z.int().nonnegative().default(100),
    })
    .optional(),
  /** Licences that may stay; all where it is left out. */
  licences: z.array(z.string()).optional(),
  /** No question skeleton may be more than this share of what stays. */
  skeleton_share: z.number().min(0).max(1).optional(),
});
export type FilterRecipe = z.infer<typeof filterRecipe>;

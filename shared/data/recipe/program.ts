/** Sources that programs make: scenes with full truth, questions about them, chains that carry their own proof. */
import { z } from 'zod';
import { split } from '../chain.ts';

/** Shares by name; what is not named has none. */
const shares = z.record(z.string(), z.number().nonnegative());

export const programSource = z.strictObject({
  /** Chains to make, over as many scenes as that takes. */
  chains: z.int().positive(),
  /** Question families and their shares; all in equal parts where it is left out. */
  families: shares.optional(),
  /** Where observations come from, in shares: `tool` runs the tools on drawn pictures, the others draw nothing. */
  observe: z
    .strictObject({
      annotation: z.number().nonnegative().default(0),
      noise: z.number().nonnegative().default(0),
      tool: z.number().nonnegative().default(0),
    })
    .default({ annotation: 0.3, noise: 0.7, tool: 0 }),
  /** Share of multiple choice; the rest are short answers. */
  multiple_choice: z.number().min(0).max(1).default(0.5),
  /** Share of unanswerable twins. */
  unanswerable: z.number().min(0).max(0.5).default(0.12),
  /** Splits in shares. */
  splits: z.partialRecord(split, z.number().nonnegative()).default({ train: 1 }),
  /** Draw each scene's pictures even where no tool looks at them. */
  draw: z.boolean().default(false),
  /** Scenes from annotation files of Visual Genome or COCO instead of our own: names of inputs. */
  annotations: z
    .strictObject({
      layout: z.enum(['visual-genome', 'coco']),
      files: z.record(z.string(), z.string()),
      /** Licence of the pictures and annotations, as their owner names it. */
      licence: z.string(),
    })
    .optional(),
});
export type ProgramSource = z.infer<typeof programSource>;

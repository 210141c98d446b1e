/** A question with its images and truth, as read from any of the layouts that benchmarks and instruction data come in. */
import { z } from 'zod';
import { split } from './chain.ts';

export const dataQuestion = z.object({
  /** Unique in its source. */
  id: z.string(),
  source: z.string(),
  split,
  /** Without the options. */
  question: z.string(),
  hint: z.string().optional(),
  choices: z.array(z.string()).optional(),
  /** The right letter for multiple choice; else the answer, where `<AND>` joins what must all be said and `<OR>` what may be. */
  truth: z.string(),
  /** Each in the object store (a key), or where a run can fetch it. */
  images: z.array(
    z.object({
      key: z.string().optional(),
      url: z.string().optional(),
      sha256: z.string().optional(),
      width: z.int().optional(),
      height: z.int().optional(),
      contentType: z.string().optional(),
      /** See ChainImage. */
      phash: z.string().optional(),
    }),
  ),
  /** What benchmarks call category, skill or capability. */
  skills: z.array(z.string()),
  licence: z.string(),
});
export type DataQuestion = z.infer<typeof dataQuestion>;

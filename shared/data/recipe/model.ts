/** Sources that a model answers: questions with images and truth, asked of the cluster, verified by rule and by judge. */
import { z } from 'zod';
import { split } from '../chain.ts';

export const judgeRecipe = z.strictObject({
  /** Id in models.yaml. */
  model: z.string(),
  /** Right from this score on. */
  threshold: z.number().min(0).max(1).default(0.5),
});

export const modelSource = z.strictObject({
  /** Input with the questions: a file id, or a path that the CLI uploads. */
  file: z.string(),
  layout: z.enum(['vlmevalkit', 'cauldron', 'mantis', 'llava', 'jsonl']),
  /** An archive (zip or tar) with the pictures that the questions name by path: an input too. */
  images: z.string().optional(),
  /** Id in models.yaml. */
  model: z.string(),
  /** Names of tools to offer; all that are ready where it is left out. */
  tools: z.array(z.string()).optional(),
  /** Times that each question is asked, each with a seed of its own. */
  samples: z.int().min(1).max(64).default(1),
  temperature: z.number().min(0).max(2).optional(),
  replies: z.int().min(1).max(100).optional(),
  /** Questions at most, the first ones in an order that the seed gives; turns of a conversation at most. */
  limit: z.int().positive().optional(),
  turns_per_image: z.int().positive().default(3),
  judge: judgeRecipe.optional(),
  /** Relative tolerance for numbers. */
  tolerance: z.number().min(0).max(1).default(0),
  /** Make a Direct chain of each question whose answers were all wrong, as TACO does. */
  direct: z.boolean().default(true),
  split: split.default('train'),
  licence: z.string(),
});
export type ModelSource = z.infer<typeof modelSource>;

/** Runs that are in the store already. */
export const runsSource = z.strictObject({
  /** A batch's runs; else the tenant's runs that the other fields choose. */
  batch: z.string().optional(),
  model: z.string().optional(),
  /** ISO 8601. */
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  /** Metadata that a run must have. */
  metadata: z.record(z.string(), z.string()).optional(),
  /** Name of the metadata field that holds the truth; runs without one are kept only where there is a judge, and counted else. */
  truth: z.string().default('truth'),
  /** Truths by custom_id or run id, as `{id, truth}` lines: an input. */
  truths: z.string().optional(),
  judge: judgeRecipe.optional(),
  tolerance: z.number().min(0).max(1).default(0),
  split: split.default('train'),
  licence: z.string(),
});
export type RunsSource = z.infer<typeof runsSource>;

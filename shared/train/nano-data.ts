/** What a recipe says of cota-nano's data; workers/train/nano/prepare.ts makes it. */
import { z } from 'zod';

export const nanoData = z.strictObject({
  /** Drills to make, a name of its own for each kind. */
  drills: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be lower-case letters, digits and -, 40 at most'),
        examples: z.int().positive(),
        /** Fewest and most rows of a page: no tuple, which JSON Schema 2020-12 writes in words that generators of clients do not know. */
        rows: z
          .array(z.int().positive())
          .length(2)
          .refine(([fewest = 0, most = 0]) => fewest <= most, 'must be the fewest rows, then the most'),
        questions: z.int().min(1).max(20),
        /** Share of searches for things. */
        regions: z.number().min(0).max(1).default(0),
        /** Share of lines to be said again. */
        copies: z.number().min(0).max(1).default(0),
        /** Share of lists that are asked by place: the third, the last, the heading. They and tables have lengths of their own. */
        lists: z.number().min(0).max(1).default(0),
        /** Share of tables that are computed by column. */
        tables: z.number().min(0).max(1).default(0),
        /** Share of receipts: company, date, total, change, lines. */
        receipts: z.number().min(0).max(1).default(0),
        /** Two columns, asked from either side, nothing else. */
        simple: z.boolean().default(false),
        /** Kept for judging: never among what is trained on. */
        held_out: z.boolean().default(false),
      }),
    )
    .refine((drills) => new Set(drills.map(({ name }) => name)).size === drills.length, 'must have names of their own')
    .default([]),
  /** Share of multiple-choice chains that are kept: their options are long and teach little. */
  multiple_choice: z.number().min(0).max(1).default(0.4),
  /** Chains of one scene stand together in the files; so many examples are one shard. */
  shard: z.int().positive().default(20_000),
});
export type NanoData = z.infer<typeof nanoData>;

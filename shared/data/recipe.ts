/**
 * A recipe: a declared way to make, filter, mix and export chains, with a seed. The same recipe and input give the same
 * bytes. Sections that are left out are not done; those that are there are done in this order.
 */
import { z } from 'zod';
import { exportFormat, exportOptions } from './recipe/export.ts';
import { filterRecipe } from './recipe/filter.ts';
import { mixRecipe } from './recipe/mix.ts';
import { modelSource, runsSource } from './recipe/model.ts';
import { programSource } from './recipe/program.ts';

const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,39}$/,
    'must be lower-case letters, digits, - and _, 40 at most, beginning with a letter or digit',
  );

/** Exactly one of the fields beside the name says what kind of source it is. */
export const source = z
  .strictObject({
    name,
    program: programSource.optional(),
    model: modelSource.optional(),
    runs: runsSource.optional(),
    /** Chains of an earlier data job, by its id; nothing is copied. */
    dataset: z.string().optional(),
    /** A JSONL file of chains in Cota's own layout, plain, gzip or zstd: an input. */
    chains: z.string().optional(),
  })
  .refine(({ name: _, ...kinds }) => Object.values(kinds).filter((kind) => kind !== undefined).length === 1, {
    error: 'must have exactly one of program, model, runs, dataset, chains',
  });
export type Source = z.infer<typeof source>;

export const recipe = z
  .strictObject({
    name,
    seed: z
      .int()
      .nonnegative()
      .max(2 ** 31 - 1),
    sources: z.array(source).min(1),
    filter: filterRecipe.optional(),
    mix: mixRecipe.optional(),
    export: z.array(exportFormat).default([]),
    export_options: exportOptions.optional(),
    report: z.boolean().default(true),
    /** Chains, or questions, of one shard: the piece that is made anew when its worker dies. */
    shard: z.int().min(1).max(100_000).default(5_000),
  })
  .refine(({ sources }) => new Set(sources.map(({ name }) => name)).size === sources.length, {
    error: 'two sources have the same name',
    path: ['sources'],
  });
export type Recipe = z.infer<typeof recipe>;

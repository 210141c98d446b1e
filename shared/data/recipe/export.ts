import { z } from 'zod';

/** Layouts that trainers read; each is written with what its loader needs beside it, and read back and compared. */
export const exportFormat = z.enum(['mantis', 'llava', 'llama-factory', 'ms-swift', 'trl', 'openai', 'parquet']);
export type ExportFormat = z.infer<typeof exportFormat>;

export const exportOptions = z.strictObject({
  /** A chain with a picture that was never drawn: stop with an error, or write it as text, its pictures named by their size. */
  undrawn: z.enum(['fail', 'text']).default('fail'),
  /**
   * How ms-swift, trl and openai say an action: as calls of functions, or as the JSON text that Cota's own workers ask
   * models for. The other formats know text only.
   */
  calls: z.enum(['native', 'text']).default('native'),
});
export type ExportOptions = z.infer<typeof exportOptions>;

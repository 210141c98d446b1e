import { z } from 'zod';

/** Layouts that trainers read; each is written with what its loader needs beside it, and read back and compared. */
export const exportFormat = z.enum(['mantis', 'llava', 'llama-factory', 'ms-swift', 'trl', 'openai', 'parquet']);
export type ExportFormat = z.infer<typeof exportFormat>;

/** A file that a user uploaded, or that a batch made: its document, and the shape that OpenAI's clients know. */
import { z } from 'zod';

/** What a file may be for. `batch_output` and `fine-tune-results` are made by the cluster itself. */
export const FILE_PURPOSES = [
  'batch',
  'batch_output',
  'fine-tune',
  'fine-tune-results',
  'vision',
  'user_data',
] as const;
export type FilePurpose = (typeof FILE_PURPOSES)[number];

export const storedFile = z.object({
  id: z.string(),
  filename: z.string(),
  purpose: z.enum(FILE_PURPOSES),
  bytes: z.int().nonnegative(),
  /** Unix seconds. */
  createdAt: z.int(),
  /** Unix seconds; null = kept until it is deleted. */
  expiresAt: z.int().nullable(),
  contentType: z.string(),
  /** The objects that make up its content, in order. */
  parts: z.array(z.object({ key: z.string(), bytes: z.int().nonnegative() })),
});
export type StoredFile = z.infer<typeof storedFile>;

export const fileObjectSchema = z.strictObject({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.int().nonnegative(),
  created_at: z.int().describe('Unix seconds.'),
  expires_at: z.int().nullable().describe('Unix seconds; null: kept until it is deleted.'),
  filename: z.string(),
  purpose: z.enum(FILE_PURPOSES),
  status: z.literal('processed'),
  status_details: z.null(),
});
export type FileObject = z.infer<typeof fileObjectSchema>;

/** The file as OpenAI's File object. */
export function fileObject(file: StoredFile): FileObject {
  return {
    id: file.id,
    object: 'file',
    bytes: file.bytes,
    created_at: file.createdAt,
    expires_at: file.expiresAt,
    filename: file.filename,
    purpose: file.purpose,
    status: 'processed',
    status_details: null,
  };
}

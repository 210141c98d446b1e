/** Files: what batches read and write, and images that many requests name. */
import { z } from 'zod';
import { fileObjectSchema } from '../../../shared/files/file.ts';
import {
  createFile,
  deleteFile,
  getFile,
  getFileContent,
  listFiles,
  listQuery,
  uploadForm,
} from '../handlers/files.ts';
import type { RouteGroup } from '../http.ts';

const deleted = z.strictObject({ id: z.string(), object: z.literal('file'), deleted: z.literal(true) });
const fileList = z.strictObject({
  object: z.literal('list'),
  data: z.array(fileObjectSchema),
  has_more: z.boolean(),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
});

export const files: RouteGroup = {
  title: 'Files',
  routes: [
    {
      method: 'POST',
      path: '/v1/files',
      handler: createFile,
      summary: 'Upload a file: requests for a batch as JSONL, or an image that requests name by file_id.',
      multipart: true,
      schema: { body: uploadForm, reply: fileObjectSchema },
    },
    {
      method: 'GET',
      path: '/v1/files',
      handler: listFiles,
      summary: 'The files, newest first.',
      schema: { query: listQuery, reply: fileList },
    },
    {
      method: 'GET',
      path: '/v1/files/{id}',
      handler: getFile,
      summary: 'One file, without its content.',
      schema: { reply: fileObjectSchema },
    },
    {
      method: 'GET',
      path: '/v1/files/{id}/content',
      handler: getFileContent,
      summary: 'The content of a file; a Range header gives a part of it.',
      schema: { produces: 'application/octet-stream' },
    },
    {
      method: 'DELETE',
      path: '/v1/files/{id}',
      handler: deleteFile,
      summary: 'Remove a file and its content.',
      schema: { reply: deleted },
    },
  ],
  names: { File: fileObjectSchema, FileList: fileList, UploadFile: uploadForm },
};

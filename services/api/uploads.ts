/** Bodies of multipart/form-data, part by part while they come in: files are streams, and never held in memory. */
import { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CotaError } from '../../shared/errors.ts';
import type { UploadPart } from './http.ts';

/** An upload may take as long as it needs, but not be silent for longer than this. */
const IDLE_MS = 60_000;
/** Fields are a purpose and a few numbers. */
const LIMITS = { fieldNameSize: 100, fieldSize: 1_000, fields: 20, files: 5, fileSize: Number.POSITIVE_INFINITY };

/** Teaches a part of the server to take multipart bodies, beside JSON. */
export async function acceptUploads(scope: FastifyInstance): Promise<void> {
  await scope.register(multipart, { limits: LIMITS, throwFileSizeLimit: false });
}

export const isMultipart = ({ headers }: FastifyRequest): boolean =>
  /^multipart\/form-data\b/i.test(headers['content-type'] ?? '');

/**
 * The stream of a file must be read before the next part comes.
 * @throws CotaError, also from the stream of a file, for what cannot be read or was cut short
 */
export async function* uploadParts(request: FastifyRequest): AsyncGenerator<UploadPart> {
  if (!request.isMultipart()) {
    throw new CotaError('unsupported_media_type', 'Send a form with the file in it: Content-Type multipart/form-data.');
  }
  const { socket } = request.raw;
  socket.setTimeout(IDLE_MS);
  const parts = request.parts();
  try {
    for (;;) {
      const { value: part, done } = await parts.next().catch(unreadable);
      if (done) return;
      if (part.type === 'field') {
        if (part.fieldnameTruncated || part.valueTruncated) {
          throw new CotaError('invalid_value', 'A field of the form is far too long.', {
            param: part.fieldname.slice(0, 100),
          });
        }
        yield { kind: 'field', name: part.fieldname, value: String(part.value) };
      } else {
        const { fieldname: name, filename, mimetype: contentType, file } = part;
        yield { kind: 'file', name, filename, contentType, body: Readable.from(readable(file), { objectMode: false }) };
      }
    }
  } finally {
    socket.setTimeout(0);
    // Whoever stops half-way leaves the rest of the body to the server.
    request.raw.unpipe();
  }
}

async function* readable(file: Readable): AsyncGenerator<Buffer> {
  try {
    yield* file as AsyncIterable<Buffer>;
  } catch (error) {
    unreadable(error);
  }
}

/** Everything that a parser throws is a fault of what came in. */
function unreadable(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'FST_FIELDS_LIMIT' || code === 'FST_FILES_LIMIT' || code === 'FST_PARTS_LIMIT') {
    throw new CotaError('invalid_request', 'The form has far too many fields.', { cause: error });
  }
  throw new CotaError('invalid_request', 'The form cannot be read, or was cut short: send it again.', { cause: error });
}

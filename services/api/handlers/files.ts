/** /v1/files: upload, list, look at, read, delete. */
import { z } from 'zod';
import { CotaError } from '../../../shared/errors.ts';
import { FILE_PURPOSES, fileObject, type StoredFile } from '../../../shared/files/file.ts';
import type { StagedContent } from '../../../shared/files/files.ts';
import { parseStrictly } from '../../../shared/request/issues.ts';
import { askedRange } from '../byte-range.ts';
import type { ApiParts, ApiRequest, Handler } from '../http.ts';

/** Purposes that a client may upload for; the others are made by batches and fine-tuning jobs. */
const UPLOADED = FILE_PURPOSES.filter((purpose) => purpose !== 'batch_output' && purpose !== 'fine-tune-results');
const PURPOSES =
  'purpose may be "batch" (requests as JSONL), "fine-tune" (chains as JSONL), "vision" or "user_data" (images, inputs of data jobs).';

const purposeWords = (purpose: unknown): string => {
  if (purpose === 'fine-tune-results')
    return `Files of purpose "fine-tune-results" are made by fine-tuning. ${PURPOSES}`;
  if (purpose === 'batch_output') return `Files of purpose "batch_output" are made by batches. ${PURPOSES}`;
  return PURPOSES;
};

/** Fields of the form beside the file. */
export const fileForm = z.strictObject({
  purpose: z.enum(UPLOADED as ['batch', 'fine-tune', 'vision', 'user_data'], {
    error: (issue) => purposeWords(issue.input),
  }),
  expires_after: z
    .strictObject({
      anchor: z.literal('created_at', { error: 'expires_after[anchor] must be "created_at".' }),
      seconds: z.coerce
        .number({ error: 'expires_after[seconds] is a number: 3,600 (an hour) to 2,592,000 (30 days).' })
        .int()
        .min(3_600)
        .max(2_592_000),
    })
    .optional(),
});

/** The form as /openapi.json describes it. */
export const uploadForm = fileForm.extend({ file: z.string().meta({ format: 'binary' }) });

export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
  after: z
    .string()
    .regex(/^file-[0-9a-z]{26}$/, 'after is the id of a file: the last one of the page before.')
    .optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
  purpose: z.enum(FILE_PURPOSES).optional(),
});

export const createFile: Handler = async (request, parts) => {
  const { files, vitals } = parts;
  await vitals.assertRoom();
  const form = await readForm(request, parts);
  const { staged, filename } = form;
  try {
    const { purpose, expires_after: expires } = parseStrictly(fileForm, formOf(form.fields));
    if (staged.bytes === 0) throw new CotaError('invalid_value', 'The file is empty.', { param: 'file' });
    const expiresAt = expires ? Math.floor(Date.now() / 1000) + expires.seconds : null;
    const file = await files.keep(request.tenant, staged, { filename, purpose, expiresAt });
    return { body: fileObject(file) };
  } catch (error) {
    await files.discard(request.tenant, staged).catch(() => undefined);
    throw error;
  }
};

interface Form {
  readonly fields: FormFields;
  readonly staged: StagedContent;
  readonly filename: string;
}

/** Takes the form in, the file into the store. Its fields may stand before or behind the file. */
async function readForm(request: ApiRequest, { files, env }: ApiParts): Promise<Form> {
  const { tenant } = request;
  assertSize(request, env.COTA_FILE_BYTES);
  const fields: FormFields = { expires_after: {} };
  let found: { staged: StagedContent; filename: string } | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.kind === 'field') {
        if (part.name === 'file') throw fileMissing('`file` came as text: send it as a file, with a filename.');
        setField(fields, part.name, part.value);
        // A wrong purpose that stands before the file need not wait for it.
        if (part.name === 'purpose') parseStrictly(fileForm.pick({ purpose: true }), { purpose: part.value });
        continue;
      }
      if (part.name !== 'file') throw unknownField(part.name);
      if (found) throw new CotaError('invalid_value', 'Send one file at a time.', { param: 'file' });
      const limit = { maxBytes: env.COTA_FILE_BYTES };
      const staged = await files.stage(tenant, typeOf(part.contentType), part.body, limit);
      found = { staged, filename: nameOf(part.filename) };
    }
    if (!found) throw fileMissing("Missing required parameter: 'file': a form field with the file in it.");
    return { ...found, fields };
  } catch (error) {
    if (found) await files.discard(tenant, found.staged).catch(() => undefined);
    throw error;
  }
}

const fileMissing = (words: string): CotaError => new CotaError('missing_required_parameter', words, { param: 'file' });
const unknownField = (name: string): CotaError =>
  new CotaError('unknown_parameter', `Unknown parameter: '${name.slice(0, 100)}'.`, { param: name.slice(0, 100) });

/** What the length of the whole form already says. */
function assertSize({ headers }: ApiRequest, maxBytes: number): void {
  const FORM_ITSELF = 64 * 1024;
  if (Number(headers['content-length'] ?? 0) <= maxBytes + FORM_ITSELF) return;
  const most = maxBytes.toLocaleString('en');
  throw new CotaError('body_too_large', `A file may have at most ${most} bytes (COTA_FILE_BYTES): split it.`, {
    param: 'file',
  });
}

/** The names are known beforehand, so that no name of a client's becomes one of ours. */
function setField(fields: FormFields, name: string, value: string): void {
  const target = name === 'purpose' ? fields : name.startsWith('expires_after[') ? fields.expires_after : undefined;
  const key = name === 'purpose' ? 'purpose' : EXPIRES.find((one) => name === `expires_after[${one}]`);
  if (target === undefined || key === undefined) throw unknownField(name);
  if (Object.hasOwn(target, key)) {
    throw new CotaError('invalid_value', `The field '${name}' is there twice.`, { param: name });
  }
  Object.assign(target, { [key]: value });
}

const EXPIRES = ['anchor', 'seconds'];

/** What came, as the schema reads it. */
interface FormFields {
  readonly purpose?: string;
  readonly expires_after: { readonly anchor?: string; readonly seconds?: string };
}
const formOf = ({ expires_after, ...fields }: FormFields): object =>
  Object.keys(expires_after).length === 0 ? fields : { ...fields, expires_after };

/** The last part of a path, without what no file name has. */
function nameOf(filename: string | undefined): string {
  const [last = ''] = (filename ?? '').split(/[/\\]/).slice(-1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  const plain = last.replace(/[\x00-\x1f\x7f]/g, '').trim();
  return plain === '' ? 'file' : plain.slice(0, 255);
}

/** Types come from the client, and go back in a header. */
function typeOf(contentType: string): string {
  return /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(contentType) ? contentType : 'application/octet-stream';
}

export const listFiles: Handler = async ({ tenant, query }, { files }) => {
  const { data, hasMore } = await files.list(tenant, query as z.infer<typeof listQuery>);
  return {
    body: {
      object: 'list',
      data: data.map(fileObject),
      has_more: hasMore,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
    },
  };
};

export const getFile: Handler = async (request, parts) => ({ body: fileObject(await found(request, parts)) });

export const getFileContent: Handler = async (request, parts) => {
  const file = await found(request, parts);
  const range = askedRange(request.headers.range, file.bytes);
  const body = await parts.files.stream(file, range);
  const bytes = range ? range.end - range.start + 1 : file.bytes;
  return {
    status: range ? 206 : 200,
    body,
    headers: {
      'content-type': file.contentType,
      'content-length': String(bytes),
      ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${file.bytes}` } : {}),
      'accept-ranges': 'bytes',
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.filename)}`,
      'cache-control': 'private, max-age=300',
      // What users send is shown as what they say it is, and runs nothing in a browser.
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    },
  };
};

export const deleteFile: Handler = async (request, { files, batches, dataJobs, trainJobs }) => {
  const { id = '' } = request.params;
  const reader = await batches.readerOf(request.tenant, id);
  if (reader !== undefined) {
    throw new CotaError('file_in_use', `The batch ${reader} reads this file: cancel it first, or wait for its end.`);
  }
  const job = await dataJobs.userOf(request.tenant, id);
  if (job !== undefined) {
    throw new CotaError('file_in_use', `The data job ${job} reads this file: cancel it first, or wait for its end.`);
  }
  const training = await trainJobs.userOf(request.tenant, id);
  if (training !== undefined) {
    const words = `The fine-tuning job ${training} reads this file: cancel it first, or wait for its end.`;
    throw new CotaError('file_in_use', words);
  }
  if (!(await files.remove(request.tenant, id))) throw noFile(id);
  return { body: { id, object: 'file', deleted: true } };
};

async function found({ tenant, params: { id = '' } }: ApiRequest, { files }: ApiParts): Promise<StoredFile> {
  const file = await files.get(tenant, id);
  if (file) return file;
  throw noFile(id);
}

const noFile = (id: string): CotaError =>
  new CotaError('not_found', `There is no file '${id.slice(0, 100)}', or it was deleted or has expired.`);

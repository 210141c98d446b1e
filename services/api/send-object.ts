/** An object of the store as an answer, whole or the range that was asked for. */
import { askedRange } from './byte-range.ts';
import type { ApiParts, ApiReply, ApiRequest } from './http.ts';

/** @throws what `missing` makes where there is no such object */
export async function sendObject(
  request: Pick<ApiRequest, 'headers'>,
  { objects }: Pick<ApiParts, 'objects'>,
  key: string,
  missing: () => Error,
): Promise<ApiReply> {
  const size = (await objects.head(key))?.size;
  if (size === undefined) throw missing();
  const range = size === 0 ? undefined : askedRange(request.headers.range, size);
  const { body, contentType } = await objects.stream(key, range);
  return {
    status: range ? 206 : 200,
    body,
    headers: {
      'content-type': contentType,
      'content-length': String(range ? range.end - range.start + 1 : size),
      ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${size}` } : {}),
      'accept-ranges': 'bytes',
      'cache-control': 'private, max-age=300',
      'x-content-type-options': 'nosniff',
      // A report draws with its own script and style, and asks nobody for anything.
      'content-security-policy':
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; sandbox allow-scripts",
    },
  };
}

/** Images as `cota ask` takes them: local files become data URLs, https URLs are fetched by the cluster. */
import { readFileSync, statSync } from 'node:fs';
import { fromHere } from '../stack/settings.ts';
import { UserError } from '../user-error.ts';

/** First bytes of the formats; what else an image must be, the cluster checks. */
const FORMATS: readonly { readonly type: string; readonly is: (bytes: Buffer) => boolean }[] = [
  { type: 'image/png', is: (bytes) => bytes.subarray(0, 8).toString('latin1') === '\u0089PNG\r\n\u001a\n' },
  { type: 'image/jpeg', is: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff },
  { type: 'image/gif', is: (bytes) => /^GIF8[79]a$/.test(bytes.subarray(0, 6).toString('latin1')) },
  {
    type: 'image/webp',
    is: (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
  },
];

export const isUrl = (word: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(word) || word.startsWith('data:');

/**
 * @returns a URL for `image_url`
 * @throws UserError when the file is missing, empty, or no image
 */
export function pictureUrl(word: string): string {
  if (isUrl(word)) return word;
  const bytes = readPicture(word);
  if (bytes.length === 0) throw new UserError(`${word} is empty`);
  const format = FORMATS.find(({ is }) => is(bytes));
  if (!format) throw new UserError(`${word} is no image that Cota reads: give a PNG, JPEG, WebP or GIF file`);
  return `data:${format.type};base64,${bytes.toString('base64')}`;
}

function readPicture(word: string): Buffer {
  const path = fromHere(word);
  try {
    if (statSync(path).isDirectory()) throw new UserError(`${word} is a folder: name the image in it`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined && NOT_THERE.has(code)) throw new UserError(`there is no file ${word.slice(0, 200)}`);
    throw new UserError(`cannot read ${word}: ${message}`);
  }
}

/** Whether the word names something on this disk: a question hardly ever does. */
export function isFile(word: string): boolean {
  try {
    return statSync(fromHere(word), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // A file that may not be looked at is one; a question is too long for a name.
    return !NOT_THERE.has((error as NodeJS.ErrnoException).code ?? '');
  }
}

const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

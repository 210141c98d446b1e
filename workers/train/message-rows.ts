/** Lines of a file in OpenAI's layout, checked before a trainer reads them: it runs with the rights of the train worker. */
import type { Readable } from 'node:stream';
import { CotaError } from '../../shared/errors.ts';
import { readLines } from '../../shared/files/jsonl.ts';
import { isTooDeep } from '../../shared/json-depth.ts';

const MOST_LINE_BYTES = 16 * 1024 * 1024;
/** Fields from whose values trainers open files and addresses. */
const MEDIA = new Set([
  'image',
  'images',
  'image_url',
  'video',
  'videos',
  'video_url',
  'audio',
  'audios',
  'input_audio',
]);
/** As ms-swift reads it within a text. */
const TAG = /<(img|video|audio)>/i;

/**
 * @param id of the file, for errors
 * @throws CotaError that names the line
 */
export async function* checkedMessages(body: Readable, id: string): AsyncGenerator<string> {
  for await (const { number, text, problem } of readLines(body, { maxLineBytes: MOST_LINE_BYTES })) {
    const fault = (why: string): CotaError =>
      new CotaError('invalid_value', `Line ${number} of ${id} cannot be trained on: ${why}.`, {
        param: 'training_file',
      });
    if (text === undefined) throw fault(problem === 'too_long' ? 'it is too long' : 'it is not UTF-8');
    let row: unknown;
    try {
      row = JSON.parse(text);
    } catch {
      throw fault('it is not JSON');
    }
    if (isTooDeep(row)) throw fault('it is a deep nest');
    const { messages } = (typeof row === 'object' ? (row ?? {}) : {}) as { messages?: unknown };
    if (!Array.isArray(messages) || messages.length === 0) throw fault('it has no messages');
    const wrong = foreign(row, false);
    if (wrong !== undefined)
      throw fault(
        `it names ${JSON.stringify(wrong.slice(0, 100))}, which the trainer would open on its own machine: give the picture itself as a data: URL, or train on chains`,
      );
    // What was looked at, and no other: a field may stand twice in the text.
    yield `${JSON.stringify(row)}\n`;
  }
}

/** @returns a text that a trainer would take for the place of a picture, a film or a sound */
function foreign(value: unknown, isMedia: boolean): string | undefined {
  if (typeof value === 'string') {
    if (isMedia ? value.startsWith('data:') : !TAG.test(value)) return undefined;
    return value;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, one] of Object.entries(value)) {
    const isPlace = name === 'url' || name === 'path' || name === 'data' || Array.isArray(value);
    const found = foreign(one, MEDIA.has(name) || (isMedia && isPlace));
    if (found !== undefined) return found;
  }
  return undefined;
}

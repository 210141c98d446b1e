/** One line of a batch's input: its shape, and what its run is called. */
import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import { type BatchEndpoint, batchEndpoint, type LineProblem } from './contract.ts';

export interface BatchLine {
  readonly customId: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** As long as OpenAI's metadata values. */
const MAX_CUSTOM_ID = 512;

type Fault = Pick<LineProblem, 'code' | 'message' | 'param'>;

/** What is wrong with a line apart from its body, which is judged when its run is made; or the line. */
export function readLine(text: string, endpoint: BatchEndpoint): BatchLine | Fault {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return { code: 'invalid_json_line', message: 'This line is not valid JSON.', param: null };
  }
  if (!isMap(line)) return { code: 'invalid_json_line', message: 'A line must be a JSON object.', param: null };
  const { custom_id: customId, method, url, body, ...rest } = line;
  if (typeof customId !== 'string' || customId === '') {
    return fault('missing_required_parameter', 'Give each line a custom_id: a text of your own.', 'custom_id');
  }
  if (customId.length > MAX_CUSTOM_ID) {
    const words = `A custom_id may have at most ${MAX_CUSTOM_ID} characters, got ${customId.length}.`;
    return fault('string_above_max_length', words, 'custom_id');
  }
  if (method !== 'POST') return fault('invalid_method', 'The method of a line must be "POST".', 'method');
  if (url !== endpoint) {
    const known = batchEndpoint.options.some((one) => one === url);
    const named = typeof url === 'string' ? `"${url.slice(0, 100)}"` : 'missing';
    const words = known
      ? `The url of this line is ${named}, but the batch was made for "${endpoint}": one batch takes one of them.`
      : `The url of a line must be the batch's endpoint, "${endpoint}"; it is ${named}.`;
    return fault('mismatched_endpoint', words, 'url');
  }
  if (!isMap(body)) return fault('missing_required_parameter', 'The body of a line must be a JSON object.', 'body');
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) {
    const words = `Unknown field "${unknown.slice(0, 100)}": a line has custom_id, method, url and body.`;
    return fault('unknown_parameter', words, unknown.slice(0, 100));
  }
  return { customId, body };
}

const fault = (code: string, message: string, param: string): Fault => ({ code, message, param });

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isFault = (line: BatchLine | Fault): line is Fault => 'code' in line;

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * The run of a line. Its id follows from batch and line, so that a window which is opened twice makes each run once;
 * it is as hard to guess as the batch's id.
 * @param createdAt of the batch, Unix seconds: the time that stands in the id
 */
export function runIdOfLine(batch: { readonly id: string; readonly createdAt: number }, line: number): string {
  const digest = createHash('sha256').update(`${batch.id} ${line}`).digest();
  const random = Array.from(digest.subarray(1, 17), (byte) => BASE32[byte % 32]).join('');
  const time = encodeTime(batch.createdAt * 1000).toLowerCase();
  return `run_${digest.subarray(0, 1).toString('hex')}${time}${random}${digest.subarray(17, 20).toString('hex')}`;
}

/** OpenAI's name for a line's request. */
export const requestIdOf = (runId: string): string => `batch_req_${runId.slice(4)}`;

/**
 * Reads a batch's file once, from end to end and in flat memory: checks what can be said of each line without its
 * body, and cuts the file into windows.
 */
import { type JsonLine, readLines } from '../files/jsonl.ts';
import type { BatchEndpoint, LineProblem, WindowPlan } from './contract.ts';
import { type BatchLine, isFault, readLine } from './line.ts';
import { createSeen } from './seen.ts';

export interface PlanOptions {
  readonly endpoint: BatchEndpoint;
  readonly maxLines: number;
  readonly maxLineBytes: number;
  readonly windowLines: number;
  /** Of lines that name none. */
  readonly defaultModel?: string | undefined;
  /** What makes two lines equal; undefined for a line that must be answered by itself. */
  readonly sameAs?: (line: BatchLine) => string | undefined;
  /** Told of each window that has twins: index in the window -> line number of the equal line before it. */
  readonly onTwins?: (window: number, twins: Readonly<Record<number, number>>) => Promise<void>;
  /** Called now and then with the lines so far. @throws to stop reading */
  readonly onProgress?: (lines: number) => void;
}

export type Planned =
  | {
      readonly ok: true;
      readonly windows: readonly WindowPlan[];
      readonly lines: number;
      readonly twins: number;
      /** The model of all lines; null where they name several. */
      readonly model: string | null;
    }
  | { readonly ok: false; readonly errors: readonly LineProblem[] };

/** Problems that are reported: the first ones, as the rest is often the same mistake. */
const MOST_ERRORS = 100;
/** Bytes of a window at which it is cut although it has room for more lines. */
const WINDOW_BYTES = 16 * 1024 * 1024;

export async function planBatch(source: AsyncIterable<Uint8Array>, options: PlanOptions): Promise<Planned> {
  const { endpoint, maxLines, maxLineBytes, windowLines, sameAs } = options;
  const ids = createSeen();
  const bodies = createSeen();
  const errors: LineProblem[] = [];
  const windows: WindowPlan[] = [];
  const models = new Set<unknown>();
  let window: (Omit<WindowPlan, 'twins'> & { twins: Record<number, number> }) | undefined;
  let lines = 0;
  let twins = 0;

  async function cut(): Promise<void> {
    if (!window) return;
    const { twins: found, ...plan } = window;
    const count = Object.keys(found).length;
    if (count > 0) await options.onTwins?.(windows.length, found);
    windows.push({ ...plan, twins: count });
    twins += count;
    window = undefined;
  }

  for await (const raw of readLines(source, { maxLineBytes })) {
    lines += 1;
    if (lines % 5_000 === 0) options.onProgress?.(lines);
    if (lines > maxLines) {
      const words = `The file has more than ${maxLines.toLocaleString('en')} lines (COTA_BATCH_LINES): split it.`;
      return { ok: false, errors: [{ code: 'too_many_lines', message: words, param: null, line: null }] };
    }
    const line = check(raw, options);
    const problem = isFault(line) ? line : duplicate(line, raw.number);
    if (problem) {
      errors.push({ ...problem, line: raw.number });
      if (errors.length >= MOST_ERRORS) return { ok: false, errors };
      continue;
    }
    if (errors.length > 0) continue;
    if (window && (window.lines >= windowLines || window.bytes >= WINDOW_BYTES)) await cut();
    window ??= { line: raw.number, lastLine: raw.number, offset: raw.offset, bytes: 0, lines: 0, twins: {} };
    const first = sameAs ? twinOf(line as BatchLine, raw.number) : undefined;
    if (first !== undefined) window.twins[window.lines] = first;
    window.lines += 1;
    window.lastLine = raw.number;
    window.bytes = raw.offset + raw.bytes - window.offset;
    if (models.size < 2) models.add((line as BatchLine).body.model ?? options.defaultModel);
  }
  if (errors.length > 0) return { ok: false, errors };
  if (lines === 0) {
    const words = `The file has no lines: send one JSON object per line, each a request to ${endpoint}.`;
    return { ok: false, errors: [{ code: 'empty_file', message: words, param: null, line: null }] };
  }
  await cut();
  const [model] = models;
  return { ok: true, windows, lines, twins, model: models.size === 1 && typeof model === 'string' ? model : null };

  function duplicate(line: ReturnType<typeof check>, number: number): Omit<LineProblem, 'line'> | undefined {
    if (isFault(line)) return undefined;
    const before = ids.before(line.customId, number);
    if (before === undefined) return undefined;
    const message = `The custom_id "${line.customId.slice(0, 100)}" is on line ${before} already: each must be its own.`;
    return { code: 'duplicate_custom_id', message, param: 'custom_id' };
  }

  function twinOf(line: BatchLine, number: number): number | undefined {
    const same = sameAs?.(line);
    return same === undefined ? undefined : bodies.before(same, number);
  }
}

function check(raw: JsonLine, { endpoint, maxLineBytes }: PlanOptions): ReturnType<typeof readLine> {
  if (raw.text !== undefined) return readLine(raw.text, endpoint);
  if (raw.problem === 'not_utf8') {
    return { code: 'invalid_json_line', message: 'This line is not valid UTF-8.', param: null };
  }
  const limit = Math.floor(maxLineBytes / 1024 / 1024);
  const message = `This line is longer than ${limit} MB (COTA_BODY_LIMIT_BYTES): give images as https:// or s3:// URLs or as file ids.`;
  return { code: 'line_too_long', message, param: null };
}

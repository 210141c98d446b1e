/** A run for people: each thought, action and observation, then how it ended and where its evidence lies. */
import { z } from 'zod';
import type { ResponseItem, ResponseObject } from '../../shared/response/schema.ts';
import { paint, paragraph, plural, say, seconds } from './terminal.ts';

const OBSERVED_LINES = 20;

/** @returns prints what is new in a response since the last one */
export function runPrinter(): (response: ResponseObject) => void {
  let shown = 0;
  let notice: string | undefined;
  return (response) => {
    for (const item of response.output.slice(shown)) say(itemText(item, response));
    shown = Math.max(shown, response.output.length);
    if (response.cota.notice !== undefined && response.cota.notice !== notice) {
      notice = response.cota.notice;
      say(paragraph('waiting', 'yellow', notice));
    }
  };
}

function itemText(item: ResponseItem, response: ResponseObject): string {
  switch (item.type) {
    case 'reasoning':
      return paragraph('thought', 'cyan', item.summary.map((part) => part.text).join('\n'));
    case 'function_call':
      return paragraph('action', 'yellow', callText(item.name, jsonOf(item.arguments)));
    case 'function_call_output':
      return paragraph('observation', 'magenta', outputText(item.output, response), OBSERVED_LINES);
    case 'message':
      return paragraph('answer', ['green', 'bold'], item.content.map((part) => part.text).join('\n'));
  }
}

/** `Crop(image: image-0, bbox: [0.1, 0.2, 0.5, 0.6])` */
export function callText(name: string, args: unknown): string {
  if (typeof args !== 'object' || args === null) return name;
  const list = Object.entries(args).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${name}(${list.join(', ')})`;
}

type Output = Extract<ResponseItem, { type: 'function_call_output' }>['output'];

function outputText(output: Output, { cota }: ResponseObject): string {
  if (typeof output === 'string') return resultText(jsonOf(output));
  return output
    .map((part) => {
      if (part.type === 'input_text') return resultText(jsonOf(part.text));
      const image = cota.images.find((one) => one.file_id === part.file_id);
      return image ? `${image.name}: ${image.width} x ${image.height}, ${image.url}` : part.file_id;
    })
    .join('\n');
}

const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** What matters of a result: its text or its only value; a failure by its message; else JSON. */
export function resultText(result: unknown): string {
  const failed = failure.safeParse(result);
  if (failed.success) return `failed: ${failed.data.error.message}`;
  if (typeof result !== 'object' || result === null) return String(result);
  const { text } = result as { text?: unknown };
  if (typeof text === 'string') return text === '' ? '(no text)' : text;
  const values = Object.values(result);
  const [only] = values;
  if (values.length === 1 && typeof only !== 'object') return String(only);
  return JSON.stringify(result);
}

/** How it ended, with its cost; the last lines of `cota ask`. */
export function endText(response: ResponseObject, tookMs: number): string {
  const { usage, stop_reason } = response.cota;
  const tokens = response.usage === null ? '' : `, ${plural(response.usage.total_tokens, 'token')}`;
  const tools = `${plural(usage.tool_calls, 'tool call')} (${seconds(usage.tool_ms)})`;
  const cost = `${plural(usage.replies, 'reply', 'replies')} (${seconds(usage.model_ms)}), ${tools}${tokens}`;
  const reason = stop_reason?.startsWith('budget_') ? `; a budget was spent: ${stop_reason.slice(7)}` : '';
  return `${response.status} in ${seconds(tookMs)}: ${cost}${reason}`;
}

/** Why a run gave no answer; undefined when it did. */
export function troubleText(response: ResponseObject): string | undefined {
  switch (response.status) {
    case 'failed':
      return response.error === null ? 'the run failed' : `${response.error.message} (${response.error.code})`;
    case 'incomplete':
      return `the run stopped before it had an answer: ${response.incomplete_details?.reason ?? 'unknown'}`;
    case 'cancelled':
      return 'the run was cancelled';
    default:
      return undefined;
  }
}

export function printTrouble(trouble: string): void {
  say(paragraph('failed', 'red', trouble));
}

export const label = (text: string): string => paint('dim', text.padEnd(13));

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

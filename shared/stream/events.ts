/**
 * A run, as the events of OpenAI's Responses stream. Pure, and stable: the events of a run as it is now are the first
 * ones of its events at any later time. So their places are their numbers, every process gives the same ones, from the
 * record or from the trace, and a client that comes back is told exactly what it has not been told.
 */
import type { ResponseItem, ResponseObject } from '../response/schema.ts';
import { type RunView, responseOf, viewOfNew } from '../response.ts';

type SummaryPart = Extract<ResponseItem, { type: 'reasoning' }>['summary'][number];
type TextPart = Extract<ResponseItem, { type: 'message' }>['content'][number];
/** An item before anything is in it. */
type BegunItem = ResponseItem extends infer Item ? (Item extends ResponseItem ? Begun<Item> : never) : never;
type Begun<Item extends ResponseItem> = Omit<Item, 'status'> & { readonly status: 'in_progress' | 'completed' };

type Place = { readonly output_index: number; readonly item_id: string };

type Unnumbered =
  | {
      readonly type: `response.${'created' | 'queued' | 'in_progress' | 'completed' | 'failed' | 'incomplete'}`;
      readonly response: ResponseObject;
    }
  | { readonly type: 'response.output_item.added'; readonly output_index: number; readonly item: BegunItem }
  | { readonly type: 'response.output_item.done'; readonly output_index: number; readonly item: ResponseItem }
  | (Place & { readonly summary_index: 0 } & (
        | {
            readonly type: `response.reasoning_summary_part.${'added' | 'done'}`;
            readonly part: SummaryPart;
          }
        | { readonly type: 'response.reasoning_summary_text.delta'; readonly delta: string }
        | { readonly type: 'response.reasoning_summary_text.done'; readonly text: string }
      ))
  | (Place &
      (
        | { readonly type: 'response.function_call_arguments.delta'; readonly delta: string }
        | { readonly type: 'response.function_call_arguments.done'; readonly name: string; readonly arguments: string }
      ))
  | (Place & { readonly content_index: 0 } & (
        | { readonly type: `response.content_part.${'added' | 'done'}`; readonly part: TextPart }
        | {
            readonly type: 'response.output_text.delta';
            readonly delta: string;
            readonly logprobs: readonly never[];
          }
        | { readonly type: 'response.output_text.done'; readonly text: string; readonly logprobs: readonly never[] }
      ));

/** An event with its number, from 0. */
export type ResponseStreamEvent = Unnumbered & { readonly sequence_number: number };

/** @param baseUrl where clients reach the API; '' gives links without a host */
export function eventsOf(run: RunView, baseUrl = ''): ResponseStreamEvent[] {
  const now = responseOf(run, baseUrl);
  const begun: RunView = viewOfNew(run.id, run.config, run.createdAt);
  const queued = responseOf(begun, baseUrl);
  const events: Unnumbered[] = [
    { type: 'response.created', response: queued },
    { type: 'response.queued', response: queued },
  ];
  if (run.status !== 'pending') {
    const atWork = responseOf({ ...begun, status: 'running' }, baseUrl);
    events.push({ type: 'response.in_progress', response: atWork });
    for (const [index, item] of now.output.entries()) events.push(...eventsOfItem(item, index));
  }
  const end = endOf(now.status);
  if (end !== undefined) events.push({ type: end, response: now });
  return events.map((event, index) => ({ ...event, sequence_number: index }));
}

/** OpenAI has no event for a cancelled response: it is one that was ended early, and its `status` says by whom. */
function endOf(
  status: ResponseObject['status'],
): 'response.completed' | 'response.failed' | 'response.incomplete' | undefined {
  switch (status) {
    case 'queued':
    case 'in_progress':
      return undefined;
    case 'completed':
      return 'response.completed';
    case 'failed':
      return 'response.failed';
    case 'incomplete':
    case 'cancelled':
      return 'response.incomplete';
  }
}

/** An item is finished when a client first hears of it, so each part comes whole, in one delta. */
function eventsOfItem(item: ResponseItem, index: number): Unnumbered[] {
  const place: Place = { output_index: index, item_id: item.id };
  return [
    { type: 'response.output_item.added', output_index: index, item: begin(item) },
    ...contentOf(item, place),
    { type: 'response.output_item.done', output_index: index, item },
  ];
}

function begin(item: ResponseItem): BegunItem {
  switch (item.type) {
    case 'reasoning':
      return { ...item, summary: [], status: 'in_progress' };
    case 'function_call':
      return { ...item, arguments: '', status: 'in_progress' };
    // No event tells of what is inside an output, so it is there from the start.
    case 'function_call_output':
      return item;
    case 'message':
      return { ...item, content: [], status: 'in_progress' };
  }
}

function contentOf(item: ResponseItem, place: Place): Unnumbered[] {
  switch (item.type) {
    case 'reasoning':
      return item.summary.flatMap((part): Unnumbered[] => {
        const at = { ...place, summary_index: 0 } as const;
        return [
          { type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } },
          { type: 'response.reasoning_summary_text.delta', ...at, delta: part.text },
          { type: 'response.reasoning_summary_text.done', ...at, text: part.text },
          { type: 'response.reasoning_summary_part.done', ...at, part },
        ];
      });
    case 'function_call':
      return [
        { type: 'response.function_call_arguments.delta', ...place, delta: item.arguments },
        { type: 'response.function_call_arguments.done', ...place, name: item.name, arguments: item.arguments },
      ];
    case 'function_call_output':
      return [];
    case 'message':
      return item.content.flatMap((part): Unnumbered[] => {
        const at = { ...place, content_index: 0 } as const;
        return [
          { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
          { type: 'response.output_text.delta', ...at, delta: part.text, logprobs: [] },
          { type: 'response.output_text.done', ...at, text: part.text, logprobs: [] },
          { type: 'response.content_part.done', ...at, part },
        ];
      });
  }
}

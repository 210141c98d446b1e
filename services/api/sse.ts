/** Server-sent events as text, and a reply that sends them while they come. */
import { Readable } from 'node:stream';
import { CALLS } from '../../shared/run/call.ts';
import type { ApiParts, ApiReply } from './http.ts';

/** @param type the event's name; left out for events that have none, as those of chat completions */
export const sseEvent = (data: unknown, type?: string): string =>
  `${type === undefined ? '' : `event: ${type}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** A line that clients do not see: it keeps proxies from closing a quiet connection. */
export const sseComment = (words: string): string => `: ${words}\n\n`;

/** The comment of a stream in which nothing happens; whoever looks at it by hand sees why, where that is known. */
export const sseWaiting = (model: string, { fleet }: Pick<ApiParts, 'fleet'>): string =>
  sseComment(
    model === CALLS || fleet.concurrencyOf(model) > 0
      ? 'waiting'
      : `waiting; no worker serves the model ${JSON.stringify(model)}`,
  );

/**
 * @param lines read as fast as the client takes them, and no faster
 * @param headers further ones
 */
export const sseReply = (lines: AsyncIterable<string>, headers: Readonly<Record<string, string>> = {}): ApiReply => ({
  headers: {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    // Whoever has read a stream to its end keeps no connection open, so that a stopping process is not kept waiting.
    connection: 'close',
    // nginx would hold events back until its buffer is full.
    'x-accel-buffering': 'no',
    ...headers,
  },
  body: Readable.from(lines, { objectMode: false, highWaterMark: 16_384 }),
});

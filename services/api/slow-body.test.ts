import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { limitBodyTime } from './slow-body.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function requestOf({ complete = false, answered = false } = {}) {
  const end = vi.fn();
  const response = Object.assign(new EventEmitter(), { writableEnded: answered });
  limitBodyTime({ raw: { complete } } as FastifyRequest, { raw: response } as unknown as FastifyReply, end);
  return { end, response };
}

test('a body that does not come to its end within two minutes ends its request', () => {
  const { end } = requestOf();
  vi.advanceTimersByTime(119_999);
  expect(end).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(end).toHaveBeenCalledOnce();
});

test('a request that waits for its answer, or has it, is left alone', () => {
  const waiting = requestOf({ complete: true });
  const answered = requestOf({ answered: true });
  const gone = requestOf();
  gone.response.emit('close');
  vi.advanceTimersByTime(600_000);
  for (const { end } of [waiting, answered, gone]) expect(end).not.toHaveBeenCalled();
});

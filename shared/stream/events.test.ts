import fc from 'fast-check';
import { ResponseStream } from 'openai/lib/responses/ResponseStream';
import type { ResponseStreamEvent as Official } from 'openai/resources/responses/responses';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { lives, RUN_ID } from '../../test/run-lives.ts';
import { sampleActionStep, sampleModelStep, sampleRun } from '../../test/sample-run.ts';
import type { Outcome, Run } from '../contract.ts';
import { type RunView, responseOf, viewOfTrace } from '../response.ts';
import { readTrace, traceOf } from '../run/trace.ts';
import { eventsOf, type ResponseStreamEvent } from './events.ts';

const typesOf = (run: RunView): string[] => eventsOf(run).map((event) => event.type.replace('response.', ''));

test('what is told of a run at any time is the beginning of what is told of it later', () => {
  fc.assert(
    fc.property(lives(), (life) => {
      let before: ResponseStreamEvent[] = [];
      for (const run of life) {
        const events = eventsOf(run, 'https://cota.example');
        expect(events.slice(0, before.length)).toEqual(before);
        before = events;
      }
      expect(before.map((event) => event.sequence_number)).toEqual(before.map((_, index) => index));
    }),
    { numRuns: 300 },
  );
});

test('the official client puts the events together to the response that is retrieved', async () => {
  await fc.assert(
    fc.asyncProperty(lives(), async (life) => {
      const run = life.at(-1);
      if (!run) return;
      const lines = eventsOf(run).map((event) => `${JSON.stringify(event)}\n`);
      const stream = ResponseStream.fromReadableStream(new Blob(lines).stream());
      // The client adds fields of its own, such as `output_text`.
      expect(await stream.finalResponse()).toMatchObject(responseOf(run));
    }),
    { numRuns: 100 },
  );
});

test('the deltas of an item give the whole of it', () => {
  const steps = [sampleModelStep('', { thought: 'Look.' })];
  const sample = { ...sampleRun({ steps }), id: RUN_ID };
  const outcome: Outcome = { status: 'completed', stopReason: 'terminate', answer: '42' };
  const closed: Run = { ...sample, status: 'closed', outcome, endedAt: 5_000 };
  expect(typesOf(closed)).toEqual([
    ...['created', 'queued', 'in_progress', 'output_item.added', 'reasoning_summary_part.added'],
    ...['reasoning_summary_text.delta', 'reasoning_summary_text.done', 'reasoning_summary_part.done'],
    ...['output_item.done', 'output_item.added', 'content_part.added', 'output_text.delta', 'output_text.done'],
    ...['content_part.done', 'output_item.done', 'completed'],
  ]);
  const deltas = eventsOf(closed).flatMap((event) => ('delta' in event ? [event.delta] : []));
  expect(deltas).toEqual(['Look.', '42']);
});

describe('the end', () => {
  const rows: readonly [Run['status'], Outcome['status'], string | undefined][] = [
    ['finalizing', 'completed', undefined],
    ['finalizing', 'failed', undefined],
    ['finalizing', 'cancelled', 'incomplete'],
    ['closed', 'completed', 'completed'],
    ['closed', 'incomplete', 'incomplete'],
    ['closed', 'failed', 'failed'],
    ['closed', 'cancelled', 'incomplete'],
  ];
  test.each(rows)('of a run that is %s and %s: %s', (status, result, last) => {
    const outcome: Outcome = { status: result, stopReason: 'x' };
    const run: Run = { ...sampleRun(), id: RUN_ID, status, outcome, endedAt: 5_000 };
    expect(typesOf(run).slice(3).at(-1)).toBe(last);
    const event = eventsOf(run).at(-1);
    expect(event && 'response' in event && event.response.status).toBe(last === undefined ? 'in_progress' : result);
  });
});

test('its types are those of the official client', () => {
  expectTypeOf<Exclude<ResponseStreamEvent['type'], Official['type']>>().toBeNever();
  type Delta = Extract<ResponseStreamEvent, { type: 'response.function_call_arguments.done' }>;
  expectTypeOf<Delta>().toExtend<Extract<Official, { type: 'response.function_call_arguments.done' }>>();
});

test('an argument that a model called __proto__ is told the same before and after the run is closed', () => {
  const args = JSON.parse('{"__proto__": {"a": 1}, "image": "image-0"}') as Record<string, never>;
  const step = sampleActionStep({ name: 'OCR', arguments: args }, { ok: true, result: {}, images: [] });
  const outcome: Outcome = { status: 'completed', stopReason: 'terminate', answer: '42' };
  const closed: Run = { ...sampleRun({ steps: [step] }), id: RUN_ID, status: 'closed', outcome, endedAt: 5_000 };
  const fromTrace = viewOfTrace(readTrace(JSON.stringify(traceOf(closed))));
  expect(JSON.stringify(eventsOf(fromTrace))).toBe(JSON.stringify(eventsOf(closed)));
  expect(JSON.stringify(eventsOf(fromTrace))).toContain('__proto__');
});

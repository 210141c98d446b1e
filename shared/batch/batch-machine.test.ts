import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BatchEvent, nextBatch } from './batch-machine.ts';
import { type BatchState, batchState, isOver, NO_BATCH_USAGE } from './contract.ts';
import { newBatch } from './create-batch.ts';

const fresh: BatchState = newBatch(
  'default',
  { input_file_id: 'file-1', endpoint: '/v1/responses', completion_window: '24h' },
  {
    id: 'file-1',
    filename: 'a.jsonl',
    purpose: 'batch',
    bytes: 1,
    createdAt: 0,
    expiresAt: null,
    contentType: 'application/jsonl',
    parts: [],
  },
  1_000,
);
const usage = { ...NO_BATCH_USAGE, runs: 1, inputTokens: 5 };
const play = (events: readonly BatchEvent[], from = fresh): BatchState => events.reduce(nextBatch, from);
const files = { outputFileId: 'file-o', errorFileId: null };
const validated: BatchEvent = { type: 'validated', now: 1, lines: 3, twins: 0, windows: 2, model: 'm' };

test('the plain way of a batch', () => {
  const end = play([
    validated,
    { type: 'opening', number: 0, lines: 2, twins: 0 },
    { type: 'opened', number: 0, refused: 1 },
    { type: 'opening', number: 1, lines: 1, twins: 0 },
    { type: 'opened', number: 1, refused: 0 },
    { type: 'written', number: 1, completed: 1, failed: 0, usage },
    { type: 'written', number: 0, completed: 1, failed: 1, usage },
    { type: 'drained', now: 5 },
    { type: 'concluded', now: 6, unopened: 0, ...files },
  ]);
  expect(end).toMatchObject({
    status: 'completed',
    counts: { completed: 2, failed: 1 },
    usage: { runs: 2, inputTokens: 10 },
    outputFileId: 'file-o',
    times: { in_progress: 1, finalizing: 5, completed: 6 },
  });
});

test('a cancelled batch keeps what is done and says cancelling until it is cancelled', () => {
  const cancelled = play([
    validated,
    { type: 'opening', number: 0, lines: 2, twins: 0 },
    { type: 'cancel', now: 3 },
    // Too late: no window is opened any more.
    { type: 'opening', number: 1, lines: 1, twins: 0 },
    { type: 'opened', number: 0, refused: 0 },
    { type: 'drained', now: 4 },
  ]);
  expect(cancelled).toMatchObject({ status: 'cancelling', next: 1, times: { cancelling: 3 } });
  const written: BatchEvent = { type: 'written', number: 0, completed: 1, failed: 1, usage };
  const drained = play([written, { type: 'drained', now: 5 }], cancelled);
  expect(drained.status).toBe('cancelling');
  const end = nextBatch(drained, { type: 'concluded', now: 6, unopened: 1, ...files });
  expect(end).toMatchObject({ status: 'cancelled', counts: { completed: 1, failed: 2 }, times: { cancelled: 6 } });
});

test('a batch whose time is over while its file is read learns its lines first', () => {
  const expired = play([
    { type: 'expire', now: 2 },
    { type: 'drained', now: 3 },
  ]);
  expect(expired).toMatchObject({ status: 'validating', ending: 'expired' });
  const end = play(
    [validated, { type: 'drained', now: 4 }, { type: 'concluded', now: 5, unopened: 3, ...files }],
    expired,
  );
  expect(end).toMatchObject({ status: 'expired', counts: { completed: 0, failed: 3 } });
});

test('what is concluded cannot be cancelled or expire', () => {
  const finalizing = play([validated, ...wholeWindow(0, 2), ...wholeWindow(1, 1), { type: 'drained', now: 4 }]);
  expect(finalizing.status).toBe('finalizing');
  expect(nextBatch(finalizing, { type: 'cancel', now: 5 })).toBe(finalizing);
  expect(nextBatch(finalizing, { type: 'expire', now: 5 })).toBe(finalizing);
});

function wholeWindow(number: number, lines: number): BatchEvent[] {
  return [
    { type: 'opening', number, lines, twins: 0 },
    { type: 'opened', number, refused: 0 },
    { type: 'written', number, completed: lines, failed: 0, usage },
  ];
}

const small = fc.nat(4);
const anyEvent: fc.Arbitrary<BatchEvent> = fc.oneof(
  fc.record({
    type: fc.constant('validated' as const),
    now: small,
    lines: fc.constant(10),
    twins: fc.constant(0),
    windows: fc.constant(4),
    model: fc.constant(null),
  }),
  fc.record({ type: fc.constant('opening' as const), number: small, lines: fc.constant(3), twins: fc.constant(0) }),
  fc.record({ type: fc.constant('opened' as const), number: small, refused: fc.nat(3) }),
  fc.record({
    type: fc.constant('written' as const),
    number: small,
    completed: fc.nat(3),
    failed: fc.constant(0),
    usage: fc.constant(usage),
  }),
  fc.record({ type: fc.constantFrom('cancel' as const, 'expire' as const, 'drained' as const), now: small }),
  fc.record({
    type: fc.constant('concluded' as const),
    now: small,
    unopened: fc.nat(3),
    outputFileId: fc.constant('file-o'),
    errorFileId: fc.constant(null),
  }),
);

test('whatever comes in whatever order: each window is opened and counted once, and what is over stays as it is', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      let batch = fresh;
      const opened: number[] = [];
      const written: number[] = [];
      let counted = 0;
      for (const event of events) {
        const after = nextBatch(batch, event);
        batchState.parse(after);
        if (isOver(batch.status)) expect(after).toBe(batch);
        if (after.next > batch.next) opened.push(batch.next);
        const gone = batch.open.filter((one) => !after.open.some((other) => other.number === one.number));
        if (event.type === 'written' && gone.length > 0) {
          written.push(event.number);
          counted += event.completed + event.failed;
        }
        if (event.type === 'concluded' && after !== batch) counted += event.unopened;
        // Time-stamps are set once.
        for (const [name, at] of Object.entries(batch.times)) expect(after.times).toHaveProperty(name, at);
        // The same event again changes nothing more.
        if (event.type !== 'opening' || after === batch) expect(nextBatch(after, event)).toEqual(after);
        batch = after;
      }
      expect(new Set(opened).size).toBe(opened.length);
      expect(new Set(written).size).toBe(written.length);
      expect(written.every((number) => opened.includes(number))).toBe(true);
      expect(batch.counts.completed + batch.counts.failed).toBe(counted);
      if (batch.status === 'completed') {
        expect(batch.next).toBe(batch.windows);
        expect(written.length).toBe(batch.windows);
      }
      if (isOver(batch.status) && batch.status !== 'failed') expect(batch.open).toEqual([]);
    }),
    { numRuns: 3_000 },
  );
});

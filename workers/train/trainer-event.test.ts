import { expect, test } from 'vitest';
import { trainerEventOf } from './trainer-event.ts';

test.each([
  ['{"event": "progress", "step": 5, "tokens": 10, "loss": 1.5}', { event: 'progress', step: 5, loss: 1.5 }],
  ['{"event": "checkpoint", "step": 5, "path": "a/b.pt"}', { event: 'checkpoint', path: 'a/b.pt' }],
  [
    "{'loss': 0.5, 'grad_norm': 1.25, 'learning_rate': 1e-05, 'epoch': 0.02}",
    { event: 'figures', figures: { loss: 0.5, grad_norm: 1.25, learning_rate: 1e-5, epoch: 0.02 } },
  ],
  // Newer ones print their figures as strings; ms-swift tells the step in a field of its own.
  ["{'loss': '2.079', 'learning_rate': '2e-05'}", { event: 'figures', figures: { loss: 2.079, learning_rate: 2e-5 } }],
  [
    "{'loss': 3.1, 'token_acc': 0.25, 'global_step/max_steps': '2/30', 'percentage': '6.67%'}",
    { event: 'figures', step: 2, figures: { loss: 3.1, token_acc: 0.25 } },
  ],
  [' 10%|█         | 3/30 [00:02<00:18,  1.50it/s]', { event: 'bar', step: 3, steps: 30 }],
])('%s', (line, event) => {
  expect(trainerEventOf(line)).toMatchObject(event);
});

test.each([
  'Loading weights',
  '{"event": "progress"}',
  '{"event": "progress", "step": -1}',
  '{"loss": 3}',
  '{"event": "checkpoint", "step": 5, "path": "../../etc/passwd"}',
  '{"event": "checkpoint", "step": 5, "path": "/etc/passwd"}',
  '{"event": "done", "path": "a/../../b"}',
  '{"event": "checkpoint", "step":',
  '{}',
  "{'a': nan}",
  '2026/11 [info] x',
])('text for the log: %s', (line) => {
  expect(trainerEventOf(line)).toBeUndefined();
});

test('a line that is no dict of figures, however long, costs nothing', () => {
  const before = performance.now();
  expect(trainerEventOf(`{'a': ${'1'.repeat(1 << 20)}x}`)).toBeUndefined();
  expect(performance.now() - before).toBeLessThan(1_000);
});

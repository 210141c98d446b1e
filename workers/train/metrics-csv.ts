/** The figures of a job's events as CSV: a row a step, a column a figure, as OpenAI's result files have them. */
import type { NewTrainEvent } from '../../shared/train/job.ts';

const COLUMNS = [
  'step',
  'train_loss',
  'valid_loss',
  'learning_rate',
  'norm',
  'grad_norm',
  'tokens',
  'tokens_per_s',
  'epoch',
];

export async function* metricsCsv(events: AsyncIterable<NewTrainEvent>): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\n`;
  for await (const { type, data = {} } of events) {
    if (type !== 'metrics' || !COLUMNS.slice(1).some((name) => typeof data[name] === 'number')) continue;
    yield `${COLUMNS.map((name) => (typeof data[name] === 'number' ? data[name] : '')).join(',')}\n`;
  }
}

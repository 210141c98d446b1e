/**
 * `npm run bench -- parity`: our numbers against PyTorch's for the tiny checkpoints, from equal tensors and from the
 * picture's file; beside that, what they would be with transformers.js's own pre-processing.
 */
import { ourPreparation, parityRows, theirPreparation } from '../parity.ts';
import { recorded, useTinyModels } from '../tiny-models.ts';
import { table } from './meter.ts';

const expected = recorded();
const tiny = useTinyModels();
try {
  const ours = await parityRows(expected, ourPreparation);
  const theirs = await parityRows(expected, theirPreparation);
  const shown = (difference: number) =>
    difference === 0 ? '0' : Number.isFinite(difference) ? difference.toExponential(1) : 'other count';
  console.log(
    `Recorded with ${Object.entries(expected.versions)
      .map((pair) => pair.join(' '))
      .join(', ')}.\n`,
  );
  console.log(
    table([
      ['model', 'tensor', 'values', 'begins with', 'largest difference', "with transformers.js's pre-processing"],
      ...ours.map(({ model, tensor, values, from, difference }, i) => [
        model,
        tensor,
        String(values),
        from,
        shown(difference),
        from === 'file' ? shown(theirs[i]!.difference) : '',
      ]),
    ]),
  );
} finally {
  tiny.done();
}

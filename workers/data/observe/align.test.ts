import { describe, expect, it } from 'vitest';
import { random } from '../random.ts';
import { makeScene } from '../scene/make.ts';
import { align } from './align.ts';
import { NOISE, readWithNoise } from './noise.ts';

/** Where the noise model put a cell is known; the aligner has to find it again from the text alone. */
function agreement(level: keyof typeof NOISE): number {
  let right = 0;
  let all = 0;
  for (let i = 0; i < 150; i++) {
    const rng = random(i, `align-${level}`);
    const scene = makeScene(rng, 'train');
    const read = readWithNoise(rng, scene, NOISE[level]);
    const found = align(scene, read.rows);
    scene.rows.forEach((row, r) => {
      row.cells.forEach((_, cell) => {
        const truth = read.at({ row: r, cell });
        const got = found.at({ row: r, cell });
        if (!truth) return;
        all++;
        if (got && got.row === truth.row && got.start < truth.end && truth.start < got.end) right++;
      });
    });
  }
  return right / all;
}

describe('align', () => {
  it('finds every cell of a clean reading', () => expect(agreement('none')).toBeGreaterThan(0.995));
  it('finds nearly every cell of a bad reading', () => expect(agreement('medium')).toBeGreaterThan(0.95));
  it('finds nothing in another picture', () => {
    const scene = makeScene(random(1, 'one'), 'train', 'menu');
    const other = align(scene, ['0', '---', '@@@@']);
    expect(
      scene.rows
        .flatMap((row, r) => row.cells.map((_, cell) => other.at({ row: r, cell })))
        .every((s) => s === undefined),
    ).toBe(true);
  });
});

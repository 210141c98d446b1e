import { describe, expect, it } from 'vitest';
import { random } from '../../data/random.ts';
import { readTrainingLog } from './log.ts';
import { trainingPage } from './page.ts';
import { logTicks, smooth, thin, ticks } from './points.ts';

const line = (event: string, step: number, more: object = {}): string =>
  JSON.stringify({ event, step, tokens: step * 100, time: '2026-01-01T00:00:00Z', ...more });

/** @param steps one line of progress each */
function log(steps: number): string[] {
  const chance = random(1, 'log');
  const lines = [line('started', 0, { parameters: 2_200_000, tokens_planned: 1e7 }), line('stage', 0, { name: 'a' })];
  for (let step = 1; step <= steps; step++) {
    lines.push(
      line('progress', step, {
        stage: 'a',
        loss: 4 * 0.9999 ** step + chance.next() * 0.1 + (step === 777 ? 50 : 0),
        norm: 1,
        lr: 0.002,
        tokens_per_s: 9000,
      }),
    );
    if (step === 500) lines.push(line('started', 500, { resumed_at_step: 500 }));
    if (step % 1000 === 0)
      lines.push(
        line('evaluation', step, { stage: 'a', passed: false, figures: { 'held/eval': { exact: step / 2e5, n: 9 } } }),
      );
  }
  return lines;
}

describe('the log of a training', () => {
  it('is read past lines that are none', () => {
    const read = readTrainingLog([...log(3), '{"event":"pro', 'words', '[]', line('done', 3)].join('\n'));
    expect(read).toMatchObject({ state: 'done', planned: 1e7, stages: [{ name: 'a' }] });
    expect(read.progress.map(({ step }) => step)).toEqual([1, 2, 3]);
  });

  it('says paused while a training is, and goes on after', () => {
    const paused = line('progress', 3, { paused: true });
    expect(readTrainingLog([...log(3), paused]).state).toBe('paused');
    expect(readTrainingLog([...log(3), paused, ...log(1)]).state).toBe('running');
  });
});

describe('points', () => {
  it('thinned keep ends, order and every spike', () => {
    const points = Array.from({ length: 100_000 }, (_, x) => [x, x === 31_415 ? 99 : x % 2] as const);
    const thinned = thin(points, 500);
    expect(thinned.length).toBeLessThanOrEqual(1000);
    expect(Math.max(...thinned.map(([, y]) => y))).toBe(99);
    expect(thinned.every(([x], n) => n === 0 || x > (thinned[n - 1]?.[0] ?? 0))).toBe(true);
  });

  it('smoothed start at the first value and follow', () => {
    const smoothed = smooth(Array.from({ length: 1000 }, (_, x) => [x, 5] as const));
    expect(smoothed[0]?.[1]).toBeCloseTo(5);
    expect(smoothed.at(-1)?.[1]).toBeCloseTo(5);
  });

  it('have round numbers beside them', () => {
    expect(ticks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ticks(3, 3, 5)).toEqual([3]);
    expect(logTicks(0.08, 6, 7)).toEqual([0.1, 0.2, 0.5, 1, 2, 5]);
  });
});

describe('the page of a training', () => {
  it('holds a hundred thousand steps in little', () => {
    const page = trainingPage({ recipe: { name: 'many' }, log: log(100_000) });
    expect(page.length).toBeLessThan(250_000);
    expect(page).toContain('<h1>many</h1>');
    expect(page).toContain('class="resumed"');
    expect(page).toContain('held/eval');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it.each([0, 1, 2])('draws %i steps', (steps) => {
    const page = trainingPage({ log: log(steps) });
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
    expect(page).toContain(steps === 0 ? 'No step has been told of yet' : '1000.0 ');
  });

  it('shows steps where a trainer counts no tokens, and no chart of what it never told', () => {
    const lines = [1, 2, 3].map((step) => JSON.stringify({ event: 'progress', step, loss: 1 / step }));
    const page = trainingPage({ log: lines });
    expect(page).toContain('<div class="across">steps</div>');
    expect(page).not.toContain('Gradient norm');
  });

  it('takes tables of both kinds, and shows nothing as markup', () => {
    const page = trainingPage({
      log: log(2),
      title: '<b>x</b>',
      tables: [
        { title: 'cells', head: ['arm', 'right'], rows: [['Direct', 0.5]] },
        {
          title: 'fields',
          rows: [
            { arm: '<script>', right: 2000 },
            { arm: 'CoTA', seeds: 3 },
          ],
        },
      ],
    });
    expect(page).toContain('<th scope="row">Direct</th><td>0.5</td>');
    expect(page).toContain('<th scope="row">&lt;script&gt;</th><td>2,000</td><td>–</td>');
    expect(page).not.toMatch(/<script|<b>/);
  });
});

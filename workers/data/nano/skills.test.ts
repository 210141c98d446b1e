import { describe, expect, it } from 'vitest';
import { stepFaults } from '../check/nano/steps.ts';
import { random } from '../random.ts';
import { skillChains } from './skills.ts';

const chains = Array.from({ length: 300 }, (_, index) => skillChains(random(3, `skills-${index}`), 6)).flat();
const all = (kind: string) => chains.filter((chain) => chain.kind === kind);

describe('drills of choosing', () => {
  it.each(['value', 'reverse', 'across', 'absent', 'extreme', 'place', 'pair'])(
    '%s: many, and each stands on its rows',
    (kind) => {
      expect(all(kind).length).toBeGreaterThan(40);
      expect(all(kind).filter((chain) => stepFaults(chain).length > 0)).toEqual([]);
    },
  );

  it('asks in vain for what no row holds', () => {
    for (const { prompt, observations, turns } of all('absent')) {
      expect(turns.at(-1)?.action).toBe('unknown');
      const [read] = observations;
      const rows = read && 'rows' in read ? read.rows : [];
      const names = rows.map((row) => row.split(/\t| - |: | \.\.\.\. /)[0] ?? '');
      // Whole names of rows are only asked for together with a column that is not there.
      const named = names.filter((name) => name.length > 3 && prompt.question.includes(name));
      if (named.length > 0) expect(rows[0]?.split('\t').length).toBeGreaterThan(2);
    }
  });

  it('asks of one reading in several ways', () => {
    const kinds = Map.groupBy(chains, (chain) => JSON.stringify(chain.observations[0]));
    const several = [...kinds.values()].filter((list) => new Set(list.map(({ kind }) => kind)).size > 1);
    expect(several.length).toBeGreaterThan(250);
  });
});

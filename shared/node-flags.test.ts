import { expect, test } from 'vitest';
import { inheritedFlags } from './node-flags.ts';

test.each([
  [[], []],
  [
    ['--max-old-space-size=100', '--enable-source-maps'],
    ['--max-old-space-size=100', '--enable-source-maps'],
  ],
  [['--input-type=module', '-e', 'run()'], []],
  [['-e', 'run()', '--inspect'], ['--inspect']],
  [
    ['--eval=run()', '--import', './x.ts'],
    ['--import', './x.ts'],
  ],
  [['-p', '--no-warnings'], ['--no-warnings']],
])('%j -> %j', (flags, kept) => {
  expect(inheritedFlags(flags)).toEqual(kept);
});

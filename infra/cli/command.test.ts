import { expect, test } from 'vitest';
import { type Command, helpOf, readArguments } from './command.ts';
import { nearest } from './nearest.ts';
import { duration, harmless, paragraph, plural, seconds, size, table } from './terminal.ts';

const command: Command = {
  name: 'ask',
  operands: 'WORD',
  summary: 'Ask.',
  options: {
    model: { value: 'ID', short: 'm', help: 'the model' },
    json: { help: 'JSON' },
    lines: { value: 'N', help: 'lines' },
  },
  run: async () => 0,
};

test('operands, texts, flags and numbers', () => {
  const args = readArguments(command, ['a.png', '-m', 'x', '--json', 'what?', '--lines=12']);
  expect(args?.operands).toEqual(['a.png', 'what?']);
  expect(args?.text('model')).toBe('x');
  expect(args?.flag('json')).toBe(true);
  expect(args?.number('lines', 0, 20)).toBe(12);
  expect(readArguments(command, [])?.number('lines', 0, 20)).toBeUndefined();
  expect(readArguments(command, ['--help'])).toBeUndefined();
});

test.each([
  [['--modle', 'x'], 'cota ask has no option --modle (did you mean --model?): `cota ask --help` lists the options'],
  [['--colour'], 'cota ask has no option --colour: `cota ask --help` lists the options'],
  [['--model'], /argument missing: `cota ask --help`/],
  [['--json=yes'], /does not take an argument/],
])('%j is refused in one line', (argv, message) => {
  expect(() => readArguments(command, argv)).toThrow(message);
});

test.each(['x', '1.5', '-1', '21', ''])('"%s" is no number of lines', (value) => {
  const args = readArguments(command, [`--lines=${value}`]);
  expect(() => args?.number('lines', 0, 20)).toThrow('--lines takes a whole number from 0 to 20');
});

test('help names every option', () => {
  const help = helpOf(command);
  expect(help).toContain('cota ask [options] WORD');
  for (const option of ['-m, --model ID', '--json', '--lines N', '-h, --help']) expect(help).toContain(option);
});

test.each([
  ['aks', 'ask'],
  ['modle', 'models'],
  ['doctr', 'doctor'],
  ['DOWN', 'down'],
  ['statsu', 'status'],
  ['xyzzy', undefined],
  ['', undefined],
])('%s is closest to %s', (word, expected) => {
  expect(nearest(word, ['up', 'down', 'status', 'ask', 'models', 'doctor'])).toBe(expected);
});

test('tables line up, without blanks at the ends of lines', () => {
  expect(
    table(
      ['A', 'LONGER'],
      [
        ['first', 'x'],
        ['b', ''],
      ],
    ),
  ).toBe('A      LONGER\nfirst  x\nb');
});

test('long words of models are wrapped and cut; what is left out is counted', () => {
  const text = paragraph('thought', 'cyan', `${'word '.repeat(60)}\nend`);
  expect(text.split('\n').every((line) => line.length <= 110)).toBe(true);
  expect(text).toMatch(/^thought {6}word/);
  expect(paragraph('seen', 'cyan', Array.from({ length: 30 }, (_, row) => `row ${row}`).join('\n'), 4)).toMatch(
    /row 2\n +… and 27 lines more$/,
  );
});

test('text from outside cannot steer the terminal', () => {
  expect(harmless('a\u001b[2Jb\u0007\r\nc\td')).toBe('a\u00b7[2Jb\u00b7\nc   d');
});

test('times, sizes and counts as people say them', () => {
  expect([seconds(40), seconds(9_940), seconds(9_990), seconds(61_400)]).toEqual(['0.0 s', '9.9 s', '10 s', '61 s']);
  expect([duration(5_000), duration(90_000), duration(7_500_000), duration(400_000_000)]).toEqual([
    '5 s',
    '1 min',
    '2 h 5 min',
    '4 days',
  ]);
  expect([size(5), size(2_048), size(1_073_741_824), size(52_428_800)]).toEqual(['5 B', '2.0 kB', '1.0 GB', '50 MB']);
  expect([plural(1, 'reply', 'replies'), plural(2, 'reply', 'replies'), plural(0, 'run')]).toEqual([
    '1 reply',
    '2 replies',
    '0 runs',
  ]);
});

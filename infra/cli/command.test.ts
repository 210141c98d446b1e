import { expect, test } from 'vitest';
import {
  type Command,
  type CommandGroup,
  findCommand,
  helpOf,
  helpOfGroup,
  oneOperand,
  readArguments,
} from './command.ts';
import { nearest } from './nearest.ts';
import { cut, duration, harmless, moment, paragraph, plural, seconds, size, table } from './terminal.ts';

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
  [['--lines', '-3'], /^--lines takes a value, .* write --lines=VALUE: `cota ask --help`/],
  [['-m', '-3'], /^-m takes a value, .* write -mVALUE: /],
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

const group: CommandGroup = {
  name: 'batch',
  summary: 'Files.',
  commands: [
    { ...command, name: 'batch submit', operands: 'FILE', options: { note: { value: 'K=V', many: true, help: 'n' } } },
    { ...command, name: 'batch list' },
  ],
};
const all = [command, group];

test('commands and those of groups are found by their words', () => {
  expect(findCommand(all, ['ask', 'x', '-m', 'y'])).toEqual({ found: command, rest: ['x', '-m', 'y'] });
  expect(findCommand(all, ['batch', 'submit', 'x'])).toEqual({ found: group.commands[0], rest: ['x'] });
  expect(findCommand(all, ['batch'])).toEqual({ found: group, rest: [] });
  expect(findCommand(all, ['batch', '--help'])).toEqual({ found: group, rest: ['--help'] });
});

test.each([
  [['bacth', 'submit'], 'there is no command "bacth": did you mean `cota batch`?'],
  [['batch', 'sumbit'], 'there is no command "batch sumbit": did you mean `cota batch submit`?'],
  [['batch', 'zzzzzzz'], 'there is no command "batch zzzzzzz": the commands are submit, list'],
])('%j is refused with what was meant', (words, message) => {
  expect(() => findCommand(all, words)).toThrow(message);
});

test('the help of a group names its commands, and errors name the whole command', () => {
  expect(helpOfGroup(group)).toMatch(/^cota batch COMMAND .*\n {2}submit FILE +Ask\.\n {2}list WORD +Ask\.\n/s);
  const [submit] = group.commands;
  expect(() => readArguments(submit as Command, ['--nota', 'x'])).toThrow(
    'cota batch submit has no option --nota (did you mean --note?): `cota batch submit --help` lists the options',
  );
});

test('an option that may come several times, and the one operand', () => {
  const [submit] = group.commands as readonly [Command];
  const args = readArguments(submit, ['--note', 'a=1', 'f', '--note=b=2']);
  expect(args?.texts('note')).toEqual(['a=1', 'b=2']);
  expect(readArguments(submit, [])?.texts('note')).toEqual([]);
  const one = (...words: string[]): string =>
    oneOperand(submit, readArguments(submit, words) as NonNullable<typeof args>);
  expect(one('f')).toBe('f');
  expect(() => one()).toThrow('FILE is missing: cota batch submit FILE');
  expect(() => one('f', 'g')).toThrow('one at a time: "g" is a second');
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

const ID = 'run_0123456789012345678901234567890123';
const LONG = 'a question of many words that goes on and on';

test('a table is as narrow as its terminal: words are cut, ids never', () => {
  const rows = [[ID, 'completed', LONG]];
  const head = ['RUN', 'STATUS', 'QUESTION'];
  expect(table(head, rows, undefined)).toContain(LONG);
  const lines = table(head, rows, 72).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(72);
  expect(lines[1]).toMatch(new RegExp(`^${ID}  completed  a question of.*…$`));
  // Where that is not enough, what names the row has a line of its own.
  expect(table(head, rows, 56).split('\n')).toEqual([
    'RUN',
    '  STATUS     QUESTION',
    ID,
    '  completed  a question of many words that goes on and…',
  ]);
  // A path that is wider than any terminal is left whole.
  expect(table(['A', 'LOG'], [['x', '/a/path/that/is/long']], 10)).toBe('A  LOG\nx  /a/path/that/is/long');
});

test('cells are one line each', () => {
  expect(table(['A'], [['two\nlines\u001b[2J']])).toBe('A\ntwo lines·[2J');
  expect([cut('short', 5), cut('too long', 5)]).toEqual(['short', 'too…']);
});

test('moments are local, and may be none', () => {
  expect(moment(new Date(2026, 0, 31, 9, 5).getTime() / 1000)).toBe('2026-01-31 09:05');
  expect(moment(null)).toBe('-');
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

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { malformedReplies } from '../../../../test/fixtures/malformed-replies.ts';
import { sampleRun } from '../../../../test/sample-run.ts';
import { parseReply } from './parse.ts';

const read = (reply: string, answerNow?: string) =>
  parseReply(reply, sampleRun(answerNow === undefined ? {} : { answerNow }));

describe('parseReply', { timeout: 30_000 }, () => {
  it('has a table of at least 70 replies', () => {
    expect(malformedReplies.length).toBeGreaterThanOrEqual(70);
    expect(new Set(malformedReplies.map((row) => row.name)).size).toBe(malformedReplies.length);
  });

  it.each(malformedReplies)('$name', ({ reply, thought, actions, problem, answerNow }) => {
    const parsed = read(reply, answerNow);
    expect(parsed.thought).toBe(thought ?? '');
    expect(parsed.actions).toEqual(actions ?? []);
    if (problem === undefined) expect(parsed.problem).toBeUndefined();
    else expect(parsed.problem).toMatch(problem);
  });

  it('says in words for the model what was wrong, and never quotes it at length', () => {
    for (const { reply, answerNow } of malformedReplies) {
      const words = read(reply, answerNow).problem;
      if (words !== undefined) expect(words).toMatch(/^[A-Z].{8,240}\.$/s);
    }
  });

  it('reads any well-formed turn as it is', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((value) => !/[\b\f\r\t\n][A-Za-z]/.test(value));
    const turns = fc.record({
      thought: text,
      actions: fc.array(
        fc.record({
          name: fc.constantFrom('OCR', 'Crop', 'Teleport'),
          arguments: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text, { maxLength: 3 })), {
            maxKeys: 4,
          }),
        }),
        { maxLength: 4 },
      ),
    });
    fc.assert(
      fc.property(turns, fc.nat(3), (turn, indent) => {
        // NULs and byte order marks are dropped on purpose: neither can be stored or shown.
        fc.pre(!/[\0\ufeff]/.test(JSON.stringify(turn).replaceAll('\\u0000', '\0')));
        const parsed = read(JSON.stringify(turn, undefined, indent));
        expect(parsed).toEqual(JSON.parse(JSON.stringify(turn)));
      }),
      { numRuns: 500 },
    );
  });

  it('never throws and never gives both actions and a problem, whatever comes', () => {
    const pieces = fc.constantFrom(
      ...['{', '}', '[', ']', '"', "'", ':', ',', '\\', '\\"', '“', '”', '```', '\n', ' ', '/', '//', '/*', '*/', '('],
      ...['"thought"', '"actions"', '"name"', '"arguments"', 'OCR', 'Terminate', '"answer"', 'null', '1', '-', '.5'],
      ...['<think>', '</think>', 'text', '\u0000', '\ud83d', '{"thought": "', '"actions": [', '__proto__', 'é'],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), fc.boolean(), (parts, due) => {
        const parsed = read(parts.join(''), due ? 'replies' : undefined);
        if (parsed.problem !== undefined) expect(parsed.actions).toEqual([]);
        expect(JSON.stringify(parsed).isWellFormed()).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

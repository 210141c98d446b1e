import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ARGUMENT_LIMIT,
  decodeTurn,
  encodeObservation,
  encodeTurn,
  fitRows,
  fromText,
  ID,
  type NanoTurn,
  toText,
  VOCABULARY_SIZE,
} from '../format.ts';
import { openReading } from '../read.ts';
import { hear } from './heard.ts';
import { type Constraint, speakable } from './mask.ts';
import { spansOf } from './spans.ts';

const START =
  '<bos><tool:OCR><tool:Calculate><tool:Terminate><tool:LocalizeObjects><tool:ZoomIn><budget:3><img>8x6<q>how much are two teas?<turn>';
const READ = `${START}<act:OCR>0<end><obs><r4>green tea<c1>rm2.50<r4><r5>lemon cake<c1>4.20<r5><q>how much are two teas?<turn>`;

/** Tokens that may follow, one readable text. */
function mayFollow(prompt: string, said: string, constraint: Exclude<Constraint, 'none'> = 'spans'): string {
  const logits = new Float32Array(VOCABULARY_SIZE);
  speakable(fromText(prompt), constraint)(fromText(said), logits);
  return toText([...logits].flatMap((logit, id) => (logit === 0 ? [id] : [])));
}

describe('a turn may be', () => {
  it('an enabled action before anything was read, and no quote', () => {
    expect(mayFollow(START, '')).toBe('<unknown><act:OCR><act:Calculate><act:Terminate><act:LocalizeObjects>');
  });
  it('quotes of rows that were read, each once; a row is enlarged only where one is quoted', () => {
    expect(mayFollow(READ, '')).toContain('<r4><r5>');
    expect(mayFollow(READ, '')).not.toContain('ZoomIn');
    expect(mayFollow(READ, '<r5>')).toMatch(/<act:ZoomIn>.*<r4>$/);
    expect(mayFollow(READ, '<r5><act:ZoomIn>')).toBe('<end>');
  });
  it('an answer only, once the budget is spent', () => {
    const last = READ.replace(/<turn>$/, '<now><turn>');
    expect(mayFollow(last, '')).toContain('<unknown><act:Terminate>');
    expect(mayFollow(last, '')).not.toContain('<act:OCR>');
  });
  it('a mark and then its row', () => {
    expect(mayFollow(READ, '<r4>')).toMatch(/>4cgl<r5>$/);
    expect(mayFollow(READ, '<r4>g')).toBe('r');
    expect(mayFollow(READ, '<r4>green tea<c1>rm2.50')).toBe('<r4>');
    expect(mayFollow(READ, '<r4>green tea<c1>rm2.50<r4>')).toMatch(/<act:ZoomIn>4cl<r5>$/);
    expect(mayFollow(READ, '<r4><r5>')).toMatch(/<act:ZoomIn>l$/);
  });
  it("quotes from where a word begins to the row's end, and what stands before them behind that", () => {
    expect(mayFollow(READ, '')).toMatch(/^<unknown>.*24cglrt<r4><r5>$/);
    expect(mayFollow(READ, 'tea')).toBe('<c1>');
    expect(mayFollow(READ, 'tea<c1>rm2.50')).toBe('<r4>');
    expect(mayFollow(READ, 'tea<c1>rm2.50<r4>')).toBe('g');
    expect(mayFollow(READ, 'tea<c1>rm2.50<r4>green')).toBe(' ');
    expect(mayFollow(READ, 'tea<c1>rm2.50<r4>green ')).toBe('<r4>');
    expect(mayFollow(READ, 'tea<c1>rm2.50<r4>green <r4>')).toContain('<act:ZoomIn>4cl<r5>');
    expect(mayFollow(READ, 'green tea<c1>rm2.50<r4>')).toContain('<act:ZoomIn>4cl<r5>');
  });
});

describe('an argument', () => {
  it('names an image that there is', () => {
    expect(mayFollow(START, '<act:OCR>')).toBe('0');
    expect(mayFollow(START, '<act:OCR>0')).toBe('<end>');
    const zoomed = `${READ}<r4><act:ZoomIn><end><obs>1<turn>`;
    expect(mayFollow(zoomed, '<act:OCR>')).toBe('01');
  });
  it('of a search is an image and words', () => {
    expect(mayFollow(START, '<act:LocalizeObjects>')).toBe('0');
    expect(mayFollow(START, '<act:LocalizeObjects>0')).toBe(' ');
    expect(mayFollow(START, '<act:LocalizeObjects>0 ')).not.toContain('<end>');
    expect(mayFollow(START, '<act:LocalizeObjects>0 cat')).toContain('<end>');
  });
  it('of Calculate has numbers of the quoted rows, the question, results, or small counts', () => {
    expect(mayFollow(READ, '<r4><act:Calculate>')).toMatch(/2/);
    expect(mayFollow(READ, '<r4><act:Calculate>2.')).toBe('5');
    expect(mayFollow(READ, '<r5><act:Calculate>2.')).toBe('<end>');
    expect(mayFollow(READ, '<r4><act:Calculate>2.5')).toBe('0');
    expect(mayFollow(READ, '<r4><act:Calculate>2.50')).toContain('<end>');
    expect(mayFollow(READ, '<r4><act:Calculate>2.50*2')).toContain('<end>');
  });
  it('of Calculate has the quoted rows themselves, and nothing but an operator behind one', () => {
    const open = mayFollow(READ, '<r4><act:Calculate>2*');
    expect(open).toContain('<r4>');
    expect(open).not.toContain('<r5>');
    expect(open).toContain('\n');
    for (const said of ['2*<r4>', 'max(\n']) {
      const after = mayFollow(READ, `<r4><act:Calculate>${said}`);
      expect(after).toContain('+');
      expect(after).toContain('<end>');
      expect(after).not.toMatch(/[a-z0-9](?![^<]*>)|<r/);
    }
    expect(mayFollow(READ, '<act:Calculate>2*')).not.toMatch(/<r|\n/);
    // A cell is named where it has a number.
    expect(mayFollow(READ, '<r4><act:Calculate><r4>')).toContain('<c1>');
    expect(mayFollow(READ, '<r4><act:Calculate><r4>')).not.toContain('\t');
    const numbered = READ.replaceAll('green tea', '7 teas');
    expect(mayFollow(numbered, '<r4><act:Calculate><r4>')).toContain('\t');
    expect(mayFollow(numbered, '<r4><act:Calculate><r4>\t')).not.toMatch(/<c|\t|<r/);
  });
  it('of Terminate can be how many were quoted, and then no more', () => {
    expect(mayFollow(READ, '<r4><r5><act:Terminate>')).toContain('\n');
    expect(mayFollow(READ, '<r4><r5><act:Terminate>\n')).toBe('<end>');
    expect(mayFollow(READ, '<r4><act:Terminate>gr')).not.toContain('\n');
  });
  it('of Terminate is a span of what was read or asked, a result, a count, yes or no', () => {
    expect(mayFollow(READ, '<r4><act:Terminate>gr')).toBe('e');
    expect(mayFollow(READ, '<r4><act:Terminate>green')).toContain('<end>');
    expect(mayFollow(READ, '<r4><act:Terminate>gree')).toBe('n');
    expect(mayFollow(READ, '<r4><act:Terminate>2.5')).toBe('0');
    expect(mayFollow(READ, '<r4><act:Terminate>2.50')).toBe('<end>');
    expect(mayFollow(READ, '<r4><act:Terminate>1')).toBe('<end>');
    expect(mayFollow(READ, '<act:Terminate>y')).toBe('e');
    const computed = `${READ}<r4><act:Calculate>2.50*2<end><obs>77.1<turn>`;
    expect(mayFollow(computed, '<act:Terminate>7')).toBe('7');
    expect(mayFollow(computed, '<act:Terminate>77.1')).toBe('<end>');
  });
  it('is free where only the scaffold is held to', () => {
    expect(mayFollow(READ, '<r4><act:Terminate>zz', 'scaffold')).toContain('q');
  });
});

it('follows spans from where words and numbers begin to where they end', () => {
  const reach = (text: string, said: string): { next: string; whole: boolean } => {
    const spans = spansOf([text]);
    for (const char of said) spans.say(char);
    return { next: [...spans.next()].sort().join(''), whole: spans.whole() };
  };
  expect(reach('total: 12.50', '')).toEqual({ next: '1:t', whole: false });
  expect(reach('total: 12.50', '12')).toEqual({ next: '.', whole: false });
  expect(reach('total: 12.50', '12.50')).toEqual({ next: '', whole: true });
  expect(reach('a\tb', 'a')).toEqual({ next: ' ', whole: true });
  expect(reach('rm42', '42').whole).toBe(true);
});

it('gives the same whether a turn is said on or begun anew', () => {
  const mask = speakable(fromText(READ), 'spans');
  const allowed = (said: string): string => {
    const logits = new Float32Array(VOCABULARY_SIZE);
    mask(fromText(said), logits);
    return toText([...logits].flatMap((logit, id) => (logit === 0 ? [id] : [])));
  };
  const first = allowed('<r4><act:Terminate>2.5');
  allowed('<r5>');
  allowed('<r5><act:Terminate>le');
  expect(allowed('<r4><act:Terminate>2.5')).toBe(first);
});

it('never runs into a wall: any walk is a turn that can be read, of rows that were read', () => {
  const lines = fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 5 });
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(10_000)), lines, fc.boolean(), (picks, rows, answerNow) => {
      const prompt = [...fromText(`${START}<act:OCR>0<end>`), ...encodeObservation({ rows, answerNow }, 'what?', 60)];
      const mask = speakable(prompt, 'spans');
      const said: number[] = [];
      for (const pick of picks) {
        const logits = new Float32Array(VOCABULARY_SIZE);
        mask(said, logits);
        const next = [...logits].flatMap((logit, id) => (logit === 0 ? [id] : []));
        expect(next.length).toBeGreaterThan(0);
        // Ends are taken where they can be, or a random walk would be long.
        said.push(next.includes(ID.end) ? ID.end : (next[pick % next.length] as number));
        if (said.at(-1) === ID.end || said.length > 400) break;
      }
      expect(said.at(-1)).toBe(ID.end);
      const { quotes, action } = decodeTurn(said);
      const seen = fitRows(rows).seen.map((_, at) => (60 + at) % 64);
      for (const quote of quotes) expect(seen).toContain(quote);
      if (answerNow && action !== 'unknown') expect(action.name).toBe('Terminate');
    }),
    { numRuns: 300 },
  );
});

/** The first token of a turn that the mask forbids, with what stands before it. */
function forbidden(prompt: readonly number[], said: readonly number[], constraint: 'scaffold' | 'spans' = 'spans') {
  const mask = speakable(prompt, constraint);
  const at = said.findIndex((id, nth) => {
    const logits = new Float32Array(VOCABULARY_SIZE);
    mask(said.slice(0, nth), logits);
    return logits[id] !== 0;
  });
  return at < 0 ? undefined : toText(said.slice(0, at + 1));
}

it.each([
  ['Terminate', 'x'.repeat(400)],
  ['LocalizeObjects', `0 ${'cat '.repeat(100)}`],
  ['Calculate', '1+'.repeat(200)],
] as const)('lets an argument of %s be as long as any', (name, argument) => {
  const said = encodeTurn({ quotes: [], action: { name, argument } });
  expect(said.length).toBeLessThanOrEqual(ARGUMENT_LIMIT + 2);
  // What is cut within a number may end nowhere else.
  if (name === 'Calculate') said.splice(-2, 1);
  expect(forbidden(fromText(READ), said, 'scaffold')).toBeUndefined();
});

it('lets every quote be said that a turn writes, of whatever rows, and each turn comes back', () => {
  const piece = fc.constantFrom(
    ...[
      'tea',
      'green',
      'the',
      'a',
      '9',
      '2.50',
      '1,2,3',
      '12.05.2024',
      'rm42',
      '.',
      '...',
      '-',
      '$',
      '\u4ef7',
      '\ufffd',
      '',
    ],
  );
  const cell = fc.oneof(
    fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(' ')),
    fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constant('long '.repeat(40)),
  );
  const row = fc.array(cell, { maxLength: 12 }).map((cells) => cells.join('\t'));
  const rows = fc.oneof(
    fc.array(row, { maxLength: 8 }),
    // Cut in the middle, or with marks that are used again.
    fc.array(row, { minLength: 60, maxLength: 90 }),
    fc.array(piece, { minLength: 60, maxLength: 150 }),
  );
  const readings = fc.array(fc.record({ rows, found: fc.boolean() }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(
      cell,
      readings,
      fc.nat(63),
      fc.array(fc.nat(1_000), { maxLength: 4 }),
      (question, all, first, picks) => {
        const prompt = fromText(START);
        const read = openReading(question, first);
        let mark = first;
        for (const observation of all) {
          prompt.push(...fromText('<act:OCR>0<end>'), ...encodeObservation(observation, question, mark));
          mark = read.add(observation);
          const heard = hear(prompt);
          expect(heard.question).toBe(read.question);
          expect(new Map(heard.rows)).toEqual(new Map([...read.rows].map(([at, { text }]) => [at, text])));
          const marks = [...read.rows.keys()];
          const quotes = marks.length > 0 ? picks.map((pick) => marks[pick % marks.length] as number) : [];
          const turn: NanoTurn = { quotes: [...new Set(quotes)], action: { name: 'Terminate', argument: 'yes' } };
          const said = encodeTurn(turn, read);
          expect(decodeTurn(said)).toEqual(turn);
          expect(forbidden(prompt, said)).toBeUndefined();
          prompt.push(...said, ...fromText('<err>no<turn>'));
        }
      },
    ),
    { numRuns: 30 },
  );
});

import { describe, expect, it } from 'vitest';
import type { Run, Step } from '../../../shared/contract.ts';
import { CANNOT_TELL } from '../../../shared/data/chain.ts';
import { nano } from './nano.ts';

const usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 };
const dialect = nano();

const tool = (name: string): Run['config']['tools'][number] => ({
  ...{ name, version: '1', description: '', parameters: {}, returns: '', example: {}, pool: 'cpu' },
});

const image = (name: string) => ({
  ...{ name, sha256: '0'.repeat(64), contentType: 'image/png', width: 820, height: 610, bytes: 1, key: 'k' },
});

/** A run with these steps; only what the dialect reads is filled. */
function run(question: string, steps: Step[], more: Partial<Run> = {}): Run {
  const names = ['OCR', 'Calculate', 'LocalizeObjects', 'ZoomIn', 'Terminate', 'MyOwnTool'];
  return {
    config: { question, tools: names.map(tool), budgets: { replies: 10, turnTokens: 100 } },
    images: [image('image-0')],
    steps: steps.map((step) => ({ ...step, startedAt: 0, endedAt: 0 })),
    answerNow: undefined,
    ...more,
  } as unknown as Run;
}

const said = (text: string, more: object = {}): Step =>
  ({ kind: 'model', text, thought: '', actions: [], finishReason: 'stop', usage, ...more }) as unknown as Step;

function done(name: string, result: object, images: object[] = []): Step {
  const action = { name, arguments: { image: 'image-0' } };
  const observation = { ok: true, images, result };
  return { kind: 'action', action, observation, toolVersion: '1', cached: false, toolMs: 1 } as unknown as Step;
}

function failed(name: string, message: string): Step {
  const step = done(name, {});
  return { ...step, observation: { ok: false, error: { code: 'bad', message } } } as unknown as Step;
}

const row = (text: string, top: number) => ({ text, bbox: [0.1, top, 0.9, top + 0.04], cells: [] });
const read = done('OCR', {
  text: 'Crème Brûlée\t5,90 €\nEspresso\t2,10 €',
  rows: [row('Crème Brûlée\t5,90 €', 0.2), row('Espresso\t2,10 €', 0.3)],
});
const found = done('LocalizeObjects', {
  regions: [
    { label: 'kite-1', bbox: [0.1, 0.1, 0.3, 0.3], score: 0.91 },
    { label: 'kite-2', bbox: [0.5, 0.5, 0.7, 0.7], score: 0.6 },
  ],
});
const readTurn = said('<act:OCR>0<end>');

const textOf = (of: Run): string =>
  dialect
    .render(of)
    .flatMap((message) => message.content.map((part) => (part.type === 'text' ? part.text : '')))
    .join('');
const actionOf = (reply: string, of: Run): unknown => dialect.parse(reply, of).actions[0];

describe('what the model is shown', () => {
  it('is the question, the size of each image, the tools that it knows, and rows with their marks', () => {
    expect(textOf(run('What is <it> & why?', [readTurn, read]))).toBe(
      '<bos><tool:OCR><tool:Calculate><tool:Terminate><tool:LocalizeObjects><tool:ZoomIn><budget:3><img>8x6' +
        '<q>what is &lt;it> &amp; why?<turn><act:OCR>0<end>' +
        '<obs><r0>creme brulee<c1>5.90 €<r0><r1>espresso<c1>2.10 €<r1><q>what is &lt;it> &amp; why?<turn>',
    );
  });

  it('is longer each turn, and what was said before stays as it was', () => {
    const steps = [
      readTurn,
      read,
      said('espresso', { finishReason: 'length', problem: 'the turn ends without an action' }),
      said('espresso<c1>2.10 €<r1><act:Calculate>2.10*2<end>'),
      failed('Calculate', 'Broken <act:OCR> & more'),
    ];
    const prompts = [0, 2, 3, 5].map((count) => textOf(run('Sum?', steps.slice(0, count))));
    for (const [at, prompt] of prompts.entries()) {
      if (at > 0) expect(prompt.startsWith(prompts[at - 1] as string)).toBe(true);
      expect(prompt.endsWith('<turn>')).toBe(true);
    }
    expect(prompts[2]).toContain('espresso<end><err>the turn ends without an action<turn>');
    expect(prompts[3]).toContain('<err>broken &lt;act:ocr> &amp; more<turn>');
  });

  it('says when an answer is due', () => {
    expect(textOf(run('Sum?', [readTurn, read], { answerNow: 'replies' }))).toMatch(/<q>sum\?<now><turn>$/);
  });

  it('tells things that were found by their places, and an image that a tool made by its number', () => {
    const made = image('image-1');
    const zoomed = done('ZoomIn', { image: 'image-1' }, [made]);
    const steps = [said('<act:LocalizeObjects>0 kite<end>'), found, said('<r0><act:ZoomIn><end>'), zoomed];
    const text = textOf(run('How many kites?', steps, { images: [image('image-0'), made] as never }));
    expect(text.match(/<img>/g)).toHaveLength(1);
    expect(text).toContain('<r0>kite<c1>20<c2>20<c3>91<r0><r1>kite<c1>60<c2>60<c3>60<r1>');
    expect(text).toMatch(/<act:ZoomIn><end><obs>1<turn>$/);
  });
});

describe('a turn is read as', () => {
  const seen = run('Sum?', [readTurn, read]);

  it('a thought in plain words, with its evidence as it stands in the image', () => {
    expect(dialect.parse('<act:OCR>0<end>', seen)).toEqual({
      thought: 'The answer must be read, so the text of image-0 comes first.',
      actions: [{ name: 'OCR', arguments: { image: 'image-0' } }],
    });
    const sum = 'creme brulee<c1>5.90 €<r0>espresso<c1>2.10 €<r1><act:Calculate>5.90+2.10<end>';
    expect(dialect.parse(sum, seen)).toEqual({
      thought:
        'The rows "Crème Brûlée 5,90 €" and "Espresso 2,10 €" hold what is asked for. What remains is arithmetic: 5.90+2.10.',
      actions: [{ name: 'Calculate', arguments: { expression: '5.90+2.10' } }],
    });
  });

  it('an answer: words get their case and accents back, numerals stay, an option is its letter', () => {
    const answer = (reply: string, of = seen): unknown => (actionOf(reply, of) as { arguments: object }).arguments;
    expect(answer('2.10 €<r1>espresso<c1>2.10 €<r1><act:Terminate>espresso<end>')).toEqual({ answer: 'Espresso' });
    expect(answer('<r0><act:Terminate>creme brulee<end>')).toEqual({ answer: 'Crème Brûlée' });
    expect(answer('<r1><act:Terminate>2.10<end>')).toEqual({ answer: '2.10' });
    const choice = run('Which costs less?\nA. Espresso\nB. Tea', [readTurn, read]);
    expect(answer('<r1><act:Terminate>a<end>', choice)).toEqual({ answer: 'A' });
    expect(answer('<r1><act:Terminate>espresso<end>', choice)).toEqual({ answer: 'A' });
    expect(answer('<r1><act:Terminate>31 00<end>')).toEqual({ answer: '31.00' });
    expect(answer('<r1><act:Calculate>2*<r1>+1<end>')).toEqual({ expression: '2*2.10+1' });
    expect(dialect.parse('<r1><act:Calculate>2*<r0><end>', seen).problem).toBe(
      'it calculates with a row that it does not quote',
    );
    const menu = done('OCR', { text: '', rows: [row('NOODLES', 0.2), row('Tea No. 5\tRed', 0.3)] });
    expect(answer('<r0><act:Terminate>no<end>', run('Any?', [readTurn, menu]))).toEqual({ answer: 'No' });
    expect(answer('<act:Terminate>yes<end>', run('Any?', [readTurn, menu]))).toEqual({ answer: 'yes' });
    expect(answer('<act:Terminate>5 red<end>', run('Any?', [readTurn, menu]))).toEqual({ answer: '5 Red' });
    const lower = done('OCR', { text: 'tea\t5\nbanana a', rows: [row('tea\t5', 0.2), row('banana a', 0.3)] });
    const which = run('Which is it, a tea?\nA. Tea (a)\n(B) Banana', [readTurn, lower]);
    expect(answer('<r0><act:Terminate>a<end>', which)).toEqual({ answer: 'A' });
    expect(answer('<r1><act:Terminate>b<end>', which)).toEqual({ answer: 'B' });
    expect(answer('<r1><act:Terminate>a<end>', run('Which letter?', [readTurn, lower]))).toEqual({ answer: 'a' });
    expect(answer('<unknown><end>')).toEqual({ answer: CANNOT_TELL });
  });

  it('a search for things, and things that were found are counted by kind', () => {
    expect(actionOf('<act:LocalizeObjects>0 kite, red kite<end>', seen)).toEqual({
      ...{ name: 'LocalizeObjects', arguments: { image: 'image-0', objects: ['kite', 'red kite'] } },
    });
    const counted = run('How many kites?', [said('<act:LocalizeObjects>0 kite<end>'), found]);
    expect(dialect.parse('<r0><r1><act:Terminate>\n<end>', counted)).toEqual({
      thought: 'What was found: 2 × kite. The answer is 2.',
      actions: [{ name: 'Terminate', arguments: { answer: '2' } }],
    });
  });

  it('a closer look at the place of the row that it quotes, with some room around it', () => {
    expect(dialect.parse('<r1><act:ZoomIn><end>', seen)).toEqual({
      thought: '"Espresso 2,10 €" is in doubt, so that part of image-0 is enlarged.',
      actions: [{ name: 'ZoomIn', arguments: { image: 'image-0', bbox: [0.09, 0.29, 0.91, 0.35], zoom_factor: 3 } }],
    });
  });

  it.each([
    ['', 'empty'],
    ['hello', 'without an action'],
    ['espresso<act:Terminate>2.10<end>', 'without the mark of its row'],
    ['<r9><act:Terminate>5<end>', 'a row is quoted that was not read'],
    ['<act:Terminate><end>', 'Terminate needs an answer'],
    ['<act:Calculate><end>', 'Calculate needs an expression'],
    ['<act:OCR>image-x<end>', 'OCR needs the number of an image'],
    ['<act:LocalizeObjects>0<end>', 'LocalizeObjects needs the number of an image and what to find'],
    ['<act:ZoomIn><end>', 'ZoomIn needs a quoted row'],
    ['<act:Crop>1<end>', 'Crop cannot be used'],
    ['<obs>5<act:Terminate>5<end>', '<obs> stands where'],
    ['5 < 6', '&lt;'],
  ])('no action but a fault that is named: %j', (reply, fault) => {
    const parsed = dialect.parse(reply, seen);
    expect(parsed.actions).toEqual([]);
    expect(parsed.problem).toContain(fault);
  });
});

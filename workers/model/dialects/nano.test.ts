import { describe, expect, it } from 'vitest';
import type { Run, Step } from '../../../shared/contract.ts';
import { CANNOT_TELL } from '../../../shared/data/chain.ts';
import { encodeChain, fromText, type NanoChain } from '../../../shared/nano/format.ts';
import { promptIds } from '../backends/onnx.ts';
import { nano } from './nano.ts';

const usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 };
const dialect = nano();

function tool(name: string): Run['config']['tools'][number] {
  return { name, version: '1', description: '', parameters: {}, returns: '', example: {}, pool: 'cpu' };
}

/** A run with these steps; only what the dialect reads is filled. */
function run(question: string, steps: Step[], more: Partial<Run> = {}): Run {
  const image = {
    name: 'image-0',
    sha256: '0'.repeat(64),
    contentType: 'image/png',
    width: 820,
    height: 610,
    bytes: 1,
    key: 'k',
  };
  return {
    config: {
      question,
      tools: [tool('OCR'), tool('Calculate'), tool('Terminate')],
      budgets: { replies: 10, turnTokens: 100 },
    },
    images: [image],
    steps: steps.map((step) => ({ ...step, startedAt: 0, endedAt: 0 })),
    answerNow: undefined,
    ...more,
  } as unknown as Run;
}

const said = (text: string, more: Partial<Step> = {}): Step =>
  ({ kind: 'model', text, thought: '', actions: [], finishReason: 'stop', usage, ...more }) as Step;

const done = (name: string, observation: object): Step =>
  ({
    kind: 'action',
    action: { name, arguments: {} },
    observation,
    toolVersion: '1',
    cached: false,
    toolMs: 1,
  }) as Step;

const cell = (text: string) => ({ text, bbox: [0, 0, 1, 1], score: 0.9 });
const read = done('OCR', {
  ok: true,
  images: [],
  result: {
    text: 'Crème Brûlée\t5,90 €\nEspresso\t2,10 €',
    rows: [
      { text: 'Crème Brûlée\t5,90 €', bbox: [0, 0, 1, 1], cells: [cell('Crème Brûlée'), cell('5,90 €')] },
      { text: 'Espresso\t2,10 €', bbox: [0, 0, 1, 1], cells: [cell('Espresso'), cell('2,10 €')] },
    ],
  },
});
const readTurn = said('<act:OCR>image-0<end>');
const sumTurn = said('<quote>creme brulee\t5.90 €<quote>espresso\t2.10 €<act:Calculate>5.90+2.10<end>');

describe('the nano dialect', () => {
  it('shows the worker the very ids that a chain is trained on', () => {
    const question = 'What do crème brûlée & espresso <cost>?';
    const chain: NanoChain = {
      prompt: { tools: ['OCR', 'Calculate'], budget: 10, images: [{ width: 820, height: 610 }], question },
      turns: [
        { quotes: [], action: { name: 'OCR', argument: 'image-0' } },
        { quotes: ['Crème Brûlée\t5,90 €', 'Espresso\t2,10 €'], action: { name: 'Calculate', argument: '5.90+2.10' } },
        { quotes: [], action: { name: 'Terminate', argument: '8' } },
      ],
      observations: [{ rows: ['Crème Brûlée\t5,90 €', 'Espresso\t2,10 €'] }, { result: '8' }],
    };
    const messages = dialect.render(
      run(question, [readTurn, read, sumTurn, done('Calculate', { ok: true, images: [], result: { result: 8 } })]),
    );
    const wanted = encodeChain(chain).ids;
    const got = promptIds(messages);
    expect(got).toEqual(wanted.slice(0, got.length));
    expect([...got, ...fromText('<act:Terminate>8<end>')]).toEqual(wanted);
  });

  it('extends every prompt byte for byte', () => {
    const steps = [
      readTurn,
      read,
      said('<quote>x', {
        finishReason: 'length',
        problem: 'the turn ends with <quote> and no action',
      } as Partial<Step>),
      sumTurn,
      done('Calculate', { ok: false, error: { code: 'bad', message: 'Broken <act:OCR> & more' } }),
    ];
    const text = (count: number) =>
      dialect
        .render(run('Sum?', steps.slice(0, count)))
        .flatMap((message) => message.content.map((part) => (part.type === 'text' ? part.text : '')))
        .join('');
    const prompts = [0, 2, 3, 5].map(text);
    for (const [at, prompt] of prompts.entries()) {
      if (at > 0) expect(prompt.startsWith(prompts[at - 1] as string)).toBe(true);
      expect(prompt.endsWith('<turn>')).toBe(true);
    }
    expect(prompts[2]).toContain('<quote>x<end><err>the turn ends with &lt;quote> and no action<turn>');
    expect(prompts[3]).toContain('<err>broken &lt;act:ocr> &amp; more<turn>');
  });

  it('says when an answer is due', () => {
    const messages = dialect.render(run('Sum?', [readTurn, read], { answerNow: 'replies' }));
    expect(messages.at(-1)?.content).toEqual([
      { type: 'text', text: '<obs>creme brulee\t5.90 €\nespresso\t2.10 €<now><turn>' },
    ]);
  });

  it('reads turns into thoughts of our own words and actions of the tools', () => {
    const seen = run('Sum?', [readTurn, read]);
    expect(dialect.parse('<act:OCR>image-0<end>', seen)).toEqual({
      thought: 'The answer must be read, so the text of image-0 comes first.',
      actions: [{ name: 'OCR', arguments: { image: 'image-0' } }],
    });
    expect(dialect.parse(sumTurn.kind === 'model' ? sumTurn.text : '', seen)).toEqual({
      thought:
        'The rows "Crème Brûlée 5,90 €" and "Espresso 2,10 €" hold what is asked for. What remains is arithmetic: 5.90+2.10.',
      actions: [{ name: 'Calculate', arguments: { expression: '5.90+2.10' } }],
    });
    expect(dialect.parse('<quote>creme brulee\t5.90 €<act:Terminate>creme brulee<end>', seen).actions).toEqual([
      { name: 'Terminate', arguments: { answer: 'Crème Brûlée' } },
    ]);
    expect(dialect.parse('<quote>espresso\t2.10 €<act:Terminate>2.10<end>', seen).actions).toEqual([
      { name: 'Terminate', arguments: { answer: '2.10' } },
    ]);
    expect(dialect.parse('<unknown><end>', seen).actions).toEqual([
      { name: 'Terminate', arguments: { answer: CANNOT_TELL } },
    ]);
  });

  it.each([
    ['', 'empty'],
    ['hello', 'begins with text'],
    ['<quote>espresso<end>', 'no action'],
    ['<act:Terminate><end>', 'Terminate needs an argument'],
    ['<act:OCR>image-x<end>', 'name of an image'],
    ['<act:Crop>1<end>', 'Crop cannot be used'],
    ['<obs>5<act:Terminate>5<end>', 'only <quote>'],
    ['5 < 6', '&lt;'],
  ])('names the fault of %j', (reply, fault) => {
    const parsed = dialect.parse(reply, run('Sum?', []));
    expect(parsed.actions).toEqual([]);
    expect(parsed.problem).toContain(fault);
  });
});

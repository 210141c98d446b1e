import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActionStep, ImageRef, ModelStep, Observation } from '../../../shared/contract.ts';
import { promptVersionOf } from '../../../shared/prompt-versions.ts';
import {
  sampleActionStep,
  sampleImage,
  sampleModelStep,
  sampleRun,
  sampleTool,
  sampleTools,
} from '../../../test/sample-run.ts';
import type { PromptMessage } from '../backends/backend.ts';
import { taco } from './taco.ts';

/** The conversation as text, with a mark where an image stands. */
const shown = (messages: readonly PromptMessage[]): string[] =>
  messages.map(
    ({ role, content }) =>
      `${role}: ${content.map((part) => (part.type === 'text' ? part.text : `<${part.image.name}>`)).join('')}`,
  );
const last = (messages: readonly PromptMessage[]): string => shown(messages).at(-1) ?? '';

const ocr = { name: 'OCR', arguments: { image: 'image-0' } };
const sum = { name: 'Calculate', arguments: { expression: '2+3' } };
const found = (result: Record<string, string | number>, images: readonly ImageRef[] = []): Observation => ({
  ok: true,
  result,
  images: [...images],
});
const failed: Observation = { ok: false, error: { code: 'unknown_image', message: 'There is no image-7.' } };

describe('the system message', () => {
  const text = (config: Parameters<typeof sampleRun>[0]) => shown(taco().render(sampleRun(config)))[0] ?? '';

  it('describes the tools of the run and no others, with Terminate as the last', () => {
    const only = text({ config: { tools: [...sampleTools.filter((tool) => tool.name === 'Calculate')] } });
    expect(only.match(/^### \w+$/gm)).toEqual(['### Calculate', '### Terminate']);
    for (const name of ['OCR', 'LocalizeObjects', 'ZoomIn', 'EstimateObjectDepth', 'bbox'])
      expect(only).not.toContain(name);
    expect(text({}).match(/^### \w+$/gm)).toEqual([...sampleTools.map((tool) => `### ${tool.name}`), '### Terminate']);
  });

  it('shows arguments from the JSON Schema', () => {
    const tool = sampleTool(
      'Measure',
      {
        image: { type: 'string', description: 'what to measure in' },
        bbox: { type: 'array', items: { type: 'number', minimum: 0, maximum: 1 }, minItems: 4, maxItems: 4 },
        unit: { enum: ['mm', 'inch'], default: 'mm' },
        points: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer', exclusiveMinimum: 0 }] } },
        options: { type: 'object', properties: { fast: { type: 'boolean' } } },
      },
      ['image', 'bbox'],
    );
    const prompt = text({ config: { tools: [{ ...tool, example: { image: 'image-0' } }] } });
    expect(prompt).toContain('- image (string): what to measure in');
    expect(prompt).toContain('- bbox (list of exactly 4: number from 0 to 1)');
    expect(prompt).toContain('- unit (one of "mm", "inch", optional, default "mm")');
    expect(prompt).toContain('- points (list of string or integer above 0, optional)');
    expect(prompt).toContain('- options (object {fast: boolean}, optional)');
    expect(prompt).toContain('Example: {"name":"Measure","arguments":{"image":"image-0"}}');
    expect(prompt).toContain('A box is [left, top, right, bottom]');
  });

  it('gives worked examples whose every action the run offers with these arguments', () => {
    const names = (prompt: string) =>
      [...prompt.slice(prompt.indexOf('## Examples')).matchAll(/"name":"(\w+)"/g)].map((match) => match[1]);
    for (let count = 0; count <= sampleTools.length; count++) {
      const tools = sampleTools.slice(0, count);
      const used = names(text({ config: { tools: [...tools] } }));
      expect(used.length).toBeGreaterThan(0);
      for (const name of used) expect([...tools.map((tool) => tool.name), 'Terminate']).toContain(name);
    }
    const other = sampleTool('OCR', { file: { type: 'string' } });
    expect(names(text({ config: { tools: [other] } }))).not.toContain('OCR');
    expect(names(text({}))).toContain('OCR');
  });

  it('is two lines in its short form', () => {
    const short = text({ config: { prompt: 'short' } });
    expect(short.split('\n')).toHaveLength(2);
    expect(short).toMatch(/Actions: OCR, Calculate, .*, Terminate$/);
  });

  it('has a version that changes with its words: raise it in shared/prompt-versions.ts together with this hash', () => {
    const steps = [
      sampleModelStep('a', { actions: [ocr] }),
      sampleActionStep(ocr, failed),
      sampleModelStep('b', { actions: [sum] }),
      sampleActionStep(sum, found({ result: 5 })),
      sampleModelStep('c', { problem: 'It was empty.', finishReason: 'length' }),
      sampleModelStep('d'),
    ];
    const prompts = (['long', 'short'] as const).flatMap((prompt) =>
      shown(taco({ maxImages: 0 }).render(sampleRun({ steps, answerNow: 'replies', config: { prompt } }))),
    );
    const hash = createHash('sha256').update(prompts.join('\n')).digest('hex').slice(0, 16);
    expect(`${promptVersionOf('taco')} ${hash}`).toBe('taco-1 b5c149111f0a7ba6');
  });
});

describe('user turns', () => {
  it('name each image beside its picture, then the question', () => {
    const run = sampleRun({ images: [sampleImage(0), sampleImage(1)], config: { instructions: 'Be brief.' } });
    expect(last(taco().render(run))).toBe(
      'user: image-0: <image-0>\nimage-1: <image-1>\nInstructions: Be brief.\nQuestion: What does it say?',
    );
  });

  it('give an observation as JSON, with the images that the tool made', () => {
    const steps = [
      sampleModelStep('{}', { actions: [ocr] }),
      sampleActionStep(ocr, found({ text: "it's \n5", image: 'image-1' }, [sampleImage(1)])),
    ];
    // The record's list of images holds those that tools made as well; they are shown once, where they came.
    for (const images of [[sampleImage(0)], [sampleImage(0), sampleImage(1)]]) {
      const messages = shown(taco().render(sampleRun({ steps, images })));
      expect(messages.map((text) => text.split(':')[0])).toEqual(['system', 'user', 'assistant', 'user']);
      expect(messages[1]).toBe('user: image-0: <image-0>\nQuestion: What does it say?');
      expect(messages[3]).toMatch(
        /^user: OBSERVATION:\n\{"text":"it's \\n5","image":"image-1"\}\nimage-1: <image-1>\nThis may be wrong/,
      );
    }
  });

  it('give the observations of several actions in their order, by name', () => {
    const steps = [
      sampleModelStep('{}', { actions: [ocr, sum] }),
      sampleActionStep(ocr, failed),
      sampleActionStep(sum, found({ result: 5 })),
    ];
    expect(last(taco().render(sampleRun({ steps })))).toBe(
      'user: OBSERVATION 1 (OCR):\n{"error":{"code":"unknown_image","message":"There is no image-7."}}\nOBSERVATION 2 (Calculate):\n{"result":5}\nAn action failed. Mend its arguments, try another way, or give the best answer you can with Terminate.',
    );
  });

  it('say what was wrong with a reply that could not be read, and that it was cut off', () => {
    const cut = sampleModelStep('{"thought', { problem: 'It breaks off.', finishReason: 'length' });
    expect(last(taco().render(sampleRun({ steps: [cut] })))).toMatch(
      /^user: Your reply could not be read\. It breaks off\.\nYour reply was cut off after 20 tokens\. Say less\.\nSend one JSON object/,
    );
  });

  it('say that an empty list of actions shows nothing new', () => {
    const steps = [sampleModelStep('{"thought": "", "actions": []}')];
    expect(last(taco().render(sampleRun({ steps })))).toMatch(/^user: You asked for no action/);
  });

  it.each([
    ['replies', 'It is your last of 10 replies.'],
    ['tool_calls', 'the limit is 0'],
    ['output_tokens', 'tokens for this question are nearly used up'],
    ['active_seconds', 'working time'],
    ['tool_seconds', 'working time'],
    ['deadline', 'nearly over'],
    ['something_new', '"something_new"'],
  ])('ask for the answer when %s is spent', (budget, words) => {
    const before = last(taco().render(sampleRun()));
    const after = last(taco().render(sampleRun({ answerNow: budget })));
    expect(after.startsWith(`${before}\n\nAnswer now. `)).toBe(true);
    expect(after).toContain(words);
    expect(after).toContain('must hold Terminate');
  });

  it('show the first images up to the limit and name the others with their size', () => {
    const steps = [
      sampleModelStep('{}', { actions: [ocr] }),
      sampleActionStep(ocr, found({ image: 'image-2' }, [sampleImage(2)])),
    ];
    const messages = shown(
      taco({ maxImages: 1 }).render(sampleRun({ steps, images: [sampleImage(0), sampleImage(1)] })),
    );
    expect(messages[1]).toContain('image-0: <image-0>\nimage-1: not shown (640 x 480 pixels)');
    expect(messages[3]).toContain('\nimage-2: not shown (640 x 480 pixels)');
    expect(shown(taco({ maxImages: 0 }).render(sampleRun())).join('')).not.toContain('<image-0>');
  });
});

describe('a prompt', { timeout: 30_000 }, () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 });
  const name = fc.constantFrom('OCR', 'Calculate', 'Crop', 'Teleport');
  const actions = fc.array(fc.record({ name, arguments: fc.dictionary(text, text, { maxKeys: 2 }) }), { maxLength: 3 });
  const turn = fc.record({
    text,
    actions,
    problem: fc.option(text, { nil: undefined }),
    finishReason: fc.constantFrom<'stop' | 'length'>('stop', 'length'),
    failures: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    images: fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }),
  });

  it('begins with the prompt and the reply before it, byte for byte, over random runs', () => {
    const runs = fc.record({
      turns: fc.array(turn, { minLength: 1, maxLength: 6 }),
      inputs: fc.nat(3),
      prompt: fc.constantFrom<'long' | 'short'>('long', 'short'),
      instructions: fc.option(text, { nil: undefined }),
      maxImages: fc.option(fc.nat(5), { nil: undefined }),
      answerNow: fc.option(fc.constantFrom('replies', 'deadline', 'tool_calls'), { nil: undefined }),
      listed: fc.boolean(),
    });
    fc.assert(
      fc.property(runs, ({ turns, inputs, prompt, instructions, maxImages, answerNow, listed }) => {
        const dialect = taco({ maxImages });
        const input = Array.from({ length: inputs }, (_, index) => sampleImage(index));
        const images = [...input];
        const steps: (ModelStep | ActionStep)[] = [];
        const config = { prompt, ...(instructions === undefined ? {} : { instructions }) };
        const render = (due?: string) =>
          dialect.render(
            sampleRun({
              steps,
              images: listed ? images : input,
              config,
              ...(due === undefined ? {} : { answerNow: due }),
            }),
          );
        let previous = render();
        for (const { text, actions, problem, finishReason, failures, images: made } of turns) {
          const carriedOut = problem === undefined ? actions : [];
          steps.push(
            sampleModelStep(text, { actions: carriedOut, finishReason, ...(problem === undefined ? {} : { problem }) }),
          );
          for (const [index, action] of carriedOut.entries()) {
            const created = Array.from({ length: made[index] ?? 0 }, (_, at) => sampleImage(images.length + at));
            const fails = failures[index] === true;
            if (!fails) images.push(...created);
            steps.push(sampleActionStep(action, fails ? failed : found({ index }, created)));
          }
          const current = render();
          expect(current.slice(0, previous.length)).toEqual(previous);
          expect(current).toHaveLength(previous.length + 2);
          expect(current[previous.length]).toEqual({ role: 'assistant', content: [{ type: 'text', text }] });
          expect(current.at(-1)?.role).toBe('user');
          const shownImages = current.flatMap(({ content }) => content.filter((part) => part.type === 'image'));
          expect(shownImages).toHaveLength(Math.min(images.length, maxImages ?? images.length));
          previous = current;
        }
        const due = render(answerNow);
        expect(due.slice(0, -1)).toEqual(previous.slice(0, -1));
        expect(last(due).startsWith(last(previous))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import type { ActionStep, ImageRef, ModelStep, Step } from '../../../shared/contract.ts';
import type { Trace } from '../../../shared/run/trace.ts';
import { openDataStore } from '../../../test/data-store.ts';
import { testConfig } from '../../../test/harness.ts';
import { sampleActionStep, sampleModelStep } from '../../../test/sample-run.ts';
import { formatFault } from '../filter/format.ts';
import { directChain, sayable } from './direct.ts';
import { questionCounts, statisticsOf } from './statistics.ts';
import { chainOfTrace, openKeptImages } from './trace-chain.ts';

const store = await openDataStore();
afterAll(() => store.close());
const png = await sharp({ create: { width: 8, height: 6, channels: 3, background: '#a33' } })
  .png()
  .toBuffer();

const ref = (name: string, digit: string): ImageRef => ({
  ...{ name, sha256: digit.repeat(64), contentType: 'image/png', width: 8, height: 6, bytes: png.length },
  key: `t/here/runs/run_1/images/${digit}`,
});
const act = (name: string) => ({ name, arguments: name === 'Terminate' ? { answer: '2' } : {} });
const say = (...names: string[]): ModelStep =>
  sampleModelStep('raw', { thought: names.join(), actions: names.map(act) });
const did = (name: string, images: ImageRef[] = []): ActionStep =>
  sampleActionStep(act(name), { ok: true, result: {}, images });

async function chainOf(steps: readonly Step[], change: Partial<Trace> = {}) {
  const images = change.images ?? [ref('image-0', 'a')];
  for (const { key } of images) await store.objects.put(key, png, { contentType: 'image/png' });
  const trace: Trace = {
    ...{
      version: 1,
      id: 'run_1',
      model: 'm',
      question: 'q',
      answer: '2',
      status: 'completed',
      stop_reason: 'terminate',
    },
    ...{ error: null, created_at: 1, started_at: 1, ended_at: 2, images },
    steps: steps.map((step, at) => ({ ...step, step: at, started_at: 1, ended_at: 2 })),
    usage: { replies: 1, toolCalls: 0, inputTokens: 7, outputTokens: 3, cachedTokens: 0, modelMs: 1, toolMs: 1 },
    config: testConfig({ sources: [{ from: 'url', url: 'https://example.com/a.png' }] }),
    ...change,
  };
  return await chainOfTrace(trace, openKeptImages(store.objects, { tenant: 'here', id: 'data_1' }));
}

test('each action but Terminate has its observation; what was never carried out is left out', async () => {
  const shape = (found: Awaited<ReturnType<typeof chainOf>>) =>
    found?.turns.map(({ actions, observations }) => [actions.map(({ name }) => name).join(), observations.length]);
  // Behind Terminate nothing is done.
  expect(shape(await chainOf([say('OCR', 'Terminate', 'Crop'), did('OCR')]))).toEqual([['OCR,Terminate', 1]]);
  // The forced answer: its other actions are not done, and it is marked.
  const forced = await chainOf([say('OCR'), did('OCR'), say('Crop', 'Terminate')], { stop_reason: 'budget_replies' });
  expect(shape(forced)).toEqual([
    ['OCR', 1],
    ['Terminate', 0],
  ]);
  expect(forced?.made.stopReason).toBe('budget_replies');
  // No answer at all, though it was asked for.
  const none = await chainOf([say('OCR'), did('OCR'), say('Crop')], { answer: null, status: 'incomplete' });
  expect(shape(none)).toEqual([
    ['OCR', 1],
    ['', 0],
  ]);
  expect(none?.answer).toBeNull();
});

test('a reply that could not be read keeps its words and its problem', async () => {
  const bad = sampleModelStep('Well, {', { problem: 'not JSON' });
  const found = await chainOf([bad, say('Terminate')]);
  expect(found).toMatchObject({
    problems: 1,
    calls: 0,
    turns: [{ thought: 'Well, {', problem: 'not JSON' }, { thought: 'Terminate' }],
  });
});

test('pictures outlive their run: input and made ones are copied, and named in order', async () => {
  const made = ref('image-1', 'b');
  const steps = [say('Crop'), did('Crop', [made]), say('Terminate')];
  const found = await chainOf(steps, { images: [ref('image-0', 'a'), made] });
  expect(found?.images).toMatchObject([{ name: 'image-0', key: `images/${'a'.repeat(64)}` }]);
  const [observation] = found?.turns[0]?.observations ?? [];
  expect(observation).toMatchObject({
    images: [{ name: 'image-1', key: `images/${'b'.repeat(64)}`, phash: expect.any(String) }],
  });
  await store.objects.deletePrefix('t/here/runs/');
  expect((await store.objects.get(`t/here/data/data_1/images/${'b'.repeat(64)}`)).bytes).toEqual(png);
  const owner = JSON.parse(
    (await store.objects.get(`t/here/artifacts/${'b'.repeat(64)}/data_1.json`)).bytes.toString(),
  );
  expect(owner).toMatchObject({ key: `t/here/data/data_1/images/${'b'.repeat(64)}` });
});

test('pass@k and agreement of a question, by hand', () => {
  const chains = ['4', '4.', '5', 'four'].map((answer, at) => ({
    answer,
    verdict: { by: 'rule' as const, correct: at < 2, why: '' },
  }));
  const counts = questionCounts(chains);
  // Two of four are right: one draw is right in 1/2, two draws hold a right one in 1 - 1/6, three always do.
  expect(counts['pass@1']).toBeCloseTo(1 / 2);
  expect(counts['pass@2']).toBeCloseTo(5 / 6);
  expect(counts['pass@3']).toBeCloseTo(1);
  // Of six pairs, one says the same.
  expect(counts.agreement).toBeCloseTo(1 / 6);
  const sums = Object.fromEntries(Object.entries(counts).map(([name, count]) => [`s/${name}`, count]));
  expect(statisticsOf('s', sums)).toMatchObject({
    passAt: { 1: 0.5, 4: 1 },
    agreement: 1 / 6,
    toolRate: null,
    cost: null,
  });
});

test('a Direct chain says the truth as one would', async () => {
  expect(sayable('12<OR>=12')).toBe('12');
  expect(sayable('-1<AND>-5<OR>minus five')).toBe('-1, -5');
  const wrong = await chainOf([say('OCR'), did('OCR'), say('Terminate')]);
  if (!wrong) throw new Error('there is no chain');
  const { problems: _, calls: __, failedCalls: ___, made, ...rest } = wrong;
  const chain = directChain(
    {
      ...{
        version: 1,
        id: 's/q/0',
        source: 's',
        origin: 'model',
        split: 'train',
        outcome: 'CoTA-neg',
        question: 'q',
        truth: '5',
        licence: 'MIT',
      },
      ...rest,
      made: { seed: 1, ...made },
    },
    's/q/direct',
  );
  expect(chain).toMatchObject({
    id: 's/q/direct',
    outcome: 'Direct',
    answer: '5',
    turns: [{ actions: [{ arguments: { answer: '5' } }], observations: [] }],
  });
  expect(chain.made.run).toBeUndefined();
  // The filter takes a chain without a thought for broken.
  expect(formatFault(chain)).toBeUndefined();
});

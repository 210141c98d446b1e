/** Chains with pictures for tests of exports and reports: a hand-made one, and a source of hostile ones. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import sharp from 'sharp';
import type { Chain, ChainImage, ChainObservation } from '../shared/data/chain.ts';
import type { ObjectStore } from '../shared/object-store.ts';

/** Pictures of one colour each, in a store, as the images of a chain. */
export async function samplePictures(objects: ObjectStore, count: number): Promise<ChainImage[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const width = 60 + i;
      const background = { r: (40 + 67 * i) % 256, g: (110 + 31 * i) % 256, b: (180 + 13 * i) % 256 };
      const bytes = await sharp({ create: { width, height: 40, channels: 3, background } })
        .png()
        .toBuffer();
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const key = `t/here/pictures/${sha256}`;
      await objects.put(key, bytes, { contentType: 'image/png' });
      return { name: 'image-0', width, height: 40, key, sha256, contentType: 'image/png' };
    }),
  );
}

const named = (image: ChainImage, index: number): ChainImage => ({ ...image, name: `image-${index}` });

/** A chain that calls a detector twice and terminates; its fields may be replaced. */
export function sampleChain(pictures: readonly ChainImage[], fields: Partial<Chain> = {}): Chain {
  const [first, second, third] = pictures as [ChainImage, ChainImage, ChainImage];
  return {
    version: 1,
    id: 'toys/1',
    source: 'toys',
    origin: 'program',
    split: 'train',
    outcome: 'CoTA-pos',
    question: 'How many more red balls than blue cubes are there?\nA. one\nB. two',
    choices: ['one', 'two'],
    truth: 'A',
    answer: 'A',
    images: [named(first, 0)],
    tools: ['LocalizeObjects', 'Calculate', 'ZoomIn', 'OCR', 'Terminate'],
    turns: [
      {
        thought: 'I look for red balls and blue cubes.',
        actions: [
          { name: 'LocalizeObjects', arguments: { image: 'image-0', objects: ['red ball', 'blue cube'] } },
          { name: 'ZoomIn', arguments: { image: 'image-0', bbox: [0.1, 0.1, 0.5, 0.5], zoom_factor: 2 } },
        ],
        observations: [
          {
            ok: true,
            result: {
              image: 'image-1',
              regions: [
                { label: 'red ball', bbox: [0.1, 0.2, 0.3, 0.5], score: 0.91 },
                { label: 'red ball-2', bbox: [0.5, 0.2, 0.7, 0.5], score: 0.84 },
                { label: 'blue cube', bbox: [0.6, 0.6, 0.8, 0.9], score: 0.77 },
              ],
            },
            images: [named(second, 1)],
          },
          { ok: true, result: { image: 'image-2' }, images: [named(third, 2)] },
        ],
      },
      {
        thought: 'Two red balls and one blue cube: 2 - 1.',
        actions: [{ name: 'Calculate', arguments: { expression: '2 - 1' } }],
        observations: [{ ok: true, result: { result: 1 } }],
      },
      {
        thought: 'One more, which is A.',
        actions: [{ name: 'Terminate', arguments: { answer: 'A' } }],
        observations: [],
      },
    ],
    facts: {
      family: 'count',
      template: 'shapes',
      skeleton: 'how many more {a} than {b}',
      scene: 'toys-1',
      form: 'multiple-choice',
      observed: 'tool',
      wear: 'none',
      unanswerable: false,
    },
    verdict: { by: 'checker', correct: true, why: 'derived' },
    made: { seed: 1, toolVersions: { LocalizeObjects: '1' } },
    licence: 'CC-BY-4.0',
    ...fields,
  };
}

/** Words that break exporters: marks, quotes, formulas, line ends, words of the prompt, halves of surrogate pairs. */
const nasty = fc.constantFrom(
  ...[
    '<image>',
    '<\\image>',
    '<video>',
    '<bbox>',
    '\\u003cimage>',
    '"',
    "'",
    '\\',
    '\\frac{1}{2}',
    '$x<5$',
    '\n',
    '\r\n',
  ],
  ...['\u2028', '\0', '\ud83d', '🦊', 'é', 'e\u0301', '中文', '\t', '{"a": "<image>"}', 'Question: ', 'OBSERVATION:'],
  ...['image-0: ', 'Actions: ', '<|im_end|>', '</s>', 'human', '[', '},', '# STEP 1 #', ''],
);
const text = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'grapheme', maxLength: 12 })), { maxLength: 6 })
  .map((parts) => parts.join(''));
const json = fc.jsonValue({ maxDepth: 2 });
const object = fc
  .dictionary(text, fc.oneof(text, json), { maxKeys: 3 })
  // JSON has no -0.
  .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, never>);

type Turn = Chain['turns'][number];

/** A chain of any shape that the schema allows, over these pictures. */
export function anyChain(pictures: readonly ChainImage[], split: Chain['split']): fc.Arbitrary<Chain> {
  const some = fc.array(fc.constantFrom(...pictures), { maxLength: 2 });
  const found: fc.Arbitrary<ChainObservation> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ ok: fc.constant(true as const), result: object, images: some }) },
    fc.record({ ok: fc.constant(false as const), error: fc.record({ code: text, message: text }) }),
  );
  const called = fc.array(
    fc.record({
      action: fc.record({ name: fc.constantFrom('OCR', 'ZoomIn', 'my_tool'), arguments: object }),
      observation: found,
    }),
    { maxLength: 3 },
  );
  const read = fc.record({ thought: text, called }).map(
    ({ thought, called }): Turn => ({
      thought,
      actions: called.map(({ action }) => action),
      observations: called.map(({ observation }) => observation),
    }),
  );
  const unreadable = fc.record({ thought: text, problem: text }).map(
    (turn): Turn => ({
      ...turn,
      actions: [],
      observations: [],
    }),
  );
  const end = fc.oneof(
    fc.record({ thought: text, answer: text }).map(
      ({ thought, answer }): Turn => ({
        thought,
        actions: [{ name: 'Terminate', arguments: { answer } }],
        observations: [],
      }),
    ),
    read,
  );
  const shape = { turns: fc.array(fc.oneof({ weight: 4, arbitrary: read }, unreadable), { maxLength: 4 }), end };
  return fc.record({ ...shape, question: text, inputs: some }).map(({ turns, end, question, inputs }) => {
    let next = inputs.length;
    const numbered = [...turns, end].map(
      (turn): Turn => ({
        ...turn,
        observations: turn.observations.map((one) =>
          one.ok ? { ...one, images: (one.images ?? []).map((image) => named(image, next++)) } : one,
        ),
      }),
    );
    const images = inputs.map(named);
    return sampleChain([...pictures], {
      id: `any/${hashOf(question)}`,
      split,
      question,
      images,
      turns: numbered,
      tools: ['OCR', 'ZoomIn', 'my_tool', 'Terminate'],
    });
  });
}

const hashOf = (words: string): string => createHash('sha256').update(words).digest('hex').slice(0, 12);

/**
 * Drives the `openai` backend and the TACO dialect against a running `transformers serve` with the two random models of
 * transformers-serve.py. Started by transformers-serve.sh; not part of `npm test`, as it needs PyTorch.
 * Usage: node test/integration/transformers-serve.ts BASE_URL FOLDER_OF_MODELS
 */
import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { ActionStep, ImageRef, ModelStep, Run } from '../../shared/contract.ts';
import { codeOf } from '../../shared/errors.ts';
import type { Backend, Generation } from '../../workers/model/backends/backend.ts';
import { openaiBackend } from '../../workers/model/backends/openai.ts';
import { taco } from '../../workers/model/dialects/taco.ts';
import { sampleActionStep, sampleImage, sampleModelStep, sampleRun } from '../sample-run.ts';

const [baseUrl = '', folder = ''] = process.argv.slice(2);
const connect = (model: string, extraBody = {}): Backend =>
  openaiBackend({ baseUrl, model: `${folder}/${model}`, extraBody, firstTokenTimeoutMs: 300_000 });
const text = connect('tiny-text');
const vision = connect('tiny-image');
const dialect = taco();

const picture = async (ref: ImageRef) => ({
  bytes: await sharp({ create: { width: ref.width, height: ref.height, channels: 3, background: 'teal' } })
    .png()
    .toBuffer(),
  contentType: 'image/png',
});

interface Turn {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onText?: (text: string) => void;
  readonly image?: typeof picture;
}

const generate = (backend: Backend, run: Run, turn: Turn = {}): Promise<Generation> =>
  backend.generate({
    messages: dialect.render(run),
    maxTokens: 24,
    temperature: 0,
    session: run.id,
    turn: run.usage.replies,
    signal: new AbortController().signal,
    question: run.config.question,
    image: picture,
    ...turn,
  });

const report = (what: string, facts: unknown): void => console.log(`${what.padEnd(58)} ${JSON.stringify(facts)}`);
const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => assert.fail('it was expected to fail'),
    (error: Error) => error,
  );

const noImages = sampleRun({ images: [] });
// The server loads the model for its first request, which takes a while on a busy machine.
await text.check(AbortSignal.timeout(300_000));
report('check', 'ok');

const pieces: string[] = [];
const first = await generate(text, noImages, { onText: (piece) => pieces.push(piece) });
assert.equal(pieces.join(''), first.text);
assert.equal(first.finishReason, 'length');
assert.equal(first.usage.outputTokens, 24);
assert.ok(first.usage.inputTokens > 4000, 'the long prompt is about 4,900 bytes, a token each');
report('a reply, streamed', { pieces: pieces.length, finish: first.finishReason, ...first.usage });

assert.equal((await generate(text, noImages)).text, first.text);
report('temperature 0 says the same again', 'yes');

// This server samples only when told so in its own words, which go through extra_body.
const sampling = connect('tiny-text', { generation_config: JSON.stringify({ do_sample: true, max_new_tokens: 24 }) });
const drawn: string[] = [];
for (const seed of [5, 5, 6]) drawn.push((await generate(sampling, noImages, { temperature: 1, seed })).text);
assert.equal(drawn[1], drawn[0]);
assert.notEqual(drawn[2], drawn[0]);
report('extra_body turns sampling on; one seed one text, another another', 'yes');

const inputs = await Promise.all(
  [0, 1, 2].map(async (count) => {
    const images = Array.from({ length: count }, (_, index) => sampleImage(index));
    return (await generate(vision, sampleRun({ images }))).usage.inputTokens;
  }),
);
assert.ok((inputs[1] ?? 0) > (inputs[0] ?? 0) + 16 && (inputs[2] ?? 0) > (inputs[1] ?? 0) + 16);
report('input tokens with 0, 1, 2 images (16 each and their line)', inputs);

const steps: (ModelStep | ActionStep)[] = [];
const usage: number[] = [];
for (let turn = 0; turn < 3; turn++) {
  const run = sampleRun({ steps });
  const reply = await generate(vision, run);
  usage.push(reply.usage.inputTokens);
  const parsed = dialect.parse(reply.text, run);
  assert.ok(parsed.problem, 'noise is no turn');
  // The second turn is given as one that zoomed in, so that a picture made by a tool is in the prompt too.
  const zoom = { name: 'ZoomIn', arguments: { image: 'image-0', bbox: [0, 0, 1, 1], zoom_factor: 2 } };
  if (turn === 1) {
    steps.push(sampleModelStep(reply.text, { actions: [zoom] }));
    steps.push(sampleActionStep(zoom, { ok: true, result: { image: 'image-1' }, images: [sampleImage(1)] }));
  } else steps.push(sampleModelStep(reply.text, { problem: parsed.problem, finishReason: reply.finishReason }));
  report(`turn ${turn + 1}: what the parser says of the noise`, parsed.problem);
}
assert.ok((usage[0] ?? 0) < (usage[1] ?? 0) && (usage[1] ?? 0) < (usage[2] ?? 0));
report('input tokens of three turns, the last with a tool image', usage);

const timed = async (maxTokens: number): Promise<number> => {
  const started = performance.now();
  await generate(text, noImages, { maxTokens });
  return Math.round(performance.now() - started);
};
const oneMs = await timed(1);
const manyMs = await timed(600);
const controller = new AbortController();
let heard = 0;
let cancelledAt = 0;
const cancelled = await failure(
  generate(text, noImages, {
    maxTokens: 6000,
    signal: controller.signal,
    onText: () => {
      if (++heard !== 3) return;
      cancelledAt = performance.now();
      controller.abort(new Error('cancelled'));
    },
  }),
);
assert.equal(cancelled.message, 'cancelled');
const stoppedMs = Math.round(performance.now() - cancelledAt);
report('1 token and 600 tokens take, ms', [oneMs, manyMs]);
report('cancel of 6,000 after 3 pieces: rejects after, ms', stoppedMs);
report('1 token right after it takes, ms', await timed(1));
assert.ok(stoppedMs < 1000);

for (const [what, attempt] of [
  ['a model that is not there', () => generate(connect('nope'), noImages)],
  ['a field that it does not know', () => generate(connect('tiny-text', { nonsense: 1 }), noImages)],
  [
    'an image that is broken',
    () =>
      generate(vision, sampleRun(), {
        image: async () => ({ bytes: Buffer.from('no picture'), contentType: 'image/png' }),
      }),
  ],
  [
    'a server that is not there',
    () => generate(openaiBackend({ baseUrl: 'http://127.0.0.1:9/v1', model: 'm' }), noImages),
  ],
] as const) {
  const error = await failure(attempt());
  report(what, { code: codeOf(error), message: error.message.slice(0, 130) });
}
await Promise.all([text.close(), vision.close(), sampling.close()]);

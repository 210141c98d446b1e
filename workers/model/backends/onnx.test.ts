import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeObservation, encodePrompt, encodeTurn, fromText, ID, toText } from '../../../shared/nano/format.ts';
import type { BackendRefused, GenerateRequest } from './backend.ts';
import { type OnnxOptions, openOnnxBackend } from './onnx.ts';

/** The model that the repository ships. */
const folder = join(import.meta.dirname, '../../../models/cota-nano');
const settings: OnnxOptions = { folder, provider: 'cpu', threads: 1, cacheBytes: 64 * 2 ** 20, constraint: 'scaffold' };

const rows = [
  'Riverside Kiosk',
  'Apple cake\t4.20',
  'Walnut bread\t5.10',
  'Lentil soup\t6.80',
  'Green tea\t2.30',
  'Open daily 8-18',
];
const question = 'How much is the lentil soup?';
const prompt = toText(
  encodePrompt({ tools: ['OCR', 'Calculate'], budget: 3, images: [{ width: 800, height: 600 }], question }),
);
const first = toText(encodeTurn({ quotes: [], action: { name: 'OCR', argument: '0' } }));
const seen = toText(encodeObservation({ rows }, question, 0));

function request(texts: string[], more: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    messages: texts.map((text) => ({ role: 'user', content: [{ type: 'text', text }] })),
    maxTokens: 80,
    temperature: 0,
    session: 'run',
    turn: 0,
    signal: new AbortController().signal,
    image: () => Promise.reject(new Error('nano asks for no image')),
    ...more,
  };
}

describe.skipIf(!existsSync(join(folder, 'onnx/model.onnx')))('the onnx backend with the shipped model', () => {
  let backend: Awaited<ReturnType<typeof openOnnxBackend>>;
  beforeAll(async () => {
    backend = await openOnnxBackend(settings);
  });
  afterAll(() => backend.close());

  it('plans: reads the image first, then quotes the asked row and answers from it', async () => {
    const turn = await backend.generate(request([prompt]));
    expect(turn.text).toBe(first);
    expect(turn.finishReason).toBe('stop');
    const answer = await backend.generate(request([prompt, turn.text, seen], { turn: 1 }));
    expect(answer.text).toBe('lentil soup<c1>6.80<r3><act:Terminate>6.80<end>');
  });

  it('says the same with and without a kept prefix, and says what it kept', async () => {
    await backend.generate(request([prompt], { session: 'kept', owner: 'a' }));
    const kept = await backend.generate(request([prompt, first, seen], { session: 'kept', owner: 'a', turn: 1 }));
    const anew = await backend.generate(request([prompt, first, seen], { session: 'anew', owner: 'b', turn: 1 }));
    expect(kept.text).toBe(anew.text);
    const whole = fromText(prompt + first + seen).length;
    expect(kept.usage).toEqual({ ...anew.usage, cachedTokens: fromText(prompt + first).length - 1 });
    expect(anew.usage.inputTokens).toBe(whole);
    expect(anew.usage.cachedTokens).toBe(0);
  });

  it('reads anew what it has not kept, or when nothing may be kept', async () => {
    await backend.generate(request([prompt], { session: 'changed' }));
    const other = toText(
      encodePrompt({
        tools: ['OCR'],
        budget: 1,
        images: [{ width: 900, height: 400 }],
        question: 'Price of green tea',
      }),
    );
    const changed = await backend.generate(request([other, first, seen], { session: 'changed', turn: 1 }));
    const [was, is] = [fromText(prompt), fromText(other)];
    expect(changed.usage.cachedTokens).toBe(is.findIndex((id, at) => id !== was[at]));
    const tight = await openOnnxBackend({ ...settings, cacheBytes: 1 });
    await tight.generate(request([prompt]));
    const again = await tight.generate(request([prompt, first, seen], { turn: 1 }));
    expect(again.usage.cachedTokens).toBe(0);
    await tight.close();
  });

  it('serves overlapping calls, also of one session, as it serves them one by one', async () => {
    const calls = Array.from({ length: 6 }, (_, at) =>
      request([prompt, first, seen], { session: at < 3 ? 'same' : `s${at}`, turn: 1 }),
    );
    const answers = await Promise.all(calls.map((call) => backend.generate(call)));
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
  });

  it('stops at the limit of tokens and says so', async () => {
    // No turn is shorter than two, whatever the weights say.
    const cut = await backend.generate(request([prompt, first, seen], { maxTokens: 1, session: 'cut' }));
    expect(cut.finishReason).toBe('length');
    expect(cut.usage.outputTokens).toBe(1);
  });

  it('stops between tokens when cancelled', async () => {
    const cancel = new AbortController();
    let heard = 0;
    const onText = () => {
      heard++;
      if (heard === 2) cancel.abort(new Error('cancelled by the user'));
    };
    await expect(
      backend.generate(request([prompt, first, seen], { signal: cancel.signal, onText, session: 'cancel' })),
    ).rejects.toThrow('cancelled by the user');
    expect(heard).toBe(2);
  });

  it('draws the same turn from the same seed, at any temperature', async () => {
    const hot = { temperature: 1.5, seed: 7, maxTokens: 30 };
    const draws = [];
    for (const session of ['x', 'y'])
      draws.push((await backend.generate(request([prompt, first, seen], { ...hot, session }))).text);
    expect(draws[0]).toBe(draws[1]);
  });

  it('obeys the scaffold at any temperature: only enabled tools, only readable turns', async () => {
    const only = toText(encodePrompt({ tools: [], budget: 1, images: [], question: 'What is this?' }));
    for (const seed of [1, 2, 3, 4, 5]) {
      const turn = await backend.generate(
        request([only], { temperature: 2, seed, session: `t${seed}`, maxTokens: 200 }),
      );
      expect(turn.text).toMatch(/^(<act:Terminate>[^\n\t]+|<unknown>)<end>$/);
    }
  });

  it('after <now> gives an answer and no other action', async () => {
    const hurried = toText(encodeObservation({ rows, answerNow: true }, question, 0));
    const turn = await backend.generate(request([prompt, first, hurried], { session: 'now', temperature: 2, seed: 3 }));
    expect(turn.text).not.toMatch(/<act:(OCR|Calculate)>/);
    expect(fromText(hurried).at(-2)).toBe(ID.now);
  });

  it('refuses what it cannot read, by name', async () => {
    const refusal = (call: Promise<unknown>) =>
      call.then(
        () => undefined,
        (error: unknown) => error as BackendRefused,
      );
    const long = await refusal(
      backend.generate(request([prompt, ...Array.from({ length: 60 }, () => seen)], { session: 'long' })),
    );
    expect([long?.name, long?.code]).toEqual(['BackendRefused', 'context_length_exceeded']);
    const foreign = await refusal(backend.generate(request(['Hello <world>'], { session: 'foreign' })));
    expect([foreign?.name, foreign?.code]).toEqual(['BackendRefused', 'invalid_prompt']);
  });

  it('refuses weights of another vocabulary, whose ids mean something else', async () => {
    const foreign = await mkdtemp(join(tmpdir(), 'cota-foreign-'));
    await cp(folder, foreign, { recursive: true });
    const config = JSON.parse(await readFile(join(foreign, 'config.json'), 'utf8')) as object;
    await writeFile(join(foreign, 'config.json'), JSON.stringify({ ...config, cota_vocabulary: 'abc' }));
    await expect(openOnnxBackend({ ...settings, folder: foreign })).rejects.toThrow('trained on vocabulary abc');
    await rm(foreign, { recursive: true });
  });

  it('runs on the CPU where CUDA was asked for and is not there', async () => {
    const wanted = await openOnnxBackend({ ...settings, provider: 'cuda' });
    expect(['cpu', 'cuda']).toContain(wanted.model.provider);
    expect((await wanted.generate(request([prompt]))).text).toBe(first);
    await wanted.close();
  });

  it('says which folder is missing', async () => {
    await expect(openOnnxBackend({ ...settings, folder: '/nowhere' })).rejects.toThrow(
      '/nowhere/config.json cannot be read',
    );
  });
});

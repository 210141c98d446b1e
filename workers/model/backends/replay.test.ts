import { expect, it } from 'vitest';
import type { Recording } from '../../../shared/run/recording.ts';
import { caught, sampleRequest as request } from '../../../test/fake-openai-server.ts';
import { BackendRefused } from './backend.ts';
import { openReplayBackend } from './replay.ts';

const recording = (...turns: Recording['turns']): Recording => ({ version: 1, question: 'Q', turns, observations: [] });
const odd = ' {"thought": "5\u20ac\\n"\r\n\u0000 ';
const recorded: Record<string, Recording> = {
  whole: recording(
    { text: odd },
    { text: 'b', finishReason: 'length', usage: { inputTokens: 3, outputTokens: 2, cachedTokens: 1 } },
  ),
  slow: recording({ text: 'late', delayMs: 60 }),
  'for Q': recording({ text: 'by its question' }),
};
const load = async (key: string): Promise<Recording> => recorded[key] ?? recording();
const backend = openReplayBackend({ load, find: async (question) => recorded[`for ${question}`] });

it('gives the turn that is asked for, byte for byte, with what was recorded of it', async () => {
  const pieces: string[] = [];
  const first = await backend.generate(request({ recording: 'whole', onText: (text) => pieces.push(text) }));
  expect(first).toEqual({
    text: odd,
    finishReason: 'stop',
    usage: { inputTokens: 0, outputTokens: 0, cachedTokens: 0 },
  });
  expect(pieces).toEqual([odd]);
  expect(await backend.generate(request({ recording: 'whole', turn: 1 }))).toEqual({
    text: 'b',
    finishReason: 'length',
    usage: { inputTokens: 3, outputTokens: 2, cachedTokens: 1 },
  });
});

it('finds the recording of a question, and gives set turns before that', async () => {
  expect((await backend.generate(request({ question: 'Q' }))).text).toBe('by its question');
  const fixed = openReplayBackend({ load, turns: [{ text: 'set' }], find: async () => recorded['for Q'] });
  expect((await fixed.generate(request({ question: 'Q' }))).text).toBe('set');
  expect((await fixed.generate(request({ recording: 'whole' }))).text).toBe(odd);
});

it.each([
  ['a turn that nobody recorded', { recording: 'whole', turn: 2 }, /has 2 turns; turn 3 was asked for/],
  ['a question that nobody recorded', { question: 'another' }, /no recording belongs to this question/],
])('refuses %s', async (_, change, words) => {
  const error = await caught(backend.generate(request(change)));
  expect(error).toBeInstanceOf(BackendRefused);
  expect(error).toMatchObject({ code: 'recording_exhausted', message: expect.stringMatching(words) });
});

it('takes its time, and none after a cancel', async () => {
  const started = performance.now();
  await backend.generate(request({ recording: 'slow' }));
  expect(performance.now() - started).toBeGreaterThan(55);
  const heard: string[] = [];
  const cancelled = request({ recording: 'slow', signal: AbortSignal.timeout(10), onText: (text) => heard.push(text) });
  expect((await caught(backend.generate(cancelled))).name).toBe('AbortError');
  const before = request({
    recording: 'whole',
    signal: AbortSignal.abort(new Error('gone')),
    onText: (text) => heard.push(text),
  });
  expect((await caught(backend.generate(before))).message).toBe('gone');
  expect(heard).toEqual([]);
});

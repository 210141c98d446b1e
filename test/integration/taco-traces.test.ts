/**
 * Recorded TACO conversations through a real cluster. What the model receives is seen at its server's door: the `openai`
 * backend talks to a loopback server that answers with the recorded turns. The same runs go through `replay` as well.
 */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ImageRef, ToolSpec } from '../../shared/contract.ts';
import type { Trace } from '../../shared/run/trace.ts';
import { delta, type Exchange, type FakeServer, startFakeServer } from '../fake-openai-server.ts';
import { startTestCluster, type TestCluster } from '../harness.ts';
import { type TacoTrace, tacoTraces, toRecording } from '../taco-trace.ts';

const traces = tacoTraces();
const tools = ['OCR', 'GetObjects', 'Calculate', 'LocalizeObjects', 'QueryKnowledgeBase'].map(
  (name): ToolSpec => ({
    ...{ name, version: '1', description: name, parameters: {}, returns: '', example: {} },
    pool: 'cpu',
  }),
);
/** Each of the two recorded models is a model of its own here, as both were asked the same questions. */
const modelOf = (trace: TacoTrace): string => trace.id.split('/')[0] ?? '';

const chat = z.object({
  model: z.string(),
  messages: z.array(
    z.object({
      role: z.string(),
      content: z.union([
        z.string(),
        z.array(
          z.discriminatedUnion('type', [
            z.object({ type: z.literal('text'), text: z.string() }),
            z.object({ type: z.literal('image_url'), image_url: z.object({ url: z.string() }) }),
          ]),
        ),
      ]),
    }),
  ),
});
type Chat = z.infer<typeof chat>;

/** Role and image names of each message, the system message aside. An image is the one that the text before it names. */
function shownIn({ messages }: Chat): TacoTrace['shown'][number][] {
  return messages.slice(1).map(({ role, content }) => {
    const parts = typeof content === 'string' ? [] : content;
    const images = parts.flatMap((part, index) => {
      const before = parts[index - 1];
      if (part.type !== 'image_url') return [];
      expect(part.image_url.url).toMatch(/^data:image\/\w+;base64,/);
      return before?.type === 'text' ? (/(image-\d+): $/.exec(before.text)?.[1] ?? 'unnamed') : 'unnamed';
    });
    return { role: role as 'user' | 'assistant', images };
  });
}

const textOf = (content: Chat['messages'][number]['content']): string =>
  typeof content === 'string' ? content : content.map((part) => (part.type === 'text' ? part.text : '')).join('');

describe.skipIf(traces === undefined)('recorded TACO conversations', () => {
  let cluster: TestCluster;
  let server: FakeServer;
  const prompts = new Map<string, Chat[]>();

  /** Answers with the turn that belongs to the question and to the number of turns so far. */
  function answer(exchange: Exchange): void {
    const body = chat.parse(JSON.parse(exchange.body));
    const question = textOf(body.messages[1]?.content ?? '');
    const trace = traces?.find(
      ([, each]) => modelOf(each) === body.model && question.endsWith(`Question: ${each.question}`),
    )?.[1];
    const turn = trace?.turns[body.messages.filter(({ role }) => role === 'assistant').length];
    if (trace === undefined || turn === undefined)
      throw new Error(`nobody recorded this: ${exchange.body.slice(0, 200)}`);
    prompts.set(trace.id, [...(prompts.get(trace.id) ?? []), body]);
    exchange.send(delta(turn, 'stop'));
    exchange.send('[DONE]');
    exchange.response.end();
  }

  beforeAll(async () => {
    server = await startFakeServer(answer);
    const openai = { backend: 'openai', dialect: 'taco', base_url: server.baseUrl };
    const models = {
      'TACO-Llama3-SigLIP': openai,
      'TACO-Qwen2-SigLIP': openai,
      replayed: { backend: 'replay', dialect: 'taco' },
    };
    cluster = await startTestCluster({ models: JSON.stringify({ models }) });
    for (const entry of ['workers/model/main.ts', 'workers/tools/main.ts', 'services/scheduler/main.ts'])
      cluster.start(entry);
  }, 60_000);
  afterAll(async () => {
    await cluster?.stop();
    await server?.stop();
  });

  async function picture(name: string): Promise<ImageRef> {
    const red = Number(name.slice('image-'.length)) * 40;
    const background = { r: red, g: 90, b: 120 };
    const bytes = await sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .png()
      .toBuffer();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const key = `t/default/recordings/${sha256}`;
    await cluster.shared.objects.put(key, bytes, { contentType: 'image/png' });
    return { name, sha256, contentType: 'image/png', width: 64, height: 48, bytes: bytes.length, key };
  }

  async function submit(trace: TacoTrace, model: string): Promise<string> {
    const images = new Map<string, ImageRef>();
    for (const name of trace.shown.flatMap((message) => message.images)) images.set(name, await picture(name));
    const ref = (name: string): ImageRef => images.get(name) ?? expect.unreachable(`no picture ${name}`);
    const key = `t/default/recordings/${trace.id}.json`;
    await cluster.shared.objects.put(key, Buffer.from(JSON.stringify(toRecording(trace, ref))), {
      contentType: 'application/json',
    });
    return await cluster.submit({
      model,
      tools,
      question: trace.question,
      sources: trace.inputs.map((name) => ({ from: 'store', key: ref(name).key, bytes: ref(name).bytes })),
      replay: { key, observations: 'recorded' },
    });
  }

  /** Calls in the order in which they were carried out, and the answer, against what was recorded. */
  function checkTrace(document: Trace, trace: TacoTrace): void {
    expect(document).toMatchObject({
      status: 'completed',
      stop_reason: 'terminate',
      answer: trace.answer,
      error: null,
    });
    const replies = document.steps.flatMap((step) => (step.kind === 'model' ? [step] : []));
    expect(replies.map((step) => step.text)).toEqual(trace.turns);
    expect(replies.map((step) => step.actions)).toEqual(trace.calls);
    expect(replies.filter((step) => step.problem !== undefined)).toEqual([]);
    const calls = document.steps.flatMap((step) => (step.kind === 'action' ? [step.action] : []));
    expect(calls).toEqual(trace.calls.flat().filter((call) => call.name !== 'Terminate'));
  }

  it('reach an OpenAI-compatible server turn by turn: same roles, order and image slots, same calls, same answers', async () => {
    const runs = await Promise.all(
      (traces ?? []).map(async ([, trace]) => [trace, await submit(trace, modelOf(trace))] as const),
    );
    for (const [trace, id] of runs) {
      await cluster.closed(id, 60_000);
      checkTrace(await cluster.trace(id), trace);
      const seen = prompts.get(trace.id) ?? [];
      expect(seen.map(shownIn)).toEqual(trace.turns.map((_, turn) => trace.shown.slice(0, turn * 2 + 1)));
      for (const [turn, prompt] of seen.entries()) {
        const before = seen[turn - 1]?.messages ?? [];
        expect(prompt.messages.slice(0, before.length), 'each prompt begins with the one before it').toEqual(before);
        const said = prompt.messages.filter(({ role }) => role === 'assistant').map(({ content }) => content);
        expect(said).toEqual(trace.turns.slice(0, turn));
      }
    }
    console.log(`${runs.length} conversations, ${[...prompts.values()].flat().length} prompts compared at the server`);
  }, 120_000);

  it('replay from their recordings to the same calls and answers', async () => {
    const runs = await Promise.all(
      (traces ?? []).map(async ([, trace]) => [trace, await submit(trace, 'replayed')] as const),
    );
    for (const [trace, id] of runs) {
      await cluster.closed(id, 60_000);
      checkTrace(await cluster.trace(id), trace);
    }
  }, 120_000);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type JsonObject, toolSpec } from '../../shared/contract.ts';
import { executeTool, findTool, specOf, TOOLS, ToolFailed, toolSpecs } from './registry.ts';
import { type Tool, type ToolContext, ToolError } from './tool.ts';

const context: ToolContext = {
  signal: new AbortController().signal,
  image: async (name) => {
    throw new ToolError('unknown_image', `There is no "${name}": no images were sent along.`);
  },
  ask: () => Promise.reject(new Error('nobody to ask')),
  keepImage: async () => 'image-0',
};

function tool(run: Tool['run'], timeLimitMs = 1_000): Tool {
  return {
    name: 'Try',
    version: '1',
    engine: 'none',
    description: 'Tries.',
    arguments: z.object({ n: z.number() }),
    returns: 'anything',
    example: { n: 1 },
    pool: 'cpu',
    timeLimitMs,
    deterministic: true,
    cache: false,
    run,
  };
}

test('every tool has a spec that clients can read and an example that it takes itself', () => {
  for (const known of TOOLS) {
    expect(toolSpec.parse(specOf(known))).toEqual(specOf(known));
    expect(known.arguments.safeParse(known.example).success).toBe(true);
    expect(specOf(known).parameters).toMatchObject({ type: 'object', required: Object.keys(known.example) });
  }
  expect(toolSpecs().at(-1)?.name).toBe('Terminate');
});

/** arXiv 2412.05479: names and arguments that a model trained on its data writes. */
const TACO: Readonly<Record<string, readonly string[]>> = {
  OCR: ['image'],
  LocalizeObjects: ['image', 'objects'],
  GetObjects: ['image'],
  EstimateRegionDepth: ['image', 'bbox'],
  EstimateObjectDepth: ['image', 'object'],
  Crop: ['image', 'bbox'],
  ZoomIn: ['image', 'bbox', 'zoom_factor'],
  QueryLanguageModel: ['query'],
  GetImageToImagesSimilarity: ['image', 'other_images'],
  GetImageToTextsSimilarity: ['image', 'texts'],
  GetTextToImagesSimilarity: ['text', 'images'],
  DetectFaces: ['image'],
  QueryKnowledgeBase: ['query'],
  Calculate: ['expression'],
  SolveMathEquation: ['query'],
};

test("all of TACO's tools are there, with its names for their arguments", () => {
  expect(Object.fromEntries(TOOLS.map((known) => [known.name, Object.keys(known.example)]))).toEqual({
    ...TACO,
    VisualizeRegionsOnImage: ['image', 'regions'],
  });
});

test('the documents list each tool with its arguments', () => {
  const page = readFileSync(new URL('../../docs/tools.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)\(([^)]*)\)` \|/gm)].map(([, name = '', list = '']) => [
    name,
    list.split(', ').map((item) => item.replace('?', '')),
  ]);
  const built = TOOLS.map((known) => [known.name, Object.keys(specOf(known).parameters.properties ?? {})]);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(built));
});

test('an unknown tool is answered with the known ones', () => {
  expect(findTool('Crop').name).toBe('Crop');
  const few = TOOLS.filter(({ name }) => ['OCR', 'Crop'].includes(name));
  expect(() => findTool('Search', few)).toThrow('There is no tool "Search". The tools are: OCR, Crop, Terminate.');
});

test('a result comes back as it is', async () => {
  const double = tool(async ({ n }) => ({ twice: 2 * (n as number) }));
  expect(await executeTool(double, { n: 4 }, context)).toEqual({ ok: true, result: { twice: 8 } });
});

test('what the model did wrong becomes an observation', async () => {
  const refuse = tool(async () => {
    throw new ToolError('too_small', 'Take a larger one.');
  });
  expect(await executeTool(refuse, { n: 4 }, context)).toEqual({
    ok: false,
    error: { code: 'too_small', message: 'Take a larger one.' },
  });
});

test('wrong arguments are named one by one, with an example', async () => {
  const wrong: [string, JsonObject, string[]][] = [
    ['Crop', { image: 'photo.png', bbox: [0, 0, 1, 1] }, ['"image" must be the name of an image', '"photo.png"']],
    ['Crop', { image: 'image-0', bbox: [10, 20, 300, 400] }, ['"bbox" must be fractions of the image', 'not pixels']],
    [
      'Crop',
      { image: 'image-0', bbox: [0.5, 0.1, 0.4, 0.2] },
      ['must have left < right, but left is 0.5 and right is 0.4'],
    ],
    ['Crop', { image: 'image-0', bbox: [0.1, 0.3, 0.4, 0.3] }, ['must have top < bottom']],
    ['Crop', { image: 'image-0', bbox: [0.1, 0.3, 0.4] }, ['must be four numbers [left, top, right, bottom]']],
    ['Crop', { image: 'image-0', bbox: 'left half' }, ['must be four numbers']],
    ['Crop', {}, ['"image" is missing. "bbox" is missing']],
    [
      'ZoomIn',
      { image: 'image-0', bbox: [0, 0, 1, 1], zoom_factor: 1 },
      ['"zoom_factor" must be greater than 1; it was 1'],
    ],
    ['ZoomIn', { image: 'image-0', bbox: [0, 0, 1, 1], zoom_factor: 'much' }, ['must be a number greater than 1']],
    ['Calculate', { expression: ['1'] }, ['"expression" must be a string']],
  ];
  for (const [name, args, words] of wrong) {
    const outcome = await executeTool(findTool(name), args, context);
    if (outcome.ok) throw new Error(`${name} took ${JSON.stringify(args)}`);
    expect(outcome.error.code).toBe('invalid_arguments');
    for (const word of words) expect(outcome.error.message).toContain(word);
    expect(outcome.error.message).toContain(JSON.stringify({ name, arguments: findTool(name).example }));
  }
});

test('arguments are read kindly where only one thing can be meant', async () => {
  const seen: string[] = [];
  const watching: ToolContext = {
    ...context,
    image: async (name) => {
      seen.push(name);
      throw new ToolError('unknown_image', 'none');
    },
  };
  for (const image of ['image-3', 'image-3.png', 'Image 3', '<image-3>', 'image_3', '3', 3, ['image-3']])
    await executeTool(findTool('OCR'), { image }, watching);
  await executeTool(findTool('OCR'), { picture: 'image-3' }, watching);
  await executeTool(findTool('Crop'), { image: 'image-3', bbox: '[0.1, 0.2, 0.3, 0.4]', note: 'the logo' }, watching);
  await executeTool(findTool('Crop'), { image: 'image-3', bbox: { left: 0, top: 0, right: '1', bottom: 1 } }, watching);
  expect(seen).toEqual(new Array(11).fill('image-3'));
});

test("a tool's own failure is not blamed on the model", async () => {
  const broken = tool(async () => {
    throw new TypeError('x is not a function');
  });
  await expect(executeTool(broken, { n: 1 }, context)).rejects.toThrow(ToolFailed);
  await expect(executeTool(broken, { n: 1 }, context)).rejects.toThrow('Try failed: x is not a function');
});

test('a result that is no JSON is a failure of the tool', async () => {
  for (const result of [{ at: new Date() }, { n: Number.NaN }, [1], 'text', undefined]) {
    const odd = tool(async () => result as unknown as JsonObject);
    await expect(executeTool(odd, { n: 1 }, context)).rejects.toThrow('Try failed: its result is no JSON object');
  }
});

test('a result that is nested so deep that nobody could read it is a failure of the tool', async () => {
  const nested = (depth: number): JsonObject => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
  expect(
    await executeTool(
      tool(async () => nested(50)),
      { n: 1 },
      context,
    ),
  ).toEqual({ ok: true, result: nested(50) });
  for (const depth of [1_000, 100_000]) {
    const deep = executeTool(
      tool(async () => nested(depth)),
      { n: 1 },
      context,
    );
    await expect(deep).rejects.toThrow('Try failed: its result is nested more than 100 deep');
  }
});

test('a tool over its time is stopped, and the model told', async () => {
  let stopped = false;
  const slow = tool((_, { signal }) => {
    signal.addEventListener('abort', () => {
      stopped = true;
    });
    return new Promise(() => undefined);
  }, 20);
  const outcome = await executeTool(slow, { n: 1 }, context);
  expect(outcome).toMatchObject({ ok: false, error: { code: 'tool_timeout' } });
  expect(stopped).toBe(true);
});

test('a model that a tool asked is stopped with the tool', async () => {
  let heard: AbortSignal | undefined;
  const asking = tool(async (_, { ask }) => ({ ...(await ask({ text: 'Why?', maxTokens: 5 })) }), 20);
  const ask: ToolContext['ask'] = (_, signal) => {
    heard = signal;
    return new Promise(() => undefined);
  };
  expect(await executeTool(asking, { n: 1 }, { ...context, ask })).toMatchObject({ error: { code: 'tool_timeout' } });
  expect(heard?.reason).toMatchObject({ code: 'tool_timeout' });
});

test('what a tool makes after its time is not kept', async () => {
  const kept: Buffer[] = [];
  const { promise: made, resolve: finish } = Promise.withResolvers<void>();
  let late: Promise<unknown> | undefined;
  const deaf = tool(async (_, { keepImage }) => {
    late = made.then(() => keepImage(Buffer.from('late')));
    late.catch(() => undefined);
    return { image: (await late) as string };
  }, 20);
  const keepImage = async (bytes: Buffer) => `image-${kept.push(bytes)}`;
  expect(await executeTool(deaf, { n: 1 }, { ...context, keepImage })).toMatchObject({ ok: false });
  finish();
  await expect(late).rejects.toMatchObject({ code: 'tool_timeout' });
  expect(kept).toEqual([]);
});

test('a cancelled run ends its tool with the reason of the cancellation', async () => {
  const stop = new AbortController();
  const slow = tool(() => new Promise(() => undefined), 10_000);
  const outcome = executeTool(slow, { n: 1 }, { ...context, signal: stop.signal });
  stop.abort(new Error('the run was cancelled'));
  await expect(outcome).rejects.toThrow('the run was cancelled');
  await expect(executeTool(slow, { n: 1 }, { ...context, signal: stop.signal })).rejects.toThrow(
    'the run was cancelled',
  );
});

test('Calculate runs in its process and tells the model what to mend', async () => {
  const calculate = findTool('Calculate');
  expect(await executeTool(calculate, { expression: '2^3' }, context)).toEqual({ ok: true, result: { result: 8 } });
  expect(await executeTool(calculate, { expression: 7 }, context)).toEqual({ ok: true, result: { result: 7 } });
  expect(await executeTool(calculate, { expression: '1/0' }, context)).toEqual({
    ok: false,
    error: { code: 'division_by_zero', message: 'Calculate: this divides by zero: check which number is the divisor.' },
  });
});

/** Run records for unit tests, with every field that a worker would find. */
import { createHash } from 'node:crypto';
import type { ActionStep, ImageRef, ModelStep, Observation, Run, RunConfig, ToolSpec } from '../shared/contract.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A reference to an image that no store holds; its hash is that of its name. */
export function sampleImage(index: number): ImageRef {
  const name = `image-${index}`;
  return {
    name,
    sha256: sha256(name),
    contentType: 'image/png',
    width: 640,
    height: 480,
    bytes: 1000 + index,
    key: `t/test/${name}`,
  };
}

export function sampleTool(
  name: string,
  properties: Readonly<Record<string, object>>,
  required: readonly string[] = Object.keys(properties),
): ToolSpec {
  return {
    name,
    version: '1',
    description: `What ${name} does.`,
    parameters: { type: 'object', properties: structuredClone(properties) as never, required: [...required] },
    returns: `what ${name} found`,
    example: {},
    pool: 'cpu',
  };
}

const image = { type: 'string', description: 'name of the image' } as const;
const bbox = { type: 'array', items: { type: 'number', minimum: 0, maximum: 1 }, minItems: 4, maxItems: 4 } as const;

export const sampleTools: readonly ToolSpec[] = [
  sampleTool('OCR', { image }),
  sampleTool('Calculate', { expression: { type: 'string', description: 'what to calculate' } }),
  sampleTool('LocalizeObjects', { image, objects: { type: 'array', items: { type: 'string' } } }),
  sampleTool('GetObjects', { image }),
  sampleTool('Crop', { image, bbox }),
  sampleTool('ZoomIn', { image, bbox, zoom_factor: { type: 'number', description: 'above 1' } }),
  sampleTool('EstimateObjectDepth', { image, object: { type: 'string' } }),
];

export function sampleModelStep(text: string, fields: Partial<ModelStep> = {}): ModelStep {
  const usage = { inputTokens: 100, outputTokens: 20, cachedTokens: 0 };
  return { kind: 'model', text, thought: '', actions: [], finishReason: 'stop', usage, ...fields };
}

export function sampleActionStep(action: ActionStep['action'], observation: Observation): ActionStep {
  return { kind: 'action', action, observation, toolVersion: '1', cached: false, toolMs: 5 };
}

export interface SampleRun {
  readonly config?: Partial<RunConfig>;
  readonly images?: readonly ImageRef[];
  readonly steps?: readonly (ModelStep | ActionStep)[];
  readonly answerNow?: string;
}

export function sampleRun({ config = {}, images = [sampleImage(0)], steps = [], answerNow }: SampleRun = {}): Run {
  const modelSteps = steps.filter((step) => step.kind === 'model');
  return {
    version: 1,
    id: 'run-00-sample',
    tenant: 'test',
    status: 'running',
    kind: 'model',
    step: steps.length,
    epoch: 0,
    starts: 0,
    fails: 0,
    config: {
      model: 'sample',
      modelVersion: '0',
      dialect: 'taco',
      prompt: 'long',
      promptVersion: 'taco-1',
      question: 'What does it say?',
      sources: [],
      tools: [...sampleTools],
      budgets: { replies: 10, turnTokens: 2000 },
      temperature: 0,
      priority: 'interactive',
      metadata: {},
      echo: {},
      ...config,
    },
    images,
    steps: steps.map((step, index) => ({ ...step, startedAt: 1000 + index, endedAt: 1001 + index })),
    usage: {
      replies: modelSteps.length,
      toolCalls: steps.length - modelSteps.length,
      inputTokens: 0,
      outputTokens: 0,
      cachedTokens: 0,
      modelMs: 0,
      toolMs: 0,
    },
    turn: steps.findLastIndex((step) => step.kind === 'model'),
    answerNow,
    holder: undefined,
    outcome: undefined,
    createdAt: 1000,
    startedAt: 1000,
    endedAt: undefined,
  };
}

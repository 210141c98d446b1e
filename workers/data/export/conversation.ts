/**
 * A chain as the conversation that a model is trained on. It is rendered by the very code that asks models at
 * inference, from a run made of the chain, so that what a model learns and what it is later asked cannot differ.
 */
import type { ImageRef, ModelStep, Run, RunConfig, Step } from '../../../shared/contract.ts';
import type { Chain, ChainImage, ChainObservation } from '../../../shared/data/chain.ts';
import { promptVersionOf } from '../../../shared/prompt-versions.ts';
import { taco } from '../../model/dialects/taco.ts';

/** A picture at its place in the conversation. */
export interface ShownImage {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly key: string;
  readonly sha256: string;
  readonly contentType: string;
}

export type Part = { readonly text: string } | { readonly image: ShownImage };

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly Part[];
}

/** All images of a chain in the order of their names: those of the question, then what tools made. */
export const imagesOf = ({ images, turns }: Chain): ChainImage[] => [
  ...images,
  ...turns.flatMap(({ observations }) => observations.flatMap((one) => (one.ok ? (one.images ?? []) : []))),
];

/** True where each picture of the chain has bytes, so that it can be shown. */
export const isDrawn = (chain: Chain): boolean =>
  imagesOf(chain).every(({ key, sha256 }) => key !== undefined && sha256 !== undefined);

/**
 * How many of a chain's pictures can be shown: those before the first that was never drawn, as prompts show the first
 * ones where a model takes no more.
 */
export function shownOf(chain: Chain): number {
  const images = imagesOf(chain);
  const first = images.findIndex(({ key, sha256 }) => key === undefined || sha256 === undefined);
  return first < 0 ? images.length : first;
}

/**
 * System message first, then user and assistant in turn; the last is the model's last reply. What a tool found for the
 * reply that ends a chain was shown to nobody, and is not part of it.
 * @param shown pictures that are shown; further ones are named with their size, as to a model that takes no more
 */
export function conversationOf(chain: Chain, shown: number): readonly Message[] {
  const dialect = taco({ maxImages: shown });
  return dialect
    .render(runOf(chain))
    .slice(0, 2 * chain.turns.length + 1)
    .map(({ role, content }) => ({
      role,
      parts: content.map((part) => (part.type === 'text' ? { text: part.text } : { image: imageOf(part.image) })),
    }));
}

/** The JSON text that a reply is: what the prompt asks models for. */
export const replyText = ({ thought, actions }: Pick<ModelStep, 'thought' | 'actions'>): string =>
  JSON.stringify({ thought, actions });

const imageOf = ({ name, width, height, key, sha256, contentType }: ImageRef): ShownImage => ({
  name,
  width,
  height,
  key,
  sha256,
  contentType,
});

const refOf = ({ name, width, height, key = '', sha256 = '', contentType = 'image/png' }: ChainImage): ImageRef => ({
  ...{ name, width, height, key, sha256, contentType },
  bytes: 0,
});

const NO_TOKENS = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 };

/** The chain as the record of a run. Only what the prompt is a function of is told; the rest is empty. */
function runOf(chain: Chain): Run {
  const tools = chain.tools.map((name) => ({
    ...{ name, version: '', description: '', parameters: {}, returns: '', example: {}, pool: '' },
  }));
  const config: RunConfig = {
    model: '',
    modelVersion: '',
    dialect: 'taco',
    prompt: 'short',
    promptVersion: promptVersionOf('taco'),
    question: chain.question,
    sources: [],
    tools,
    budgets: { replies: Math.max(1, chain.turns.length), turnTokens: 1 },
    temperature: 0,
    priority: 'batch',
    metadata: {},
    echo: {},
  };
  return {
    version: 1,
    id: chain.id,
    tenant: '',
    status: 'running',
    kind: 'model',
    step: 0,
    epoch: 0,
    starts: 0,
    fails: 0,
    config,
    images: chain.images.map(refOf),
    steps: chain.turns.flatMap(stepsOf).map((step) => ({ ...step, startedAt: 0, endedAt: 0 })),
    usage: { replies: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, modelMs: 0, toolMs: 0 },
    turn: 0,
    answerNow: undefined,
    holder: undefined,
    outcome: undefined,
    createdAt: 0,
    startedAt: undefined,
    endedAt: undefined,
  };
}

function stepsOf(turn: Chain['turns'][number]): Step[] {
  const { thought, actions, observations, problem } = turn;
  const reply: Step = {
    kind: 'model',
    text: replyText(turn),
    thought,
    actions,
    ...(problem === undefined ? {} : { problem }),
    finishReason: 'stop',
    usage: NO_TOKENS,
  };
  const carriedOut = actions.filter(({ name }) => name !== 'Terminate');
  const done = observations.flatMap((found, i): Step[] => {
    const action = carriedOut[i];
    if (action === undefined) return [];
    return [{ kind: 'action', action, observation: observationOf(found), toolVersion: '', cached: false, toolMs: 0 }];
  });
  return [reply, ...done];
}

const observationOf = (found: ChainObservation) =>
  found.ok ? { ...found, images: (found.images ?? []).map(refOf) } : found;

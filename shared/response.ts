/**
 * A run, as an OpenAI Response. Pure: the same run gives the same document, whether it is read from its record while
 * it lives, or from its trace after the record has left Redis. Ids of items follow from run id and step.
 */
import type { ImageRef, Observation, Outcome, Run, RunConfig, RunUsage, Step } from './contract.ts';
import { responseIdOf } from './keys.ts';
import type { ResponseItem, ResponseObject, VendorFacts } from './response/schema.ts';
import type { Trace } from './run/trace.ts';

/** What record and trace have in common. */
export interface RunView {
  readonly id: string;
  readonly status: Run['status'];
  readonly config: RunConfig;
  readonly images: readonly ImageRef[];
  readonly steps: readonly Step[];
  readonly usage: RunUsage;
  readonly outcome: Outcome | undefined;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly endedAt: number | undefined;
}

/** A run that is closed, as its trace tells it. */
export function viewOfTrace(trace: Trace): RunView {
  return {
    id: trace.id,
    status: 'closed',
    config: trace.config,
    images: trace.images,
    steps: trace.steps,
    usage: trace.usage,
    outcome: {
      status: trace.status,
      stopReason: trace.stop_reason,
      ...(trace.answer === null ? {} : { answer: trace.answer }),
      ...(trace.error === null ? {} : { error: trace.error }),
    },
    createdAt: trace.created_at,
    endedAt: trace.ended_at,
  };
}

/** A run as it was created, before anything happened to it. */
export function viewOfNew(id: string, config: RunConfig, createdAt: number): RunView {
  const usage = { replies: 0, toolCalls: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, modelMs: 0, toolMs: 0 };
  const rest = { images: [], steps: [], usage, outcome: undefined, endedAt: undefined };
  return { id, status: 'pending', config, createdAt, ...rest };
}

type ResponseStatus = ResponseObject['status'];

/**
 * A run is in progress until its trace is written, so that whoever reads `completed` finds everything. Only a
 * cancelled run is so at once: nothing can change that any more.
 */
export function statusOf(run: Pick<RunView, 'status' | 'outcome'>): ResponseStatus {
  if (run.outcome?.status === 'cancelled') return 'cancelled';
  if (run.status === 'pending') return 'queued';
  if (run.status === 'closed' && run.outcome) return run.outcome.status;
  return 'in_progress';
}

/** @param baseUrl where clients reach the API (`https://cota.example`); '' gives links without a host */
export function responseOf(run: RunView, baseUrl = ''): ResponseObject {
  const { config, outcome, usage } = run;
  const { echo } = config;
  const status = statusOf(run);
  const ended = status !== 'queued' && status !== 'in_progress';
  return {
    id: responseIdOf(run.id),
    object: 'response',
    created_at: seconds(run.createdAt),
    status,
    background: echo.background === true,
    completed_at: status === 'completed' && run.endedAt !== undefined ? seconds(run.endedAt) : null,
    error: status === 'failed' && outcome?.error ? { code: outcome.error.code, message: outcome.error.message } : null,
    incomplete_details: status === 'incomplete' ? { reason: incompleteReason(outcome) } : null,
    instructions: config.instructions ?? null,
    max_output_tokens: config.budgets.outputTokens ?? null,
    max_tool_calls: config.budgets.toolCalls ?? null,
    metadata: config.metadata,
    model: config.model,
    output: itemsOf(run, ended),
    parallel_tool_calls: echo.parallel_tool_calls === true,
    previous_response_id: null,
    prompt_cache_key: textOr(echo.prompt_cache_key),
    reasoning: { effort: null, summary: summaryOf(echo.reasoning) },
    safety_identifier: textOr(echo.safety_identifier),
    service_tier: 'default',
    store: true,
    temperature: config.temperature,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: echo.tool_choice === 'none' ? 'none' : 'auto',
    tools: [],
    top_logprobs: 0,
    top_p: config.topP ?? 1,
    truncation: 'disabled',
    usage: ended ? usageOf(usage) : null,
    user: textOr(echo.user),
    cota: vendorFacts(run, baseUrl),
  };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function summaryOf(reasoning: unknown): 'auto' | 'detailed' | null {
  if (typeof reasoning !== 'object' || reasoning === null) return null;
  const { summary, generate_summary } = reasoning as { summary?: unknown; generate_summary?: unknown };
  const asked = summary ?? generate_summary;
  return asked === 'auto' || asked === 'detailed' ? asked : null;
}

/** OpenAI's word where it has one; otherwise the budget that was spent, as `cota.stop_reason` has it. */
function incompleteReason(outcome: Outcome | undefined): string {
  return outcome?.stopReason === 'budget_output_tokens' ? 'max_output_tokens' : (outcome?.stopReason ?? 'unknown');
}

function usageOf(usage: RunUsage): NonNullable<ResponseObject['usage']> {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: { cached_tokens: usage.cachedTokens, cache_write_tokens: 0 },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}

/**
 * Thoughts, then each action with what came of it at once behind it: both are completed, so that no client thinks it
 * has to run them. The answer comes last.
 */
function itemsOf(run: RunView, ended: boolean): ResponseItem[] {
  const items = run.steps.flatMap((step, index) => itemsOfStep(run.id, step, index));
  const answer = ended && run.outcome?.status === 'completed' ? run.outcome.answer : undefined;
  if (answer !== undefined) {
    items.push({
      id: itemId('msg', run.id, run.steps.length),
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: answer, annotations: [], logprobs: [] }],
    });
  }
  return items;
}

function itemsOfStep(runId: string, step: Step, index: number): ResponseItem[] {
  if (step.kind === 'model') {
    const text = thoughtOf(step);
    if (text === '') return [];
    const summary = [{ type: 'summary_text' as const, text }];
    return [{ id: itemId('rs', runId, index), type: 'reasoning', summary, status: 'completed' }];
  }
  const callId = itemId('call', runId, index);
  return [
    {
      id: itemId('fc', runId, index),
      type: 'function_call',
      call_id: callId,
      name: step.action.name,
      arguments: JSON.stringify(step.action.arguments),
      status: 'completed',
    },
    {
      id: itemId('fco', runId, index),
      type: 'function_call_output',
      call_id: callId,
      output: outputOf(step.observation),
      status: 'completed',
    },
  ];
}

/** '' for an action. A reply that could not be read has no thought; it is shown as it came, since it is part of the evidence. */
export function thoughtOf(step: Step): string {
  if (step.kind !== 'model') return '';
  return step.thought === '' && step.problem !== undefined ? step.text : step.thought;
}

const itemId = (kind: string, runId: string, index: number): string => `${kind}_${runId.slice(4)}_${index}`;

/** The name under which a client asks for an image again: stable, where a signed link would expire. */
export const fileIdOf = (sha256: string): string => `file-${sha256}`;

type FunctionOutput = Extract<ResponseItem, { type: 'function_call_output' }>['output'];

function outputOf(observation: Observation): FunctionOutput {
  if (!observation.ok) return JSON.stringify({ error: observation.error });
  const text = JSON.stringify(observation.result);
  if (observation.images.length === 0) return text;
  const images = observation.images.map(({ sha256 }) => {
    return { type: 'input_image' as const, file_id: fileIdOf(sha256), detail: 'auto' as const };
  });
  return [{ type: 'input_text', text }, ...images];
}

function vendorFacts(run: RunView, baseUrl: string): VendorFacts {
  const { config, usage, outcome } = run;
  const { budgets } = config;
  return {
    run_id: run.id,
    trace: `${baseUrl}/v1/runs/${run.id}/trace`,
    stop_reason: outcome?.stopReason ?? null,
    priority: config.priority,
    deadline: config.deadline === undefined ? null : seconds(config.deadline),
    seed: config.seed ?? null,
    prompt: config.prompt,
    tools: config.tools.map((tool) => tool.name),
    budgets: {
      replies: budgets.replies,
      tool_calls: budgets.toolCalls ?? null,
      output_tokens: budgets.outputTokens ?? null,
      active_seconds: budgets.activeSeconds ?? null,
      tool_seconds: budgets.toolSeconds ?? null,
    },
    usage: {
      replies: usage.replies,
      tool_calls: usage.toolCalls,
      model_ms: usage.modelMs,
      tool_ms: usage.toolMs,
    },
    images: run.images.map((image) => ({
      name: image.name,
      file_id: fileIdOf(image.sha256),
      url: `${baseUrl}/v1/artifacts/${image.sha256}`,
      content_type: image.contentType,
      width: image.width,
      height: image.height,
      bytes: image.bytes,
    })),
  };
}

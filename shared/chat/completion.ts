/**
 * A run, as a chat completion, whole or in chunks. Pure, as response.ts is: record and trace give the same, and the
 * chunks of a run at any time are the first ones of all its chunks.
 */
import { CotaError, isErrorCode } from '../errors.ts';
import { completionIdOf } from '../keys.ts';
import { type RunView, responseOf, statusOf, thoughtOf } from '../response.ts';
import type { ChatChunk, ChatCompletion, ChatUsage } from './completion-schema.ts';

/** @throws CotaError when the run failed, was cancelled, or has not ended: see `chatErrorOf` */
export function chatCompletionOf(run: RunView, baseUrl = ''): ChatCompletion {
  const error = chatErrorOf(run);
  if (error) throw error;
  if (!hasEnded(run)) {
    throw new CotaError('still_running', `The run ${run.id} has not ended: its answer is not there yet.`);
  }
  const thoughts = thoughtsOf(run).join('\n\n');
  const message = {
    role: 'assistant' as const,
    content: contentOf(run),
    refusal: null,
    reasoning_content: thoughts === '' ? null : thoughts,
  };
  return {
    ...commonOf(run),
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReasonOf(run) }],
    usage: usageOf(run),
    cota: responseOf(run, baseUrl).cota,
  };
}

/** Why there will be no answer: for a run that failed or was cancelled. */
export function chatErrorOf(run: RunView): CotaError | undefined {
  const status = statusOf(run);
  if (status === 'cancelled') {
    return new CotaError('run_cancelled', `The run ${run.id} was cancelled before it had an answer.`);
  }
  if (status !== 'failed') return undefined;
  const { code = 'server_error', message = 'the run failed', param } = run.outcome?.error ?? {};
  return new CotaError(isErrorCode(code) ? code : 'server_error', message, param === undefined ? {} : { param });
}

/**
 * What has been said so far: who speaks, each finished thought, and once the run has ended its answer. Nothing comes
 * behind the thoughts of a run that ends without one: see `chatErrorOf`.
 */
export function chatChunksOf(run: RunView, baseUrl = ''): ChatChunk[] {
  const wantsUsage = chatEchoOf(run).include_usage === true;
  const unknownYet = wantsUsage ? { usage: null } : {};
  const chunk = (
    delta: ChatChunk['choices'][number]['delta'],
    finish: 'stop' | 'length' | null = null,
    more: Partial<ChatChunk> = {},
  ): ChatChunk => ({
    ...commonOf(run),
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...unknownYet,
    ...more,
  });
  const chunks = [chunk({ role: 'assistant', content: '' })];
  for (const [index, thought] of thoughtsOf(run).entries()) {
    chunks.push(chunk({ reasoning_content: index === 0 ? thought : `\n\n${thought}` }));
  }
  if (!hasEnded(run) || chatErrorOf(run)) return chunks;
  const content = contentOf(run);
  if (content !== '') chunks.push(chunk({ content }));
  chunks.push(chunk({}, finishReasonOf(run), { cota: responseOf(run, baseUrl).cota }));
  if (wantsUsage) chunks.push({ ...chunk({}), choices: [], usage: usageOf(run) });
  return chunks;
}

function hasEnded(run: RunView): boolean {
  const status = statusOf(run);
  return status !== 'queued' && status !== 'in_progress';
}

const commonOf = ({ id, createdAt, config }: RunView) => ({
  id: completionIdOf(id),
  created: Math.floor(createdAt / 1000),
  model: config.model,
  service_tier: 'default' as const,
  system_fingerprint: config.modelVersion,
});

const thoughtsOf = (run: RunView): string[] => run.steps.map(thoughtOf).filter((thought) => thought !== '');

const finishReasonOf = (run: RunView): 'stop' | 'length' => (run.outcome?.status === 'completed' ? 'stop' : 'length');

/** The answer, up to the first text of `stop`. */
function contentOf(run: RunView): string {
  const answer = run.outcome?.status === 'completed' ? (run.outcome.answer ?? '') : '';
  const { stop } = chatEchoOf(run);
  if (!Array.isArray(stop)) return answer;
  const places = stop.map((text) => answer.indexOf(String(text))).filter((place) => place >= 0);
  return answer.slice(0, Math.min(answer.length, ...places));
}

function chatEchoOf({ config }: RunView): { readonly stop?: unknown; readonly include_usage?: unknown } {
  const { chat } = config.echo;
  return typeof chat === 'object' && chat !== null && !Array.isArray(chat) ? chat : {};
}

function usageOf({ usage }: RunView): ChatUsage {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}

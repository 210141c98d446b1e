/**
 * The run machine: what happens next to a run. Pure: no clock, no Redis, no randomness, so that every rule is a row
 * in a table of tests. Workers compute a transition here and commit it with `advance`, which refuses it if the
 * record has moved on meanwhile.
 */

import type {
  Action,
  ActionStep,
  ImageRef,
  ModelStep,
  Outcome,
  Run,
  RunError,
  RunStatus,
  RunUsage,
  Step,
  StepKind,
} from '../contract.ts';
import { spentBudget } from './budget.ts';

export type RunEvent =
  | { readonly type: 'images_stored'; readonly images: readonly ImageRef[] }
  | {
      readonly type: 'replied';
      readonly step: ModelStep;
      readonly modelMs: number;
      readonly holder?: string | undefined;
    }
  | { readonly type: 'acted'; readonly step: ActionStep }
  | { readonly type: 'failed'; readonly error: RunError; readonly stopReason?: string };

/** What changes in the record. Fields left out stay as they are. */
export interface Transition {
  readonly status: RunStatus;
  readonly kind: StepKind;
  readonly step: number;
  /** Finished steps; the first one has the number of the step that this transition leaves. */
  readonly finished: readonly Step[];
  readonly images?: readonly ImageRef[];
  readonly usage?: RunUsage;
  readonly turn?: number;
  readonly answerNow?: string;
  readonly holder?: string | undefined;
  readonly outcome?: Outcome;
}

/**
 * @param run the record as `begin` gave it
 * @param event what the worker of its current step has to report
 * @param now Redis' time at `begin`, epoch milliseconds
 */
export function next(run: Run, event: RunEvent, now: number): Transition {
  switch (event.type) {
    case 'images_stored':
      if (run.config.call) return beginCall(run, run.config.call, event.images, now);
      return toModel(run, { finished: [], images: event.images, usage: run.usage }, 0, now);
    case 'replied':
      return afterReply(run, event.step, event.modelMs, event.holder, now);
    case 'acted':
      return afterAction(run, event.step, now);
    case 'failed':
      return end(
        run.step,
        { finished: [] },
        { status: 'failed', stopReason: event.stopReason ?? 'error', error: event.error },
      );
  }
}

type Progress = Pick<Transition, 'finished'> & Partial<Transition>;

/** A client's own action stands behind a turn that no model took. */
function beginCall(run: Run, call: Action, images: readonly ImageRef[], now: number): Transition {
  const usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0 };
  const turn: ModelStep = { kind: 'model', text: '', thought: '', actions: [call], finishReason: 'stop', usage };
  const progress: Progress = { finished: [turn], images, usage: run.usage, turn: 0 };
  return carryOut({ ...run, images }, [call], 0, progress, 1, now);
}

/** The outcome of a client's own action is its observation. */
function endCall(observation: ActionStep['observation'], progress: Progress, step: number): Transition {
  const came: Pick<Outcome, 'status' | 'answer' | 'error'> = observation.ok
    ? { status: 'completed', answer: JSON.stringify(observation.result) }
    : { status: 'failed', error: observation.error };
  return end(step, progress, { ...came, stopReason: 'call' });
}

function afterReply(run: Run, reply: ModelStep, modelMs: number, holder: string | undefined, now: number): Transition {
  const usage: RunUsage = {
    ...run.usage,
    replies: run.usage.replies + 1,
    inputTokens: run.usage.inputTokens + reply.usage.inputTokens,
    outputTokens: run.usage.outputTokens + reply.usage.outputTokens,
    cachedTokens: run.usage.cachedTokens + reply.usage.cachedTokens,
    modelMs: run.usage.modelMs + modelMs,
  };
  const progress: Progress = { finished: [reply], usage, turn: run.step, holder };
  const after = run.step + 1;
  if (run.answerNow !== undefined) return endForced(run.answerNow, reply, progress, after);
  if (reply.problem !== undefined || reply.actions.length === 0) return toModel(run, progress, after, now);
  return carryOut(run, reply.actions, 0, progress, after, now);
}

function afterAction(run: Run, step: ActionStep, now: number): Transition {
  const usage: RunUsage = {
    ...run.usage,
    toolCalls: run.usage.toolCalls + 1,
    toolMs: run.usage.toolMs + step.toolMs,
    inputTokens: run.usage.inputTokens + (step.usage?.inputTokens ?? 0),
    outputTokens: run.usage.outputTokens + (step.usage?.outputTokens ?? 0),
    cachedTokens: run.usage.cachedTokens + (step.usage?.cachedTokens ?? 0),
  };
  const made = step.observation.ok ? step.observation.images : [];
  const progress: Progress = {
    finished: [step],
    usage,
    ...(made.length > 0 ? { images: [...run.images, ...made] } : {}),
  };
  const turn = run.steps[run.turn];
  const actions = turn?.kind === 'model' ? turn.actions : [];
  return carryOut(run, actions, run.step - run.turn, progress, run.step + 1, now);
}

/**
 * Goes on with the actions of a turn, in order, from `index`. What needs no worker is settled here: Terminate ends
 * the run, an action that the run does not offer becomes an observation at once.
 */
function carryOut(
  run: Run,
  actions: readonly Action[],
  index: number,
  progress: Progress,
  step: number,
  now: number,
): Transition {
  const action = actions[index];
  const last = progress.finished.at(-1);
  if (run.config.call && last?.kind === 'action') return endCall(last.observation, progress, step);
  if (action === undefined) return toModel(run, progress, step, now);
  if (action.name === 'Terminate') {
    return end(step, progress, { status: 'completed', answer: answerOf(action), stopReason: 'terminate' });
  }
  const usage = progress.usage ?? run.usage;
  const refusal = refuse(run, action, usage);
  if (refusal === undefined) return { ...progress, status: 'running', kind: 'action', step };
  const refused: ActionStep = {
    kind: 'action',
    action,
    observation: { ok: false, error: refusal },
    toolVersion: '',
    cached: false,
    toolMs: 0,
  };
  const counted = { ...usage, toolCalls: usage.toolCalls + 1 };
  return carryOut(
    run,
    actions,
    index + 1,
    { ...progress, finished: [...progress.finished, refused], usage: counted },
    step + 1,
    now,
  );
}

function refuse(run: Run, action: Action, usage: RunUsage): { code: string; message: string } | undefined {
  const { tools, budgets } = run.config;
  if (!tools.some((tool) => tool.name === action.name)) {
    const known = [...tools.map((tool) => tool.name), 'Terminate'].join(', ');
    return {
      code: 'unknown_action',
      message: `There is no action "${action.name.slice(0, 80)}". The actions are: ${known}.`,
    };
  }
  if (budgets.toolCalls !== undefined && usage.toolCalls >= budgets.toolCalls) {
    return {
      code: 'budget_spent',
      message: 'No more actions are allowed in this run. Call Terminate with the answer.',
    };
  }
  return undefined;
}

function toModel(run: Run, progress: Progress, step: number, now: number): Transition {
  const spent = spentBudget(run.config, progress.usage ?? run.usage, now);
  return { ...progress, status: 'running', kind: 'model', step, ...(spent === undefined ? {} : { answerNow: spent }) };
}

/** The reply to "answer now" is the last one: with Terminate it is the answer, without one the run is incomplete. */
function endForced(budget: string, reply: ModelStep, progress: Progress, step: number): Transition {
  const terminate = reply.actions.find((action) => action.name === 'Terminate');
  const stopReason = `budget_${budget}`;
  if (terminate) return end(step, progress, { status: 'completed', answer: answerOf(terminate), stopReason });
  return end(step, progress, { status: 'incomplete', stopReason });
}

function answerOf(terminate: Action): string {
  const { answer } = terminate.arguments;
  if (typeof answer === 'string') return answer;
  return answer === undefined || answer === null ? '' : JSON.stringify(answer);
}

function end(step: number, progress: Progress, outcome: Outcome): Transition {
  return { ...progress, status: 'finalizing', kind: 'finalize', step, outcome };
}

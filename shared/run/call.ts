/** A single action that a client asks for itself, over MCP or REST: a run that no model takes part in. */
import type { Action, ActionStep, RunConfig, ToolSpec } from '../contract.ts';
import type { Fleet } from '../fleet.ts';
import type { RunView } from '../response.ts';

/** Stands where other runs have their model, and for admission, since such runs share no slots with a model. No model of models.yaml can have this id. */
export const CALLS = '@tools';

/** Calls in flight for each tool worker: as many as one takes at a time by default, and some that wait. */
const CALLS_PER_WORKER = 24;

/** Calls that may be in flight; the others wait, tenants in turn. 0 while nobody carries tools out. */
export const callsAtOnce = (fleet: Pick<Fleet, 'workers'>): number =>
  fleet.workers().filter((worker) => worker.tools.length > 0).length * CALLS_PER_WORKER;

/** Output tokens that one question of a tool to a language model may cost. */
const TURN_TOKENS = 2_000;
/** Characters of a call's text in lists of runs. */
const SHOWN = 500;

/** @param spec of the tool, which the run is pinned to */
export function callConfig(spec: ToolSpec, call: Action, priority: RunConfig['priority']): Omit<RunConfig, 'sources'> {
  return {
    model: CALLS,
    modelVersion: '',
    dialect: 'none',
    prompt: 'short',
    promptVersion: '',
    question: `${call.name} ${JSON.stringify(call.arguments)}`.slice(0, SHOWN),
    tools: [spec],
    budgets: { replies: 1, turnTokens: TURN_TOKENS },
    temperature: 0,
    priority,
    metadata: {},
    call,
    echo: {},
  };
}

/** What came of a call; undefined before that, and where the run failed or was cancelled. */
export function callStep(run: Pick<RunView, 'steps'>): ActionStep | undefined {
  return run.steps.find((step) => step.kind === 'action');
}

/** One action: cache or execute -> observation. `begin` and `advance` stand around it, in shared/worker.ts. */
import type { ActionStep, Observation, Run, TokenUsage } from '../../shared/contract.ts';
import { CotaError, codeOf, ruleOf } from '../../shared/errors.ts';
import type { Fleet, WorkerCard } from '../../shared/fleet.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import type { Queues } from '../../shared/queues.ts';
import { recordedObservation } from '../../shared/run/recording.ts';
import type { StepHandler } from '../../shared/run/run-step.ts';
import { metrics } from '../../shared/telemetry.ts';
import { BelongsElsewhere, insistOnVersion, othersWithTool } from '../../shared/versions.ts';
import type { ToolCache } from './cache.ts';
import { openToolContext, type ToolServices } from './context.ts';
import { type Intake, takeIn } from './intake.ts';
import { executeTool, ToolFailed, type ToolOutcome } from './registry.ts';
import type { Tool, ToolContext } from './tool.ts';

export interface ToolStepParts {
  readonly objects: ObjectStore;
  readonly services: ToolServices;
  readonly cache: ToolCache;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly intake: Intake;
  readonly fleet: Pick<Fleet, 'workers' | 'tools'>;
  readonly queues: Pick<Queues, 'waiting'>;
  /** Actions that a worker does at a time. */
  readonly concurrency: number;
  /** Told of each call of a tool that lacks its weights or settings. */
  readonly notReady?: (tool: Tool) => void;
}

/** A tool that nobody carries out just now is asked for this often. */
const AWAY_MS = 10_000;

/** A step that needs what only other workers of the pool have is in their queue again after this. */
const ELSEWHERE_MS = 1_000;

/** Breaks of `status` itself are the call's to tell. */
function isMissing(tool: Tool): boolean {
  try {
    return tool.status?.().ready === false;
  } catch {
    return false;
  }
}

export function toolStepHandler(parts: ToolStepParts): StepHandler {
  return async ({ run, signal }) => {
    if (run.kind === 'intake') {
      return { type: 'images_stored', images: await takeIn(run, parts.objects, parts.intake, signal) };
    }
    const turn = run.steps[run.turn];
    const action = turn?.kind === 'model' ? turn.actions[run.step - run.turn - 1] : undefined;
    if (action === undefined) throw new CotaError('server_error', `run ${run.id} has no action at step ${run.step}`);
    const recorded = run.config.replay?.observations === 'recorded';
    const done = recorded
      ? { ...(await recordedObservation(run, parts.objects)), cached: false, toolMs: 0, version: 'recorded' }
      : await carryOut(run, await toolFor(run, action.name, parts), action.arguments, parts, signal);
    const step: ActionStep = {
      kind: 'action',
      action,
      observation: done.observation,
      toolVersion: done.version,
      cached: done.cached,
      toolMs: done.toolMs,
      ...(done.usage ? { usage: done.usage } : {}),
    };
    return { type: 'acted', step };
  };
}

interface Done {
  readonly observation: Observation;
  readonly cached: boolean;
  readonly toolMs: number;
  readonly version: string;
  readonly usage?: TokenUsage | undefined;
}

/** @throws BelongsElsewhere; CotaError when no worker carries it out */
async function toolFor(run: Run, name: string, { tools, fleet, queues, concurrency }: ToolStepParts): Promise<Tool> {
  const tool = tools.get(name);
  const wanted = run.config.tools.find((pinned) => pinned.name === name)?.version;
  if (!tool) {
    // A deploy that brings a new tool, or takes one away: other workers of its pool have it.
    const others = othersWithTool(fleet, name, wanted) ?? othersWithTool(fleet, name);
    if (others) throw new BelongsElsewhere(others.queue);
    if (fleet.tools().some((known) => known.name === name)) {
      throw new CotaError('tool_away', `no worker carries out "${name}" just now`, { retryAfterMs: AWAY_MS });
    }
    throw new CotaError('server_error', `no worker carries out "${name}"`);
  }
  if (wanted !== undefined && wanted !== tool.version) {
    const others = othersWithTool(fleet, name, wanted);
    await insistOnVersion({ kind: 'tool', name, wanted, mine: tool.version, others, concurrency }, queues);
  }
  const hasIt = ({ toolVersions, toolsNotReady = {} }: WorkerCard): boolean =>
    toolVersions?.[name] === tool.version && !(name in toolsNotReady);
  // Another worker of its pool gets it sooner or later. The model is told only where nobody has what the tool needs.
  if (isMissing(tool) && fleet.workers().some(hasIt))
    throw new CotaError('tool_away', `"${name}" is not ready on this worker, but on another`, {
      retryAfterMs: ELSEWHERE_MS,
    });
  return tool;
}

async function carryOut(
  run: Run,
  tool: Tool,
  args: ActionStep['action']['arguments'],
  parts: ToolStepParts,
  signal: AbortSignal,
): Promise<Done> {
  const started = performance.now();
  let usage: TokenUsage | undefined;
  const execute = async () => {
    const context = openToolContext(run, parts.services, signal);
    const observation = await executeOrTell(tool, args, context.tool, run.fails);
    usage = context.usage();
    return { observation, images: context.kept(), cached: false };
  };
  const cacheable = tool.cache && tool.deterministic;
  const { observation, images, cached } = await (cacheable
    ? parts.cache.through(tool, args, run, execute, signal)
    : execute());
  const tookMs = performance.now() - started;
  const result = cached ? 'cached' : observation.ok ? 'ok' : observation.error.code;
  metrics.toolSeconds.observe({ tool: tool.name, result }, tookMs / 1000);
  if (result === 'tool_not_ready') parts.notReady?.(tool);
  return {
    observation: observation.ok ? { ok: true, result: observation.result, images: [...images] } : observation,
    cached,
    toolMs: cached ? 0 : Math.round(tookMs * 10) / 10,
    version: tool.version,
    usage,
  };
}

/**
 * A tool that breaks is tried once more; if it breaks again, the model is told and may go another way. What is wrong
 * with the cluster itself (no store, no Redis) is thrown, so that the step waits.
 */
async function executeOrTell(
  tool: Tool,
  args: ActionStep['action']['arguments'],
  context: ToolContext,
  failsBefore: number,
): Promise<ToolOutcome> {
  try {
    return await executeTool(tool, args, context);
  } catch (error) {
    if (!(error instanceof ToolFailed)) throw error;
    const code = codeOf(error.cause);
    // A tool never talks to Redis: a refused or broken connection is one of its own, and would else be waited for for ever.
    if (code !== 'redis_away' && ruleOf(code).run === 'wait') throw error.cause;
    if (failsBefore === 0) throw error;
    return {
      ok: false,
      error: { code: 'tool_failed', message: `${error.message}. Do without it, or try other arguments.` },
    };
  }
}

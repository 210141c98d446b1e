/** The run record as Redis holds it, a hash of strings, and as workers see it. */
import { LRUCache } from 'lru-cache';
import {
  type ImageRef,
  type Outcome,
  RECORD_VERSION,
  type Run,
  type RunConfig,
  type RunStatus,
  type RunUsage,
  type Step,
  type StepKind,
} from './contract.ts';
import type { Transition } from './run-machine.ts';

/** Where a run stands: what a worker with a stale job needs in order to enqueue the current step. */
export interface Position {
  readonly status: RunStatus;
  readonly kind: StepKind;
  readonly step: number;
  readonly epoch: number;
}

/** Fields of the hash beside its steps, in the order in which begin.lua gives their values. */
export const RECORD_FIELDS = [
  ...(['status', 'kind', 'step', 'epoch', 'starts', 'fails', 'version', 'tenant', 'created', 'started'] as const),
  ...(['ended', 'images', 'usage', 'turn', 'answerNow', 'holder', 'outcome', 'config'] as const),
] as const;
type Value = string | number | null | undefined;

// What a run is pinned to never changes, so it is read and parsed once per process and run.
const configs = new LRUCache<string, RunConfig>({ max: 2_000 });
/** What the run is pinned to, if this process has seen it. */
export const knownConfig = (id: string): RunConfig | undefined => configs.get(id);

const NO_USAGE: RunUsage = {
  replies: 0,
  toolCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  modelMs: 0,
  toolMs: 0,
};

export function positionOf(status: Value, kind: Value, at: Value, epoch: Value): Position {
  return { status: status as RunStatus, kind: kind as StepKind, step: Number(at), epoch: Number(epoch) };
}

/**
 * The hash -> the run. A record that another version wrote is refused; within a version only our own scripts write it,
 * so it is taken as it is: in a profile, checking it at every step took a twelfth of a busy worker's time.
 * @param values of RECORD_FIELDS
 * @param steps s:0, t:0, s:1, t:1, ...
 * @param config where it is known already and not among the values
 */
export function readRun(
  id: string,
  values: readonly Value[],
  steps: readonly Value[],
  config: RunConfig | undefined = knownConfig(id),
): Run {
  const [status, kind, at, epoch, starts, fails, version, tenant, created, started, ended, ...rest] = values;
  const [images, usage, turn, answerNow, holder, outcome, pinned] = rest;
  if (Number(version) !== RECORD_VERSION) {
    throw new Error(
      `run ${id} has record version ${version}, this process knows ${RECORD_VERSION}: let a newer worker do it`,
    );
  }
  const finished: Run['steps'][number][] = [];
  for (let index = 0; index < steps.length; index += 2) {
    const [startedAt, endedAt] = present(id, `t:${index / 2}`, steps[index + 1])
      .split(',')
      .map(Number) as [number, number];
    finished.push({ ...(JSON.parse(present(id, `s:${index / 2}`, steps[index])) as Step), startedAt, endedAt });
  }
  return {
    version: RECORD_VERSION,
    id,
    tenant: present(id, 'tenant', tenant),
    ...positionOf(status, kind, at, epoch),
    starts: Number(starts ?? 0),
    fails: Number(fails ?? 0),
    config: config ?? parseConfig(id, present(id, 'config', pinned)),
    images: images ? (JSON.parse(String(images)) as ImageRef[]) : [],
    steps: finished,
    usage: usage ? (JSON.parse(String(usage)) as RunUsage) : NO_USAGE,
    turn: Number(turn ?? 0),
    answerNow: answerNow?.toString(),
    holder: holder?.toString(),
    outcome: outcome ? (JSON.parse(String(outcome)) as Outcome) : undefined,
    createdAt: Number(present(id, 'created', created)),
    startedAt: started ? Number(started) : undefined,
    endedAt: ended ? Number(ended) : undefined,
  };
}

function present(id: string, name: string, value: Value): string {
  if (value === null || value === undefined) throw new Error(`run ${id} has no field "${name}"`);
  return String(value);
}

function parseConfig(id: string, text: string): RunConfig {
  const config = JSON.parse(text) as RunConfig;
  configs.set(id, config);
  return config;
}

/**
 * The run as its record is once `advance` has written a transition. Between begin and advance nothing else in a record
 * changes but the counts of starts and fails, which the transition sets back; so nobody needs to read it again.
 */
export function advanced(run: Run, transition: Transition, begunAt: number, now: number): Run {
  const finished = transition.finished.map((step) => ({ ...step, startedAt: begunAt, endedAt: now }));
  return {
    ...run,
    status: transition.status,
    kind: transition.kind,
    step: transition.step,
    starts: 0,
    fails: 0,
    images: transition.images ?? run.images,
    steps: [...run.steps, ...finished],
    usage: transition.usage ?? run.usage,
    turn: transition.turn ?? run.turn,
    answerNow: transition.answerNow ?? run.answerNow,
    holder: transition.holder ?? run.holder,
    outcome: transition.outcome ?? run.outcome,
    endedAt: transition.status === 'finalizing' ? now : run.endedAt,
  };
}

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
} from '../contract.ts';
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
type Field = (typeof RECORD_FIELDS)[number];
const placeOf = Object.fromEntries(RECORD_FIELDS.map((name, place) => [name, place])) as Record<Field, number>;
type Value = string | number | null | undefined;

// What a run is pinned to never changes, so it is read and parsed once per process and run.
const configs = new LRUCache<string, RunConfig>({ max: 2_000 });
/** What the run is pinned to, if this process has seen it. */
export const knownConfig = (id: string): RunConfig | undefined => configs.get(id);

export const NO_USAGE: RunUsage = {
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
  const value = (name: Field): Value => values[placeOf[name]];
  const version = value('version');
  if (Number(version) !== RECORD_VERSION) {
    throw new Error(
      `run ${id} has record version ${version}, this process knows ${RECORD_VERSION}: let a newer worker do it`,
    );
  }
  const finished: Run['steps'][number][] = [];
  for (let index = 0; index < steps.length; index += 2) {
    const step = JSON.parse(present(id, `s:${index / 2}`, steps[index])) as Step;
    const times = present(id, `t:${index / 2}`, steps[index + 1]);
    const comma = times.indexOf(',');
    finished.push({ ...step, startedAt: Number(times.slice(0, comma)), endedAt: Number(times.slice(comma + 1)) });
  }
  const json = <T>(name: Field): T | undefined => {
    const text = value(name);
    return text ? (JSON.parse(String(text)) as T) : undefined;
  };
  const time = (name: Field): number | undefined => {
    const ms = value(name);
    return ms ? Number(ms) : undefined;
  };
  return {
    version: RECORD_VERSION,
    id,
    tenant: present(id, 'tenant', value('tenant')),
    ...positionOf(value('status'), value('kind'), value('step'), value('epoch')),
    starts: Number(value('starts') ?? 0),
    fails: Number(value('fails') ?? 0),
    config: config ?? parseConfig(id, present(id, 'config', value('config'))),
    images: json<ImageRef[]>('images') ?? [],
    steps: finished,
    usage: json<RunUsage>('usage') ?? NO_USAGE,
    turn: Number(value('turn') ?? 0),
    answerNow: value('answerNow')?.toString(),
    holder: value('holder')?.toString(),
    outcome: json<Outcome>('outcome'),
    createdAt: Number(present(id, 'created', value('created'))),
    startedAt: time('started'),
    endedAt: time('ended'),
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
 * The run as its record is once `advance` has written a transition. Between the begin and the advance of one worker
 * nothing else in a record changes but the counts of starts and fails, which the transition sets back.
 * @param run as begin gave it
 * @param begunAt Redis' time at begin, and `now` at advance
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

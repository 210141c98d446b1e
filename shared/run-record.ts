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
  runStatus,
  type Step,
  type StepKind,
  stepKind,
} from './contract.ts';

/** Where a run stands: what a worker with a stale job needs in order to enqueue the current step. */
export interface Position {
  readonly status: RunStatus;
  readonly kind: StepKind;
  readonly step: number;
  readonly epoch: number;
}

// What a run is pinned to never changes, so it is parsed once per process and run.
const configs = new LRUCache<string, RunConfig>({ max: 2_000 });
function configOf(id: string, text: string): RunConfig {
  const known = configs.get(id);
  if (known) return known;
  const parsed = JSON.parse(text) as RunConfig;
  configs.set(id, parsed);
  return parsed;
}

const NO_USAGE: RunUsage = {
  replies: 0,
  toolCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  modelMs: 0,
  toolMs: 0,
};

export function positionOf(status: unknown, kind: unknown, at: unknown, epoch: unknown): Position {
  return { status: runStatus.parse(status), kind: stepKind.parse(kind), step: Number(at), epoch: Number(epoch) };
}

/**
 * Fields of the hash -> the run. A record that another version wrote is refused; within a version only our own scripts
 * write it, so its JSON is taken as it is: in a profile, checking it at every step took a twelfth of a busy worker's time.
 */
export function readRun(id: string, pairs: readonly string[]): Run {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < pairs.length; i += 2) fields.set(pairs[i] as string, pairs[i + 1] as string);
  const required = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined) throw new Error(`run ${id} has no field "${name}"`);
    return value;
  };
  const number = (name: string): number | undefined => {
    const value = fields.get(name);
    return value === undefined ? undefined : Number(value);
  };
  const version = Number(required('version'));
  if (version !== RECORD_VERSION) {
    throw new Error(
      `run ${id} has record version ${version}, this process knows ${RECORD_VERSION}: let a newer worker do it`,
    );
  }
  const position = positionOf(required('status'), required('kind'), required('step'), required('epoch'));
  const steps: Run['steps'][number][] = [];
  for (let index = 0; fields.has(`s:${index}`); index++) {
    const [startedAt, endedAt] = required(`t:${index}`).split(',').map(Number) as [number, number];
    steps.push({ ...(JSON.parse(required(`s:${index}`)) as Step), startedAt, endedAt });
  }
  const json = <T>(name: string): T | undefined => {
    const text = fields.get(name);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  };
  return {
    version,
    id,
    tenant: required('tenant'),
    ...position,
    starts: number('starts') ?? 0,
    fails: number('fails') ?? 0,
    config: configOf(id, required('config')),
    images: json<ImageRef[]>('images') ?? [],
    steps,
    usage: json<RunUsage>('usage') ?? NO_USAGE,
    turn: number('turn') ?? 0,
    answerNow: fields.get('answerNow'),
    holder: fields.get('holder'),
    outcome: json<Outcome>('outcome'),
    createdAt: Number(required('created')),
    startedAt: number('started'),
    endedAt: number('ended'),
  };
}

/** What a training told, read from its log: the events of workers/train/python/train.py, or of another trainer. */

export interface Progress {
  readonly step: number;
  readonly tokens: number;
  readonly stage: string;
  readonly loss?: number | undefined;
  readonly norm?: number | undefined;
  readonly lr?: number | undefined;
  readonly speed?: number | undefined;
}

export interface Evaluation {
  readonly step: number;
  readonly tokens: number;
  readonly stage: string;
  readonly passed: boolean;
  /** Shard -> figure -> share; `n` = examples judged. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface TrainingLog {
  readonly progress: readonly Progress[];
  readonly evaluations: readonly Evaluation[];
  readonly stages: readonly { readonly name: string; readonly step: number; readonly tokens: number }[];
  readonly checkpoints: readonly {
    readonly step: number;
    readonly tokens: number;
    readonly path: string;
    readonly sha256: string;
  }[];
  /** Where it went on from a checkpoint. */
  readonly resumes: readonly { readonly step: number; readonly tokens: number }[];
  readonly started: Readonly<Record<string, string | number>>;
  readonly planned: number;
  readonly state: 'done' | 'stopped' | 'paused' | 'running';
  /** ISO times of the first and the last line; empty where there are none. */
  readonly from: string;
  readonly to: string;
}

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** @param log text of log.jsonl, or its lines; lines that are no event are passed over */
export function readTrainingLog(log: string | Iterable<string>): TrainingLog {
  const progress: Progress[] = [];
  const evaluations: Evaluation[] = [];
  const stages: { name: string; step: number; tokens: number }[] = [];
  const checkpoints: { step: number; tokens: number; path: string; sha256: string }[] = [];
  const resumes: { step: number; tokens: number }[] = [];
  const started: Record<string, string | number> = {};
  let state: TrainingLog['state'] = 'running';
  let [planned, from, to] = [0, '', ''];
  for (const line of typeof log === 'string' ? log.split('\n') : log) {
    const event = parsed(line);
    const step = number(event.step) ?? 0;
    const tokens = number(event.tokens) ?? 0;
    const stage = text(event.stage);
    from ||= text(event.time);
    to = text(event.time) || to;
    planned = number(event.tokens_planned) ?? planned;
    if (event.event === 'started') {
      for (const [key, value] of Object.entries(event))
        if (typeof value === 'string' || typeof value === 'number') started[key] = value;
      if ((number(event.resumed_at_step) ?? 0) > 0) resumes.push({ step, tokens });
    } else if (event.event === 'progress') {
      if (event.paused !== true)
        progress.push({
          step,
          tokens,
          stage,
          loss: number(event.loss),
          norm: number(event.norm),
          lr: number(event.lr),
          speed: number(event.tokens_per_s),
        });
    } else if (event.event === 'evaluation') {
      const figures = Object.entries(record(event.figures)).map(([shard, all]) => [
        shard,
        Object.fromEntries(
          Object.entries(record(all)).flatMap(([name, value]) => {
            const share = number(value);
            return share === undefined ? [] : [[name, share]];
          }),
        ),
      ]);
      evaluations.push({ step, tokens, stage, passed: event.passed === true, figures: Object.fromEntries(figures) });
    } else if (event.event === 'stage') stages.push({ name: text(event.name), step, tokens });
    else if (event.event === 'checkpoint')
      checkpoints.push({ step, tokens, path: text(event.path), sha256: text(event.sha256) });
    if (event.event === 'done' || event.event === 'stopped') state = event.event;
    else if (event.event !== undefined) state = event.paused === true ? 'paused' : 'running';
  }
  return { progress, evaluations, stages, checkpoints, resumes, started, planned, state, from, to };
}

function parsed(line: string): Record<string, unknown> {
  try {
    return record(JSON.parse(line));
  } catch {
    return {};
  }
}

/** What a trainer tells, in order: events of the job, its progress, and checkpoints that go to the store beside it. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrainCheckpoint } from '../../shared/train/job.ts';
import type { Places } from './command.ts';
import type { Attempt } from './desk.ts';
import { keepCheckpoint, type NewCheckpoint, stepOf } from './kept-checkpoints.ts';
import { type TrainerEvent, trainerEventOf } from './trainer-event.ts';

/** Figures that wait for the record, such as one that is away: of what comes then, the curve has gaps. */
const MOST_WAITING = 1_000;
/** Of one checkpoint, with pauses that double: about two minutes. */
const MOST_TRIES = 6;

export interface Told {
  /** The trainer is started, perhaps again. */
  begin(): void;
  /** @returns false for text */
  line(text: string): boolean;
  /** Looks for checkpoints that the trainer does not tell of. */
  look(): Promise<void>;
  /** All that was told is kept. @throws what went wrong with it */
  settled(): Promise<void>;
  step(): number;
  /** Path below {out} of the newest whole checkpoint. */
  checkpoint(): string | undefined;
  stopped(): boolean;
  /** What the trainer said at its end. */
  done(): { readonly path?: string };
}

/** Names under which OpenAI's clients know figures. */
const METRIC: Readonly<Record<string, string>> = { loss: 'train_loss', eval_loss: 'valid_loss', lr: 'learning_rate' };
const metricName = (name: string): string => (Object.hasOwn(METRIC, name) ? (METRIC[name] ?? name) : name);

export function openTold(attempt: Attempt, { out }: Places, restored: TrainCheckpoint | undefined): Told {
  const { job, desk, parts, name: attemptName } = attempt;
  const { recipe } = job;
  let step = restored?.step ?? 0;
  let tokens = restored?.tokens ?? 0;
  let barStep: number | undefined;
  let metrics: Record<string, number> = {};
  let newest = restored?.path;
  let wasStopped = false;
  let path: string | undefined;
  const kept = new Set<string>(restored ? [restored.path] : []);
  /** Events wait for events, checkpoints for checkpoints: an upload of minutes must not hold the loss back. */
  let events: Promise<void> = Promise.resolve();
  let uploads: Promise<void> = Promise.resolve();
  let fault: unknown;
  const then = (chain: Promise<void>, what: () => Promise<void>): Promise<void> =>
    chain.then(what).catch((error: unknown) => {
      fault ??= error;
    });
  let waiting = 0;
  const say: Attempt['desk']['say'] = async (event) => {
    if (waiting >= MOST_WAITING && event.type === 'metrics') return;
    waiting += 1;
    events = then(events, () => desk.say(event)).finally(() => {
      waiting -= 1;
    });
  };

  function figures(
    given: Readonly<Record<string, unknown>>,
    at: number,
    more: Readonly<Record<string, unknown>> = {},
  ): void {
    metrics = {};
    for (const [name, value] of Object.entries(given)) {
      if (typeof value === 'number' && Number.isFinite(value)) metrics[metricName(name)] = value;
    }
    step = Math.max(step, at);
    const loss = metrics.train_loss ?? metrics.valid_loss;
    const words =
      loss === undefined ? '' : `: ${metrics.train_loss === undefined ? 'validation' : 'training'} loss=${loss}`;
    const data = JSON.parse(JSON.stringify({ step: at, ...metrics, ...more })) as Record<string, number>;
    void say({ level: 'info', type: 'metrics', message: `Step ${at}${words}`, data });
  }

  function upload(given: NewCheckpoint): void {
    if (given.sha256 === undefined && kept.has(given.path)) return;
    kept.add(given.path);
    const whole = { ...given, metrics: { ...metrics } };
    uploads = then(uploads, () => keep(whole));
  }

  /** A store that is away is waited for: the training goes on meanwhile, and its next checkpoint may take this one's place. */
  async function keep(given: NewCheckpoint): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        const done = await keepCheckpoint(parts.objects, job, out, attemptName, given, desk.holds);
        if (done) await told(given, done.checkpoint.id, done.bytes);
        return;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        desk.log(`the checkpoint of step ${given.step} could not be kept (${why})`);
        if (tries === MOST_TRIES) {
          const message = `The checkpoint of step ${given.step} could not be kept: ${why}`;
          await say({ level: 'warn', type: 'message', message });
          return;
        }
        await sleep(parts.retryMs * 2 ** tries, undefined, { signal: attempt.kill }).catch(() => undefined);
        if (attempt.kill.aborted) return;
      }
    }
  }

  async function told(
    { step: at, stage, path: file }: NewCheckpoint,
    checkpoint: string,
    bytes: number,
  ): Promise<void> {
    newest = file;
    await parts.meter(job.tenant, bytes);
    const of = stage === undefined ? '' : `, the end of ${stage}`;
    const data = { step: at, checkpoint };
    await say({ level: 'info', type: 'message', message: `Checkpoint of step ${at} is kept${of}.`, data });
  }

  function take(event: TrainerEvent): void {
    switch (event.event) {
      case 'started': {
        const size = event.parameters === undefined ? '' : ` with ${event.parameters.toLocaleString('en')} parameters`;
        const from = event.resumed_at_step ? `, going on from step ${event.resumed_at_step}` : '';
        if (event.tokens_planned !== undefined) desk.progress({ tokensPlanned: event.tokens_planned });
        void say({ level: 'info', type: 'message', message: `Training started${size}${from}.` });
        break;
      }
      case 'progress': {
        const { event: _, n: __, step: at, tokens: now, tokens_planned: planned, ...given } = event;
        tokens = now ?? tokens;
        figures(given, at, {
          ...(typeof given.stage === 'string' ? { stage: given.stage } : {}),
          ...(now === undefined ? {} : { tokens: now }),
        });
        desk.progress({ step, tokens, ...(planned === undefined ? {} : { tokensPlanned: planned }) });
        break;
      }
      case 'figures': {
        const at = event.step ?? barStep ?? step + 1;
        figures(event.figures, at);
        const { epoch } = event.figures;
        const epochs = recipe.hyperparameters.n_epochs;
        if (epoch !== undefined && epochs !== undefined) desk.progress({ share: Math.min(1, epoch / epochs) });
        desk.progress({ step });
        break;
      }
      case 'bar':
        // The bar of something else, such as a download, goes back and forth.
        barStep = event.step;
        break;
      case 'evaluation': {
        const { step: at, stage, figures: found = {}, passed } = event;
        const data = JSON.parse(JSON.stringify({ step: at, stage, passed, figures: found })) as Record<string, string>;
        const how = passed === undefined ? '' : passed ? ': the gate is passed' : ': the gate is not passed yet';
        void say({ level: 'info', type: 'metrics', message: `Evaluation at step ${at}${how}.`, data });
        break;
      }
      case 'checkpoint': {
        const { step: at, tokens: now, path: file, sha256, stage } = event;
        step = Math.max(step, at);
        desk.progress({ step });
        const beside = recipe.trainer.kind === 'nano' ? ['log.jsonl'] : [];
        upload({ step: at, tokens: now, path: file, sha256, stage, beside, metrics });
        break;
      }
      case 'stage':
        void say({ level: 'info', type: 'message', message: `Stage ${event.name} begins.` });
        break;
      case 'note':
        if (event.message !== undefined) void say({ level: 'warn', type: 'message', message: event.message });
        break;
      case 'stopped':
        wasStopped = true;
        break;
      case 'done':
        path = event.path ?? undefined;
    }
  }

  return {
    begin() {
      wasStopped = false;
    },
    line(text) {
      const event = trainerEventOf(text);
      if (!event) return false;
      take(event);
      return event.event !== 'figures';
    },
    async look() {
      if (recipe.trainer.kind !== 'command') return;
      const { name, last_file: lastFile } = recipe.trainer.checkpoints;
      const found: { path: string; step: number }[] = [];
      for (const one of await readdir(out)) {
        const at = stepOf(name, one);
        if (at !== undefined && !kept.has(one)) found.push({ path: one, step: at });
      }
      for (const one of found.sort((a, b) => a.step - b.step)) {
        const isFile = (await stat(join(out, one.path)).catch(() => undefined))?.isFile();
        if (isFile || !(await stat(join(out, one.path, lastFile)).catch(() => undefined))) continue;
        step = Math.max(step, one.step);
        desk.progress({ step });
        upload({ ...one, metrics });
      }
    },
    async settled() {
      await uploads;
      await events;
      if (fault !== undefined) throw fault;
    },
    step: () => step,
    checkpoint: () => newest,
    stopped: () => wasStopped,
    done: () => (path === undefined ? {} : { path }),
  };
}

import { BATCH, CHUNK } from './calls.ts';
import type { Decoder } from './decoder.ts';
import type { PrefixCache } from './prefix-cache.ts';
import { type Speaking, speak, type Turn } from './turn.ts';

export interface Job {
  /** Whose sequences may share keys and values: what others wrote must not show, not even in its timing. */
  readonly owner: string;
  /** Stable over a run's turns. */
  readonly session: string;
  readonly prompt: readonly number[];
  readonly turn: Turn;
  done(said: readonly number[], cachedTokens: number): void;
  failed(error: unknown): void;
}

/** Counted since the engine was opened; times in milliseconds. */
export interface EngineStats {
  promptTokens: number;
  outputTokens: number;
  /** Prompt tokens that a run's own earlier turn, or another run of its owner, had left. */
  ownTokens: number;
  sharedTokens: number;
  ownHits: number;
  sharedHits: number;
  /** Tokens that were read in chunks. */
  readTokens: number;
  steps: number;
  /** Sequences of all steps. */
  stepTokens: number;
  /** Sequences that gave up their slot to others and came back. */
  preempted: number;
  /** Inside the calls of the graph. */
  callMs: number;
  active: number;
  waiting: number;
  keptBytes: number;
}

interface Sequence {
  readonly job: Job;
  /** Tokens whose keys and values are in the slot. */
  held: number[];
  /** Tokens that are still to be fed; never empty between two ticks. */
  pending: number[];
  speaking: Speaking | undefined;
  cached: number | undefined;
  /** Order of arrival. */
  readonly serial: number;
}

export interface Scheduler {
  readonly stats: EngineStats;
  readonly busy: boolean;
  add(job: Job): void;
  /** The job hears nothing more; its slot is free at once. */
  cancel(job: Job): void;
  /** Computes for a few milliseconds: part of one prompt, then one token of every sequence under way. */
  tick(): void;
}

/** Slots grow and shrink in steps of so many tokens. */
const STEP = 128;

/**
 * Continuous batching: before each tick waiting sequences join while there are slots, in the order of their arrival, and
 * those that are done or cancelled have left. Every sequence under way is in every step: one that still reads its
 * prompt is fed its next prompt token there. A slot needs no more room than the longest sequence now has; when
 * that no longer fits, the youngest sequences wait again, so the oldest always comes to its end.
 */
export function openScheduler(decoder: Decoder, cache: PrefixCache, batch = BATCH): Scheduler {
  const { slots } = decoder;
  /** The one at place n is in slot n. */
  const active: Sequence[] = [];
  const waiting: Sequence[] = [];
  let arrived = 0;
  const stats: EngineStats = {
    ...{ promptTokens: 0, outputTokens: 0, ownTokens: 0, sharedTokens: 0, ownHits: 0, sharedHits: 0, readTokens: 0 },
    ...{ steps: 0, stepTokens: 0, preempted: 0, callMs: 0, active: 0, waiting: 0, keptBytes: 0 },
  };

  const need = ({ held, pending }: Sequence) => held.length + Math.min(pending.length, CHUNK) + 1;

  /** Whether `sequences` slots of at least `length` tokens are there, after laying them out anew if need be. */
  function makeRoom(sequences: number, length: number): boolean {
    const wanted = Math.min(decoder.longest, Math.ceil(Math.max(length, ...active.map(need)) / STEP) * STEP);
    if (slots.length >= wanted && slots.count(slots.length) >= sequences) return true;
    if (slots.count(wanted) < sequences) return false;
    slots.resize(
      wanted,
      active.map(({ held }) => held.length),
    );
    return true;
  }

  function leave(sequence: Sequence): void {
    const slot = active.indexOf(sequence);
    const last = active.pop() as Sequence;
    if (last === sequence) return;
    slots.copy(active.length, slot, last.held.length);
    active[slot] = last;
  }

  const keep = ({ job, held }: Sequence, slot: number) => cache.keep(job.owner, job.session, held, slot);

  function admit(): void {
    while (waiting.length > 0 && active.length < batch) {
      const next = waiting[0] as Sequence;
      if (!makeRoom(active.length + 1, next.pending.length + 1)) return;
      waiting.shift();
      const slot = active.length;
      active.push(next);
      const { owner, session } = next.job;
      const found = cache.find(owner, session, next.pending.slice(0, -1), slot);
      next.held = next.pending.splice(0, found.tokens);
      if (next.cached !== undefined) continue;
      next.cached = found.tokens;
      stats.promptTokens += next.job.prompt.length;
      if (found.tokens === 0) continue;
      stats[found.own ? 'ownHits' : 'sharedHits']++;
      stats[found.own ? 'ownTokens' : 'sharedTokens'] += found.tokens;
    }
  }

  /** Makes sure that the tick's tokens fit, at the cost of the youngest. */
  function giveUpSlots(): void {
    while (!makeRoom(active.length, 0)) {
      const youngest = active.reduce((a, b) => (b.serial > a.serial ? b : a));
      keep(youngest, active.indexOf(youngest));
      leave(youngest);
      youngest.pending = [...youngest.held, ...youngest.pending];
      youngest.held = [];
      waiting.unshift(youngest);
      stats.preempted++;
    }
  }

  /** Lets a sequence that has been fed everything say more. */
  function advance(sequence: Sequence, logits: Float32Array): void {
    const { job } = sequence;
    if (!active.includes(sequence)) return;
    try {
      let next: IteratorResult<{ keep: number; ids: readonly number[] }, readonly number[]>;
      if (sequence.speaking) next = sequence.speaking.next(logits);
      else {
        sequence.speaking = speak(job.turn, logits);
        next = sequence.speaking.next();
      }
      // Whoever hears a token may have cancelled.
      if (!active.includes(sequence)) return;
      if (next.done) {
        keep(sequence, active.indexOf(sequence));
        leave(sequence);
        stats.outputTokens += next.value.length;
        job.done(next.value, sequence.cached ?? 0);
        return;
      }
      const { keep: kept, ids } = next.value;
      sequence.pending = [...ids];
      if (job.prompt.length + kept < sequence.held.length) rewind(sequence, job.prompt.length + kept);
    } catch (error) {
      if (active.includes(sequence)) leave(sequence);
      job.failed(error);
    }
  }

  /** Goes back to the first `kept` tokens and on along another branch, of which some may be known from before. */
  function rewind(sequence: Sequence, kept: number): void {
    const slot = active.indexOf(sequence);
    keep(sequence, slot);
    const { owner, session } = sequence.job;
    const whole = [...sequence.held.slice(0, kept), ...sequence.pending];
    const { tokens } = cache.find(owner, session, whole.slice(0, -1), slot, kept);
    sequence.held = whole.slice(0, tokens);
    sequence.pending = whole.slice(tokens);
  }

  function timed<T>(call: () => T): T {
    const started = performance.now();
    const result = call();
    stats.callMs += performance.now() - started;
    return result;
  }

  function read(): void {
    let oldest: Sequence | undefined;
    for (const one of active) if (one.pending.length > 1 && one.serial < (oldest?.serial ?? arrived)) oldest = one;
    if (!oldest) return;
    const { held } = oldest;
    const chunk = oldest.pending.splice(0, CHUNK);
    const slot = active.indexOf(oldest);
    const logits = timed(() => decoder.read(slot, chunk, held.length));
    held.push(...chunk);
    stats.readTokens += chunk.length;
    if (oldest.pending.length === 0) advance(oldest, logits);
  }

  function step(): void {
    const sequences = [...active];
    const tokens = sequences.map(({ pending }) => pending.shift() as number);
    const lengths = sequences.map(({ held }) => held.length);
    const logits = timed(() => decoder.step(tokens, lengths));
    const size = decoder.config.vocab_size;
    for (const [n, sequence] of sequences.entries()) sequence.held.push(tokens[n] as number);
    for (const [n, sequence] of sequences.entries())
      if (sequence.pending.length === 0) advance(sequence, logits.subarray(n * size, (n + 1) * size));
    stats.steps++;
    stats.stepTokens += sequences.length;
  }

  return {
    get stats() {
      return Object.assign(stats, { active: active.length, waiting: waiting.length, keptBytes: cache.usedBytes });
    },
    get busy() {
      return active.length + waiting.length > 0;
    },
    add(job) {
      waiting.push({
        ...{ job, held: [], pending: [...job.prompt], speaking: undefined, cached: undefined },
        serial: arrived++,
      });
    },
    cancel(job) {
      const known = (one: Sequence) => one.job === job;
      const at = waiting.findIndex(known);
      if (at >= 0) waiting.splice(at, 1);
      const sequence = active.find(known);
      if (sequence) leave(sequence);
    },
    tick() {
      admit();
      if (active.length === 0) return;
      try {
        giveUpSlots();
        read();
        if (active.some(({ pending }) => pending.length === 1)) step();
      } catch (error) {
        // A call of the graph failed, for whichever of them: none has what it needs to go on.
        for (const { job } of active.splice(0)) job.failed(error);
      }
    },
  };
}

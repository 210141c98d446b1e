/**
 * Finds the cells of a scene in what a real reader gave back for its picture: rows are matched in order by how much of
 * their text they share, cells inside a row by approximate search. Nothing is assumed about the kind of errors.
 */
import type { Place, Scene } from '../scene/scene.ts';
import type { Observed, Span } from './observed.ts';

interface Squeezed {
  readonly text: string;
  /** Index in the source of each character. */
  readonly at: readonly number[];
}

/** Lower case without spaces, tabs and leader dots at the end: spaces are what readers lose most. */
function squeeze(source: string): Squeezed {
  let text = '';
  const at: number[] = [];
  for (let i = 0; i < source.length; i++) {
    const c = source[i] as string;
    if (c === ' ' || c === '\t') continue;
    text += c.toLowerCase();
    at.push(i);
  }
  return { text, at };
}

/** Two rows each of costs and starts for the longest needle so far: a page asks for thousands of searches. */
let room = [0, 0, 0, 0].map(() => new Int32Array(64));

/** Where `needle` stands best in `hay` from `from` on: edits and the end of the match; start by going back. */
function search(needle: string, hay: string, from: number): { cost: number; start: number; end: number } {
  const n = needle.length;
  if ((room[0] as Int32Array).length <= n) room = room.map(() => new Int32Array(2 * n + 1));
  let [costs, starts, next, nextStarts] = room as [Int32Array, Int32Array, Int32Array, Int32Array];
  for (let i = 0; i <= n; i++) {
    costs[i] = i;
    starts[i] = from;
  }
  const best = { cost: n, start: from, end: from };
  for (let j = from; j < hay.length; j++) {
    const char = hay.charCodeAt(j);
    next[0] = 0;
    nextStarts[0] = j + 1;
    for (let i = 1; i <= n; i++) {
      const through = (costs[i - 1] as number) + (needle.charCodeAt(i - 1) === char ? 0 : 1);
      const skip = (costs[i] as number) + 1;
      const lose = (next[i - 1] as number) + 1;
      if (through <= skip && through <= lose) {
        next[i] = through;
        nextStarts[i] = i === 1 ? j : (starts[i - 1] as number);
      } else if (skip <= lose) {
        next[i] = skip;
        nextStarts[i] = starts[i] as number;
      } else {
        next[i] = lose;
        nextStarts[i] = nextStarts[i - 1] as number;
      }
    }
    [costs, starts, next, nextStarts] = [next, nextStarts, costs, starts];
    if ((costs[n] as number) < best.cost) {
      best.cost = costs[n] as number;
      best.start = starts[n] as number;
      best.end = j + 1;
    }
  }
  return best;
}

const allowed = (length: number): number => (length <= 2 ? 0 : Math.floor(length * 0.34));

/** Aligns a scene with the rows that were read from its picture. */
export function align(scene: Scene, rows: readonly string[]): Observed {
  const read = rows.map(squeeze);
  const wanted = scene.rows.map((row) => row.cells.map((cell) => squeeze(cell.replace(/[\s._-]{3,}$/, '')).text));
  const spans = new Map<number, Span>();
  const key = (row: number, cell: number): number => row * 64 + cell;

  /** Cells of scene row `r` in read row `o`, left to right; what is found and how many letters that are. */
  const match = (r: number, o: number): { found: (Span | undefined)[]; score: number } => {
    const hay = read[o] as Squeezed;
    let from = 0;
    let score = 0;
    const found = (wanted[r] as string[]).map((needle) => {
      if (needle === '') return undefined;
      const hit = search(needle, hay.text, from);
      if (hit.cost > allowed(needle.length) || hit.end <= hit.start) return undefined;
      from = hit.end;
      score += needle.length - 1.5 * hit.cost;
      return { row: o, start: hay.at[hit.start] as number, end: (hay.at[hit.end - 1] as number) + 1 };
    });
    return { found, score };
  };

  // Rows in order: the best non-decreasing assignment.
  const S = scene.rows.length;
  const O = rows.length;
  const matches = scene.rows.map((_, r) => rows.map((_, o) => match(r, o)));
  const best: number[][] = [];
  const choice: number[][] = [];
  for (let r = 0; r < S; r++) {
    best.push([]);
    choice.push([]);
    let running = 0;
    let runningAt = -1;
    for (let o = 0; o < O; o++) {
      const before = r === 0 ? 0 : (best[r - 1]?.[o] ?? 0);
      const here = before + Math.max(0, matches[r]?.[o]?.score ?? 0);
      if (here > running || runningAt < 0) {
        running = here;
        runningAt = o;
      }
      (best[r] as number[])[o] = running;
      (choice[r] as number[])[o] = runningAt;
    }
  }
  const chosen = new Array<number>(S).fill(-1);
  for (let r = S - 1, o = O - 1; r >= 0 && o >= 0; r--) {
    chosen[r] = choice[r]?.[o] ?? -1;
    o = chosen[r] as number;
  }
  const taken = new Map<number, Span[]>();
  const take = (r: number, c: number, span: Span): void => {
    spans.set(key(r, c), span);
    const list = taken.get(span.row) ?? [];
    list.push(span);
    taken.set(span.row, list);
  };
  const free = (span: Span): boolean =>
    !(taken.get(span.row) ?? []).some((t) => t.start < span.end && span.start < t.end);
  for (let r = 0; r < S; r++) {
    const o = chosen[r] as number;
    if (o < 0) continue;
    const m = matches[r]?.[o];
    if (!m || m.score <= 0) continue;
    m.found.forEach((span, c) => {
      if (span && free(span)) take(r, c, span);
    });
  }
  // Cells that stand on a row of their own, next to their row.
  for (let r = 0; r < S; r++) {
    const o = chosen[r] as number;
    if (o < 0) continue;
    (wanted[r] as string[]).forEach((needle, c) => {
      if (needle === '' || spans.has(key(r, c))) return;
      for (const near of [o - 1, o + 1]) {
        const hay = read[near];
        if (!hay) continue;
        const hit = search(needle, hay.text, 0);
        if (hit.cost > allowed(needle.length) / 2 || hit.end <= hit.start) continue;
        const span = { row: near, start: hay.at[hit.start] as number, end: (hay.at[hit.end - 1] as number) + 1 };
        if (!free(span)) continue;
        take(r, c, span);
        return;
      }
    });
  }
  return { rows, at: (place: Place) => spans.get(key(place.row, place.cell)) };
}

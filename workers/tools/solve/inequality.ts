/** Inequalities in one unknown, also several at a time: tried out between all places where anything can change. */
import { holdsAll } from './check.ts';
import { solvedFor } from './equation.ts';
import { unsolved } from './fault.ts';
import type { Statement } from './parse.ts';
import { decimalText, type Root } from './root.ts';
import { has, numberTerm, type Term, written } from './term.ts';

export interface Piece {
  readonly from?: Root;
  readonly to?: Root;
  /** Whether the ends belong to it. */
  readonly closed: readonly [from: boolean, to: boolean];
}

/**
 * @returns pieces of the number line, in order; one without ends is all of it, none at all nothing
 * @throws Fault when the places where they change cannot all be found
 */
export function solveInequalities(statements: readonly Statement[], name: string): Piece[] {
  const places = new Map<number, Root>();
  for (const { sides, relations } of statements)
    for (const i of relations.keys()) {
      keepRoots(sides[i]!, sides[i + 1]!, true);
      for (const side of [sides[i]!, sides[i + 1]!])
        for (const edge of edgesIn(side)) keepRoots(edge, numberTerm(0), false);
    }

  function keepRoots(left: Term, right: Term, needed: boolean): void {
    const solved = solvedFor(left, right, name);
    if (needed && solved && 'roots' in solved && solved.roots.some(({ any }) => any))
      throw unsolved(
        'inequalities of sin, cos or tan are not solved here: solve the equation, and try values between its solutions',
      );
    for (const root of solved && 'roots' in solved ? solved.roots : []) {
      if (Number.isNaN(root.value)) continue;
      const near = [...places.keys()].some(
        (known) => Math.abs(known - root.value) < 1e-10 * Math.max(1, Math.abs(known)),
      );
      if (!near) places.set(root.value, root);
    }
  }

  const ends = [...places.values()].sort((a, b) => a.value - b.value);
  const fulfils = (x: number): boolean => holdsAll(statements, new Map([[name, x]]));
  const between =
    ends.length === 0
      ? [0.318]
      : [
          ends[0]!.value - 1,
          ...ends.slice(1).map((end, i) => (end.value + ends[i]!.value) / 2),
          ends.at(-1)!.value + 1,
        ];
  const pieces: Piece[] = [];
  let open: { from?: Root; closed: boolean } | undefined;
  for (const [i, x] of between.entries()) {
    const [before, inside] = [ends[i - 1], fulfils(x)];
    const at = before !== undefined && fulfils(before.value);
    if (open && before && !(at && inside)) {
      pieces.push({ ...(open.from && { from: open.from }), to: before, closed: [open.closed, at] });
      open = undefined;
    } else if (!open && before && at && !inside) pieces.push({ from: before, to: before, closed: [true, true] });
    if (inside && !open) open = before ? { from: before, closed: at } : { closed: false };
  }
  if (open) pieces.push({ ...(open.from && { from: open.from }), closed: [open.closed, false] });
  return pieces;

  /** What is divided by, and what roots and logarithms are of: where it is 0 there is an end. */
  function edgesIn(term: Term): Term[] {
    if (term.is === 'call') {
      const own = /^(?:sqrt|log|log10|log2|logb|root)$/.test(term.name) && has(term, name) ? [term.args[0]!] : [];
      return [...own, ...term.args.flatMap(edgesIn)];
    }
    if (term.is !== 'infix') return [];
    const inner = [...edgesIn(term.left), ...edgesIn(term.right)];
    if (term.sign === '/' && has(term.right, name)) return [term.right, ...inner];
    return term.sign === '^' && has(term.left, name) ? [term.left, ...inner] : inner;
  }
}

export const endText = (root: Root): string => (root.term ? written(root.term) : decimalText(root.value));

/** `x < -2 or x >= 3`; `-1 < x <= 3`. */
export function piecesText(pieces: readonly Piece[], name: string): string {
  return pieces
    .map(({ from, to, closed }) => {
      const [low, high] = closed.map((end) => (end ? '<=' : '<'));
      if (from && to && from === to) return `${name} = ${endText(from)}`;
      if (from && to) return `${endText(from)} ${low} ${name} ${high} ${endText(to)}`;
      if (from) return `${name} ${low!.replace('<', '>')} ${endText(from)}`;
      return to ? `${name} ${high} ${endText(to)}` : `all real ${name}`;
    })
    .join(' or ');
}

/** `(-inf, -2) U [3, inf)`. */
export function intervalText(pieces: readonly Piece[]): string {
  return pieces
    .map(({ from, to, closed }) => {
      if (from && to && from === to) return `{${endText(from)}}`;
      return `${closed[0] ? '[' : '('}${from ? endText(from) : '-inf'}, ${to ? endText(to) : 'inf'}${closed[1] ? ']' : ')'}`;
    })
    .join(' U ');
}

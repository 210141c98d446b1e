/** Values as they stood in a reply: with the spelling of numbers, and with a mark where the text broke off. */
import type { JsonObject } from '../../../../shared/contract.ts';

type Json = JsonObject[string];

/** A value as it stood in the text. `cut` says that the text ended before the value did, so that a part is missing. */
export type Node =
  | { readonly kind: 'string'; readonly value: string; readonly cut: boolean }
  /** A number or literal; `source` keeps its spelling (`3.50`). */
  | { readonly kind: 'bare'; readonly value: Json; readonly source: string; readonly cut: boolean }
  | { readonly kind: 'list'; readonly items: readonly Node[]; readonly cut: boolean }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Node])[]; readonly cut: boolean };

export type ObjectNode = Extract<Node, { kind: 'object' }>;

export interface FoundObject {
  readonly node: ObjectNode;
  /** Where it stands in the text: [start, end). */
  readonly start: number;
  readonly end: number;
}

/** Nesting beyond this is noise, and must not exhaust the stack. */
export const DEPTH = 100;

/** The value as plain JSON. Numbers that JSON cannot hold come as the string that was written. */
export function toJson(node: Node): Json {
  switch (node.kind) {
    case 'string':
      return node.value.toWellFormed();
    case 'bare':
      return node.value;
    case 'list':
      return node.items.map(toJson);
    case 'object':
      // fromEntries defines properties, so that a key `__proto__` is a key like any other.
      return Object.fromEntries(node.entries.map(([key, value]) => [key.toWellFormed(), toJson(value)]));
  }
}

const NUMBER = /^[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const LITERALS: Readonly<Record<string, boolean | null>> = {
  true: true,
  True: true,
  TRUE: true,
  false: false,
  False: false,
  FALSE: false,
  null: null,
  None: null,
  NULL: null,
  nil: null,
  undefined: null,
};

/** What a number, a literal or bare words are as JSON. */
export function bareValue(source: string): Json {
  if (Object.hasOwn(LITERALS, source)) return LITERALS[source] ?? null;
  if (!NUMBER.test(source)) return source.toWellFormed();
  const value = Number(source.replaceAll('_', ''));
  return Number.isFinite(value) ? value : source;
}

/** Reads what is proper JSON already, so that no guess about quotes and brackets is made where none is needed. */
import { bareValue, DEPTH, type FoundObject, type Node } from './json-node.ts';
import { holdsFormula } from './tolerant-text.ts';

/** The object at `start` if it is proper JSON, in which no guess about its quotes and brackets is wanted. */
export function properObject(text: string, start: number): FoundObject | undefined {
  const end = properEnd(text, start);
  if (end === undefined) return undefined;
  const json = text.slice(start, end);
  const node = properValue(json);
  return node?.kind === 'object' ? { node, start, end } : undefined;
}

/** The value of a text that is proper JSON throughout; undefined when it is not, or a formula's backslashes ask for care. */
export function properValue(json: string): Node | undefined {
  if (holdsFormula(json)) return undefined;
  try {
    const plain = plainNode(JSON.parse(json));
    if (plain !== undefined) return plain;
    return JSON.parse(json, (_, value: unknown, context?: { readonly source?: string }) =>
      properNode(value, context?.source),
    );
  } catch {
    return undefined;
  }
}

/** Most turns hold no number, whose spelling only a reviver is told, and are read in half the time without one. */
function plainNode(value: unknown): Node | undefined {
  if (typeof value === 'number') return undefined;
  if (Array.isArray(value)) {
    const items: Node[] = [];
    for (const item of value) {
      const node = plainNode(item);
      if (node === undefined) return undefined;
      items.push(node);
    }
    return { kind: 'list', items, cut: false };
  }
  if (typeof value === 'object' && value !== null) {
    const entries: [string, Node][] = [];
    for (const [key, held] of Object.entries(value)) {
      const node = plainNode(held);
      if (node === undefined) return undefined;
      entries.push([key, node]);
    }
    return { kind: 'object', entries, cut: false };
  }
  return properNode(value, undefined);
}

function properNode(value: unknown, source: string | undefined): Node {
  if (typeof value === 'string') return { kind: 'string', value, cut: false };
  if (Array.isArray(value)) return { kind: 'list', items: value as Node[], cut: false };
  if (typeof value === 'object' && value !== null) {
    return { kind: 'object', entries: Object.entries(value as Record<string, Node>), cut: false };
  }
  const spelled = source ?? String(value);
  return { kind: 'bare', value: bareValue(spelled), source: spelled, cut: false };
}

/** Behind the bracket that closes the one at `start`, if all quotes up to there are plain and paired. */
function properEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      at++;
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    } else if (char === '{' || char === '[') {
      if (++depth > DEPTH) return undefined;
    } else if (char === '}' || char === ']') {
      if (--depth === 0) return at + 1;
    }
  }
  return undefined;
}

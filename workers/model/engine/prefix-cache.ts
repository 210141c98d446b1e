import { bytesPerToken } from './decoder-config.ts';
import type { Slots } from './slots.ts';

/** Tokens of a block: the unit in which keys and values are kept and given up. */
export const BLOCK = 16;

/** A stretch of tokens after those of its parents. Only a full one has children. */
interface Node {
  ids: number[];
  readonly block: number;
  readonly parent: Node | undefined;
  /** By first token. */
  readonly children: Map<number, Node[]>;
  /** Who put it here last. */
  session: string;
}

export interface Found {
  /** Tokens whose keys and values are in the slot now. */
  readonly tokens: number;
  /** Whether the same session had put them here. */
  readonly own: boolean;
}

/**
 * Keys and values of prompts and turns that may come again, in a tree by token ids: a run that comes back from its tool
 * finds its own, a new one what it shares with any other of its owner. The memory is fixed; what was not used for
 * longest goes first, from the ends of the tree on.
 */
export interface PrefixCache {
  /** Copies the longest known beginning of `ids` into the slot; the slot has tokens up to `from` already. */
  find(owner: string, session: string, ids: readonly number[], slot: number, from?: number): Found;
  /** Keeps what the slot holds: keys and values of `ids`. */
  keep(owner: string, session: string, ids: readonly number[], slot: number): void;
  readonly usedBytes: number;
  readonly bytes: number;
}

function common(a: readonly number[], b: readonly number[], at: number): number {
  const most = Math.min(a.length, b.length - at);
  let same = 0;
  while (same < most && a[same] === b[at + same]) same++;
  return same;
}

/** @param bytes at most; less than one block keeps nothing */
export function openPrefixCache(slots: Slots, bytes: number): PrefixCache {
  const blockBytes = BLOCK * bytesPerToken(slots.shape);
  const floats = blockBytes / Float32Array.BYTES_PER_ELEMENT;
  const count = Math.floor(bytes / blockBytes);
  const memory = new Float32Array(count * floats);
  const free = Array.from({ length: count }, (_, block) => count - 1 - block);
  const roots = new Map<string, Map<number, Node[]>>();
  const owners = new Map<Node, string>();
  /** Least recently used first. A path is touched from its end to its root, so the first is never a parent of another. */
  const used = new Set<Node>();

  const blockOf = (node: Node): Float32Array => memory.subarray(node.block * floats, (node.block + 1) * floats);

  function touch(path: readonly Node[]): void {
    for (const node of path.toReversed()) {
      used.delete(node);
      used.add(node);
    }
  }

  /** The child that begins with most of ids[at..], and how much. */
  function closest(children: Map<number, Node[]>, ids: readonly number[], at: number) {
    let best: { node: Node; same: number } | undefined;
    for (const node of children.get(ids[at] ?? -1) ?? []) {
      const same = common(node.ids, ids, at);
      if (same > (best?.same ?? 0)) best = { node, same };
    }
    return best;
  }

  function drop(node: Node): void {
    const owner = owners.get(node) ?? '';
    const siblings = node.parent?.children ?? roots.get(owner);
    const first = node.ids[0] as number;
    const left = (siblings?.get(first) ?? []).filter((other) => other !== node);
    if (left.length > 0) siblings?.set(first, left);
    else siblings?.delete(first);
    if (!node.parent && siblings?.size === 0) roots.delete(owner);
    used.delete(node);
    owners.delete(node);
    free.push(node.block);
  }

  /** A block for one more node after `path`, taken from the least recently used one if need be. */
  function allocate(path: ReadonlySet<Node>): number | undefined {
    if (free.length === 0) {
      for (const node of used) {
        if (path.has(node)) return undefined;
        drop(node);
        break;
      }
    }
    return free.pop();
  }

  function keep(owner: string, session: string, ids: readonly number[], slot: number): void {
    if (count === 0) return;
    const path: Node[] = [];
    let parent: Node | undefined;
    for (let at = 0; at < ids.length; at += BLOCK) {
      const wanted = ids.slice(at, at + BLOCK);
      const children = parent?.children ?? roots.get(owner) ?? new Map<number, Node[]>();
      const near = closest(children, ids, at);
      let node = near && (near.same === wanted.length || near.same === near.node.ids.length) ? near.node : undefined;
      if (!node) {
        // What lies before this block is not to be given up for it.
        touch(path);
        const block = allocate(new Set(path));
        if (block === undefined) break;
        node = { ids: [], block, parent, children: new Map(), session };
        const first = wanted[0] as number;
        if (!parent) roots.set(owner, children);
        children.set(first, [...(children.get(first) ?? []), node]);
        owners.set(node, owner);
      }
      const had = node.ids.length;
      if (had < wanted.length) {
        slots.save(slot, at + had, wanted.length - had, blockOf(node).subarray(had * slots.shape.headDim), BLOCK);
        node.ids = wanted;
      }
      node.session = session;
      path.push(node);
      if (node.ids.length < BLOCK) break;
      parent = node;
    }
    touch(path);
  }

  return {
    keep,
    find(owner, session, ids, slot, from = 0) {
      const path: Node[] = [];
      let children = roots.get(owner);
      let at = 0;
      let own = false;
      while (children && at < ids.length) {
        const near = closest(children, ids, at);
        if (!near) break;
        path.push(near.node);
        own = near.node.session === session;
        const skip = Math.min(near.same, Math.max(0, from - at));
        if (near.same > skip) {
          const block = blockOf(near.node).subarray(skip * slots.shape.headDim);
          slots.restore(slot, at + skip, near.same - skip, block, BLOCK);
        }
        at += near.same;
        if (near.same < BLOCK) break;
        children = near.node.children;
      }
      touch(path);
      return { tokens: Math.max(at, from), own };
    },
    get usedBytes() {
      return (count - free.length) * blockBytes;
    },
    bytes: count * blockBytes,
  };
}

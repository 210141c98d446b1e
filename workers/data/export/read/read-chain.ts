/** What an export says of a chain, as its readers find it. */
export interface ReadChain {
  /** Absent in formats that have no room for it. */
  readonly id?: string | undefined;
  readonly question: string;
  /** Pictures in the order in which they are shown: name, and SHA-256 of the bytes. */
  readonly images: readonly ReadImage[];
  /** Names of the tools that are offered. */
  readonly tools: readonly string[];
  readonly turns: readonly ReadTurn[];
}

export interface ReadImage {
  readonly name: string;
  /** Absent for one that is only named with its size, in pixels. */
  readonly sha256?: string;
  readonly size?: readonly [number, number];
}

export interface ReadTurn {
  readonly thought: string;
  readonly actions: readonly { readonly name: string; readonly arguments: unknown }[];
  /** Of actions but Terminate, in order; result or `{error}`. */
  readonly observations: readonly { readonly found: unknown; readonly images: readonly ReadImage[] }[];
  readonly problem?: string;
}

/** A piece of a message as a reader finds it: text, or a picture by the hash of its bytes. */
export type ReadPiece = string | { readonly sha256: string };

export interface ReadMessage {
  readonly role: string;
  readonly pieces: readonly ReadPiece[];
}

/** What engines that look at pictures have in common. */
import type { ToolStatus } from '../tool.ts';
import type { CallOptions } from './warm-engine.ts';

/** A picture as it goes to an engine: its hash, under which decoded pixels and results are kept, and its bytes. */
export interface EnginePicture {
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** Thrown when the picture itself is at fault; the message is fit for the model. */
export class UnreadablePicture extends Error {
  override readonly name = 'UnreadablePicture';
}

/** [left, top, right, bottom] as fractions of the upright picture, 0 to 1. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

export interface Detection {
  readonly label: string;
  readonly bbox: Box;
  /** 0 to 1. */
  readonly score: number;
}

/** Finds things in pictures. */
export interface Detector {
  /** For cache keys and for people: `centernet-coco80@<hash>`. */
  engine(): string;
  status(): ToolStatus;
  /** The only names that it knows; undefined: any words. */
  readonly vocabulary?: readonly string[];
  /**
   * @param labels what to look for; undefined: all that it knows
   * @returns best score first; labels as they were asked for
   * @throws UnreadablePicture; EngineEnded; the signal's reason
   */
  detect(
    picture: EnginePicture,
    labels: readonly string[] | undefined,
    limits: CallOptions,
  ): Promise<readonly Detection[]>;
  /**
   * Sentences for the model on labels that it cannot look for, or only as something wider. Not given: it looks for any
   * words as they are.
   */
  remarks?(labels: readonly string[]): readonly string[];
  warmUp(): Promise<void>;
}

export interface Tag {
  readonly label: string;
  /** 0 to 1. */
  readonly score: number;
}

/** Names what is in a picture, without places. */
export interface Tagger {
  engine(): string;
  status(): ToolStatus;
  /**
   * @returns each name once, surest first
   * @throws UnreadablePicture; EngineEnded; the signal's reason
   */
  tag(picture: EnginePicture, limits: CallOptions): Promise<readonly Tag[]>;
  warmUp(): Promise<void>;
}

/**
 * A world is a kind of scenes with full truth and the question families that can be asked about them. Whoever makes
 * chains knows worlds only by this.
 */
import type { Chain, ChainImage, Split } from '../../../shared/data/chain.ts';
import type { Services } from '../factory/services.ts';

export interface SceneRequest {
  readonly seed: number;
  /** Number of the scene: with the seed and the split all that it is a function of. */
  readonly index: number;
  readonly split: Split;
  /** Families that may be asked, with their shares. */
  readonly families: Readonly<Record<string, number>>;
  readonly observe: 'annotation' | 'noise' | 'tool';
  /** Share of multiple choice. */
  readonly multipleChoice: number;
  /** Share of unanswerable twins. */
  readonly unanswerable: number;
  /** Chains at most. */
  readonly wanted: number;
  /** Keeps a drawn picture. Absent = nothing is drawn. */
  readonly keep?: (png: Buffer) => Promise<Pick<ChainImage, 'key' | 'sha256' | 'contentType' | 'phash'>>;
  /** Runs a tool on kept pictures; there where `observe` is `tool`. */
  readonly act?: (call: Parameters<Services['act']>[0]) => ReturnType<Services['act']>;
}

/** A chain but for what only the maker of the dataset knows. */
export type WorldChain = Omit<Chain, 'id' | 'source' | 'verdict' | 'version' | 'origin' | 'licence'>;

export interface World {
  readonly name: string;
  /** All families of this world. A family belongs to one world. */
  readonly families: readonly string[];
  /** Tools that a family's chains call. */
  readonly tools: Readonly<Record<string, readonly string[]>>;
  /** Chains about one scene: none where the reading bears out no question. */
  make(request: SceneRequest): Promise<readonly WorldChain[]>;
}

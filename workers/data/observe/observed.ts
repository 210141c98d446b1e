/** What a tool gave back for a scene, and where each cell of the scene stands in it. */
import type { Place } from '../scene/scene.ts';

export interface Span {
  readonly row: number;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface Observed {
  /** Rows as the OCR tool gives them: reading order, tabs between cells. */
  readonly rows: readonly string[];
  /** The span of a cell; undefined when it was missed. */
  at(place: Place): Span | undefined;
}

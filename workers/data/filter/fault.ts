import type { OwnReason } from './reasons.ts';

/** Why a chain must go, and where to look. */
export interface Fault {
  readonly reason: OwnReason;
  readonly detail: string;
}

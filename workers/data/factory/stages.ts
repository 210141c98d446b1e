/** The stages in their order. A new one is a file and a line here. */
import type { Stage } from './stage.ts';

export const STAGES: readonly Stage[] = [];

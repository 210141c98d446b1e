/** The stages in their order. A new one is a file and a line here. */
import { cardsStage } from '../export/cards-stage.ts';
import { exportStage } from '../export/stage.ts';
import type { Stage } from './stage.ts';

export const STAGES: readonly Stage[] = [exportStage, cardsStage];

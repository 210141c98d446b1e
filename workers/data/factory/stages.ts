/** The stages in their order. A new one is a file and a line here. */
import { cardsStage } from '../export/cards-stage.ts';
import { exportStage } from '../export/stage.ts';
import { apply } from '../filter/apply.ts';
import { benchmarks } from '../filter/benchmarks.ts';
import { decide } from '../filter/decide.ts';
import { scan } from '../filter/scan.ts';
import { importStage } from '../import/chains.ts';
import { questionsStage } from '../import/questions.ts';
import { gather } from '../mix/gather.ts';
import { manifest } from '../mix/manifest.ts';
import { select } from '../mix/select.ts';
import { write } from '../mix/write.ts';
import { askStage } from '../model/ask.ts';
import { runsStage } from '../model/runs.ts';
import { verifyStage } from '../model/verify.ts';
import { make } from '../program/make.ts';
import { reportStage } from '../report/stage.ts';
import type { Stage } from './stage.ts';

export const STAGES: readonly Stage[] = [
  questionsStage,
  askStage,
  verifyStage,
  runsStage,
  importStage,
  make,
  benchmarks,
  scan,
  decide,
  apply,
  select,
  gather,
  write,
  manifest,
  exportStage,
  cardsStage,
  reportStage,
];

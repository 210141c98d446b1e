/** All formats, by their names in recipes. */
import type { ExportFormat } from '../../../shared/data/recipe/export.ts';
import type { Format } from './format.ts';
import { llamaFactory } from './formats/llama-factory.ts';
import { llava } from './formats/llava.ts';
import { mantis } from './formats/mantis.ts';
import { msSwift } from './formats/ms-swift.ts';
import { openai } from './formats/openai.ts';
import { parquet } from './formats/parquet.ts';
import { trl } from './formats/trl.ts';

export const FORMATS: Readonly<Record<ExportFormat, Format>> = {
  mantis,
  llava,
  'llama-factory': llamaFactory,
  'ms-swift': msSwift,
  trl,
  openai,
  parquet,
};

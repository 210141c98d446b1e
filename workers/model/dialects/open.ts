import type { ModelEntry } from '../../../shared/models.ts';
import type { Dialect } from './dialect.ts';
import { nano } from './nano.ts';
import { taco } from './taco.ts';

/** One line per dialect. */
export function dialectOf(entry: ModelEntry): Dialect {
  switch (entry.dialect) {
    case 'taco':
      return taco({ maxImages: entry.max_images });
    case 'nano':
      return nano();
  }
}

import type { Wear } from '../render/degrade.ts';
import { NOISE, type NoiseRates } from './noise.ts';

export const FITTED: Readonly<Record<Wear, NoiseRates>> = {
  clean: NOISE.light,
  scan: NOISE.light,
  photo: NOISE.medium,
  poor: NOISE.heavy,
  fax: NOISE.medium,
  dim: NOISE.medium,
};

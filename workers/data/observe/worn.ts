/** How much the reader errs on pictures of each kind of wear. */
import type { Wear } from '../render/degrade.ts';
import { FITTED } from './fitted.ts';
import type { NoiseRates } from './noise.ts';

/** Rates that were fitted to real readings of drawn pictures; see fit.ts. */
export const ratesOf = (wear: Wear): NoiseRates => FITTED[wear];

/** What an enlarged part is read like: a scan, where it was a photo. */
export const clearer = (wear: Wear): Wear =>
  wear === 'poor' ? 'photo' : wear === 'dim' || wear === 'fax' ? 'scan' : 'clean';

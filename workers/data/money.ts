/** How amounts are printed. A picture keeps to one style. */
import type { Random } from './random.ts';

export interface MoneyStyle {
  readonly before: string;
  readonly after: string;
  readonly decimals: number;
  readonly comma: boolean;
  readonly thousands: boolean;
}

export function moneyStyle(rng: Random, decimals = 2): MoneyStyle {
  const [before, after] = rng.weighted<readonly [string, string]>([
    [['', ''], 40],
    [['$', ''], 22],
    [['€', ''], 5],
    [['', ' €'], 8],
    [['', '€'], 4],
    [['£', ''], 6],
    [['RM', ''], 4],
    [['RM ', ''], 5],
    [['S$', ''], 1],
    [['', ' USD'], 1],
    [['Rs ', ''], 1],
    [['', ' kr'], 1],
    [['', '*'], 1],
    [['₹', ''], 1],
  ]);
  return {
    before,
    after,
    decimals,
    comma: decimals < 3 && rng.chance(after.includes('€') ? 0.5 : 0.08),
    thousands: rng.chance(0.6),
  };
}

/** An amount as printed in a style, e.g. 1234.5 as `$1,234.50`. */
export function money(amount: number, style: MoneyStyle): string {
  const [whole = '0', fraction] = Math.abs(amount).toFixed(style.decimals).split('.');
  const grouped = style.thousands ? whole.replace(/\B(?=(\d{3})+$)/g, style.comma ? '.' : ',') : whole;
  const number = fraction === undefined ? grouped : `${grouped}${style.comma ? ',' : '.'}${fraction}`;
  return `${amount < 0 ? '-' : ''}${style.before}${number}${style.after}`;
}

/** Rounds to cents and drops float dust. */
export const cents = (amount: number): number => Math.round(amount * 100 + Math.sign(amount) * 1e-7) / 100;

/** A plausible price: `.50`, `.90`, `.99` and whole numbers are commoner than others. */
export function price(rng: Random, low: number, high: number): number {
  const whole = rng.int(low, high);
  const part = rng.weighted([
    [0, 3],
    [0.5, 3],
    [0.9, 2],
    [0.99, 2],
    [0.95, 1],
    [rng.int(1, 19) * 0.05, 3],
    [rng.int(1, 99) / 100, 5],
  ] as const);
  return cents(whole + part);
}

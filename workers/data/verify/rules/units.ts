/** Units that answers are given in: a kind, and what one of it is in the kind's base. */

export interface Unit {
  /** Only quantities of one kind are compared by value. */
  readonly kind: string;
  readonly factor: number;
}

const table: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  length: {
    ...{ mm: 1e-3, millimeter: 1e-3, millimetre: 1e-3, cm: 1e-2, centimeter: 1e-2, centimetre: 1e-2, m: 1 },
    ...{ meter: 1, metre: 1, km: 1000, kilometer: 1000, kilometre: 1000, mi: 1609.344, mile: 1609.344 },
    ...{ ft: 0.3048, foot: 0.3048, feet: 0.3048, inch: 0.0254, inches: 0.0254, yd: 0.9144, yard: 0.9144 },
  },
  mass: {
    ...{ mg: 1e-3, milligram: 1e-3, g: 1, gram: 1, gramme: 1, kg: 1000, kilogram: 1000, kilo: 1000 },
    ...{ lb: 453.59237, lbs: 453.59237, pound: 453.59237, oz: 28.349523125, ounce: 28.349523125, tonne: 1e6 },
  },
  volume: {
    ...{ ml: 1e-3, milliliter: 1e-3, millilitre: 1e-3, cl: 1e-2, l: 1, liter: 1, litre: 1 },
    ...{ gal: 3.785411784, gallon: 3.785411784 },
  },
  duration: {
    ...{ ms: 1e-3, millisecond: 1e-3, s: 1, sec: 1, second: 1, min: 60, mins: 60, minute: 60 },
    ...{ h: 3600, hr: 3600, hrs: 3600, hour: 3600, day: 86_400, week: 604_800 },
  },
  months: { month: 1, year: 12, yr: 12, decade: 120, century: 1200 },
  area: { 'm²': 1, sqm: 1, 'km²': 1e6, 'cm²': 1e-4 },
  angle: { '°': 1, degree: 1, deg: 1 },
  celsius: { '°c': 1, celsius: 1 },
  fahrenheit: { '°f': 1, fahrenheit: 1 },
  energy: { kcal: 1, calorie: 1, cal: 1, kj: 0.239005736 },
  speed: { 'km/h': 1, kph: 1, kmh: 1, mph: 1.609344, 'm/s': 3.6 },
  information: { kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
  percent: { '%': 1, percent: 1, 'per cent': 1, pct: 1 },
  USD: { $: 1, usd: 1, us$: 1, dollar: 1, buck: 1, cent: 0.01, '¢': 0.01 },
  EUR: { '€': 1, eur: 1, euro: 1 },
  GBP: { '£': 1, gbp: 1, quid: 1, pence: 0.01 },
  JPY: { '¥': 1, jpy: 1, yen: 1 },
  INR: { '₹': 1, inr: 1, rs: 1, rupee: 1 },
  MYR: { rm: 1, myr: 1, ringgit: 1 },
  CNY: { cny: 1, rmb: 1, yuan: 1 },
  KRW: { '₩': 1, krw: 1, won: 1 },
  CHF: { chf: 1, 'fr.': 1 },
};

const units = new Map<string, Unit>();
for (const [kind, names] of Object.entries(table))
  for (const [name, factor] of Object.entries(names)) units.set(name, { kind, factor });

/** @param name as written, in one or many */
export function unitOf(name: string): Unit | undefined {
  const small = name.toLowerCase().replace(/\.$/, '');
  return units.get(small) ?? (small.length > 3 && small.endsWith('s') ? units.get(small.slice(0, -1)) : undefined);
}

/** Weight or money: only the other side tells. */
const POUND: Unit = { kind: 'GBP', factor: 1 };
const isPound = ({ kind, factor }: Unit): boolean => kind === 'mass' && factor === 453.59237;

/** @returns what brings each to the same unit; undefined where they measure different things */
export function inOneUnit(a: Unit, b: Unit): readonly [number, number] | undefined {
  if (a.kind === b.kind) return [a.factor, b.factor];
  if (isPound(a) && b.kind === POUND.kind) return [POUND.factor, b.factor];
  if (isPound(b) && a.kind === POUND.kind) return [a.factor, POUND.factor];
  return undefined;
}

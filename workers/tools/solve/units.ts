/** Quantities: `60 mph * 2.5 h in miles`, `5 ft 7 in to cm`, `100 °F in °C`. mathjs knows the units; which, is said here. */
import type { BigNumber, Unit } from 'mathjs';
import mathjs from 'mathjs/lib/browser/math.js';
import { tooBig, unread } from './fault.ts';
import { plainText } from './spelling.ts';
import { wordsAsSigns } from './words.ts';

const math = mathjs.create({ number: 'BigNumber', precision: 40, predictable: true });

/** What people write, by what mathjs calls it. */
const NAMES: Readonly<Record<string, string>> = {
  mm: 'mm millimeter millimeters millimetre millimetres',
  cm: 'cm centimeter centimeters centimetre centimetres',
  m: 'm meter meters metre metres',
  km: 'km kilometer kilometers kilometre kilometres',
  inch: 'in inch inches',
  foot: 'ft foot feet',
  yard: 'yd yard yards',
  mile: 'mi mile miles',
  m2: 'sqm m2',
  cm2: 'cm2',
  km2: 'km2',
  sqft: 'sqft',
  acre: 'acre acres',
  hectare: 'ha hectare hectares',
  mg: 'mg milligram milligrams',
  g: 'g gram grams',
  kg: 'kg kilogram kilograms kilo kilos',
  tonne: 't tonne tonnes',
  ounce: 'oz ounce ounces',
  poundmass: 'lb lbs pound pounds',
  ml: 'ml mL milliliter milliliters millilitre millilitres',
  liter: 'l L liter liters litre litres',
  m3: 'm3',
  cm3: 'cm3 cc',
  gallon: 'gal gallon gallons',
  quart: 'qt quart quarts',
  pint: 'pt pint pints',
  cup: 'cup cups',
  tablespoon: 'tbsp tablespoon tablespoons',
  teaspoon: 'tsp teaspoon teaspoons',
  fluidounce: 'floz',
  ms: 'ms millisecond milliseconds',
  s: 's sec secs second seconds',
  minute: 'min mins minute minutes',
  hour: 'h hr hrs hour hours',
  day: 'day days',
  week: 'week weeks',
  year: 'year years yr yrs',
  'mile/hour': 'mph',
  'km/hour': 'kmh kph kmph',
  'm/s': 'mps',
  degC: '°C degC celsius Celsius C',
  degF: '°F degF fahrenheit Fahrenheit F',
  K: 'K kelvin Kelvin kelvins',
  deg: '° deg degree degrees',
  rad: 'rad radian radians',
  N: 'N newton newtons',
  J: 'J joule joules',
  kJ: 'kJ',
  cal: 'cal calorie calories',
  kcal: 'kcal',
  Wh: 'Wh',
  kWh: 'kWh',
  W: 'W watt watts',
  kW: 'kW',
  hp: 'hp horsepower',
  Pa: 'Pa pascal pascals',
  kPa: 'kPa',
  psi: 'psi',
  bar: 'bar bars',
  atm: 'atm',
  V: 'volt volts',
  b: 'bit bits',
  B: 'byte bytes',
  kB: 'kB KB',
  MB: 'MB',
  GB: 'GB',
  TB: 'TB',
};
const UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).flatMap(([unit, names]) => names.split(' ').map((name): [string, string] => [name, unit])),
);
/** kcal is a thousand calories; mathjs has no calorie. */
const FACTORS: ReadonlyMap<string, readonly [factor: string, unit: string]> = new Map([
  ['cal', ['4.184', 'J']],
  ['kcal', ['4184', 'J']],
]);
/** Letters that are as often unknowns: alone they make no question one of quantities. */
const LETTERS = /^[a-zA-Z]$/;

const TOKEN = /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(°[CF]?|[A-Za-z]+[23]?)|([-+*/^()]))/y;
const SEPARATOR = /^(?:to|into|as|in)$/;
type Token = { readonly kind: 'number' | 'name' | 'sign'; readonly text: string };
type Quantity = Unit | BigNumber;

export interface QuantityOutcome {
  readonly result: string;
}

/**
 * Calculates with quantities, and turns them into other units.
 * @returns undefined when the query is not about quantities alone
 * @throws Fault where units do not go together
 */
export function quantityOf(query: string): QuantityOutcome | undefined {
  if (/[<>=](?!\s*\??\s*$)/.test(query) || query.length > 500) return undefined;
  const tokens = tokensIn(bare(query));
  if (!tokens) return undefined;
  const cut = targetAt(tokens);
  const [amount, target] = [tokens.slice(0, cut), cut < 0 ? [] : tokens.slice(cut + 1)];
  const source = cut < 0 ? tokens : amount;
  const named = [...source, ...target].filter(({ kind }) => kind === 'name');
  if (!named.length || !named.every(({ text }) => UNITS.has(text) || text === 'per')) return undefined;
  if (cut < 0 && named.every(({ text }) => LETTERS.test(text))) return undefined;
  if (!source.some(({ kind }) => kind === 'number')) return undefined;
  try {
    return { result: shown(read(source), target) };
  } catch (error) {
    if (error instanceof Error && error.name === 'Fault') throw error;
    throw unread(
      `these units do not go together: give quantities of one kind, as "5 ft 7 in to cm" or "60 mph * 2.5 h in miles"`,
    );
  }
}

function bare(query: string): string {
  const text = wordsAsSigns(plainText(query.replace(/(?<=\d)\s*°\s*(?=[CF]\b)/g, ' °')))
    .replace(/(?<=\d),(?=\d{3}\b)/g, '')
    .replace(/\bmiles? per hour\b/gi, 'mph')
    .replace(/\b(?:kilomet(?:er|re)s? per hour|km\s*\/\s*h)\b/gi, 'kmh')
    .replace(
      /\b(?:square|sq\.?)\s+(meters?|metres?|m|feet|foot|ft|cm|km)\b/gi,
      (_, unit: string) => `${squared(unit)} `,
    )
    .replace(/\b(?:fluid ounces?|fl\.? oz)\b/gi, 'floz')
    .replace(/\bdegrees?\s+(celsius|fahrenheit|[CF])\b/g, '$1')
    .replace(/(?<=\d\s*)(?:'|′)(?:\s*)(?=\d|$|\s)/g, ' ft ')
    .replace(/(?<=\d\s*)(?:"|″)/g, ' in ');
  const asked = /\bhow many\s+([A-Za-z°]+)\s+(?:are\s+)?(?:there\s+)?(?:is\s+|in\s+)(.+?)[\s?.]*$/i.exec(text);
  const plain = asked ? `${asked[2]} to ${asked[1]}` : text;
  return plain
    .replace(/^\W*(?:please\s+)?(?:convert|what\s+is|what's|calculate|compute|how\s+much\s+is|change)\b\s*:?/i, '')
    .replace(/[\s=?.]+$/, '');
}

const squared = (unit: string): string => (/^f/i.test(unit) ? 'sqft' : /^(?:cm|km)$/i.test(unit) ? `${unit}2` : 'm2');

function tokensIn(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length; ) {
    const found = TOKEN.exec(text);
    if (!found) return undefined;
    const [, number, name, sign] = found;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else tokens.push({ kind: 'sign', text: sign! });
  }
  return tokens;
}

/** Where the target is named. `in` is an inch right behind a number, unless a unit is all that follows. */
function targetAt(tokens: readonly Token[]): number {
  for (let i = tokens.length - 2; i > 0; i--) {
    const { kind, text } = tokens[i]!;
    if (kind !== 'name' || !SEPARATOR.test(text)) continue;
    if (text === 'in' && tokens[i - 1]!.kind === 'number') continue;
    if (tokens.slice(i + 1).some((token) => token.kind === 'number' && token.text !== '2' && token.text !== '3'))
      continue;
    return i;
  }
  return -1;
}

function read(tokens: readonly Token[]): Quantity {
  let at = 0;
  let depth = 0;
  const peek = () => tokens[at];
  const isNext = (text: string) => peek()?.text === text;

  function sum(): Quantity {
    if (++depth > 50) throw unread('this is nested too deeply');
    let left = product();
    while (isNext('+') || isNext('-')) {
      const sign = tokens[at++]!.text;
      const right = product();
      left = (
        sign === '+' ? math.add(left as Unit, right as Unit) : math.subtract(left as Unit, right as Unit)
      ) as Quantity;
    }
    depth--;
    return left;
  }

  function product(): Quantity {
    let left = amount();
    for (;;) {
      const over = isNext('/') || isNext('per');
      if (!over && !isNext('*')) return left;
      at++;
      const right = amount();
      left = (over ? math.divide(left as Unit, right as Unit) : math.multiply(left as Unit, right as Unit)) as Quantity;
    }
  }

  /** 5 ft 7 in: amounts side by side are added; 3 m^2. */
  function amount(): Quantity {
    let total = single();
    while (peek()?.kind === 'number' && tokens[at + 1]?.kind === 'name')
      total = math.add(total as Unit, single() as Unit) as Quantity;
    return total;
  }

  function single(): Quantity {
    const token = peek();
    at++;
    if (token?.text === '-') return math.unaryMinus(single() as BigNumber) as Quantity;
    if (token?.text === '(') {
      const inside = sum();
      if (!isNext(')')) throw unread('")" is missing');
      at++;
      return raised(inside);
    }
    if (token?.kind === 'name') return raised(unit('1', token.text));
    if (token?.kind !== 'number') throw unread('a quantity is missing: write one such as "5 km"');
    const next = peek();
    if (next?.kind !== 'name' || next.text === 'per') return raised(math.bignumber(token.text));
    at++;
    // The power belongs to the unit: 3 m^2.
    if (isNext('^'))
      return math.multiply(math.bignumber(token.text), raised(unit('1', next.text)) as Unit) as unknown as Quantity;
    return unit(token.text, next.text);
  }

  function raised(value: Quantity): Quantity {
    if (!isNext('^')) return value;
    const exponent = Number(tokens[at + 1]?.text);
    if (!(exponent >= 0 && exponent <= 9)) throw tooBig();
    at += 2;
    return math.pow(value as Unit, exponent) as unknown as Quantity;
  }

  const result = sum();
  if (at < tokens.length)
    throw unread(`${JSON.stringify(peek()!.text)} is not expected here: write quantities such as "5 km / 20 min"`);
  return result;
}

function unit(amount: string, name: string): Unit {
  const [factor, base] = FACTORS.get(name) ?? ['1', UNITS.get(name)!];
  return math.unit(math.multiply(math.bignumber(amount), math.bignumber(factor)) as unknown as number, base);
}

function shown(value: Quantity, target: readonly Token[]): string {
  if (math.isBigNumber(value)) {
    if (target.length) throw unread('a number without a unit cannot be turned into one');
    return digits(value);
  }
  if (target.length === 0) return math.format(value, { notation: 'auto', precision: 10 } as never);
  const goal = target
    .map(({ text }) => (UNITS.get(text) ? `(${UNITS.get(text)})` : text === 'per' ? '/' : text))
    .join('');
  const [only] = target;
  const factor = target.length === 1 ? FACTORS.get(only!.text) : undefined;
  const amount = value.toNumeric(factor?.[1] ?? goal.replace(/[()]/g, '')) as unknown as BigNumber;
  const number = factor ? amount.div(factor[0]) : amount;
  return `${digits(number)} ${target
    .map(({ text }) => text)
    .join('')
    .replace(/(?<=\w)per(?=\w)/, ' per ')}`;
}

const digits = (value: BigNumber): string => value.toSignificantDigits(10).toString();

/** Amounts that people put units behind: in an equation only their numbers count. */
const UNITS = new Set(
  (
    'cm mm km kg mg lb lbs oz ft inch inches feet foot mile miles mph kmh hour hours hr hrs minute minutes min sec ' +
    'second seconds day days week weeks month months year years dollar dollars cent cents euro euros usd eur gbp myr ' +
    'rm meter meters metre metres gram grams liter liters litre litres gallon gallons yard yards ml degrees units unit'
  ).split(' '),
);
export const isEquationUnit = (word: string): boolean => UNITS.has(word.toLowerCase());

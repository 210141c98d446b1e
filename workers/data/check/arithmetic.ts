/** What Calculate would say, for the expressions that chains may hold: numbers, + - * / ( ), abs, max, min, mean, sum, round. */

const FUNCTIONS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  abs: ([value = Number.NaN]) => Math.abs(value),
  max: (v) => Math.max(...v),
  min: (v) => Math.min(...v),
  sum: (v) => v.reduce((a, b) => a + b, 0),
  mean: (v) => v.reduce((a, b) => a + b, 0) / v.length,
  round: ([value = Number.NaN, places = 0]) => Number(`${Math.round(Number(`${value}e${places}`))}e-${places}`),
};

/** @returns the value, or undefined for anything that is not such an expression */
export function calculated(expression: string): number | undefined {
  const tokens = expression.match(/[a-z]+|\d+(?:\.\d+)?|[-+*/(),]|\S/g) ?? [];
  const rest = [...tokens].reverse();
  const peek = (): string | undefined => rest.at(-1);
  const level =
    (operators: string, next: () => number): (() => number) =>
    () => {
      let value = next();
      while (peek() !== undefined && operators.includes(peek() as string)) {
        const operator = rest.pop();
        const other = next();
        value =
          operator === '+'
            ? value + other
            : operator === '-'
              ? value - other
              : operator === '*'
                ? value * other
                : value / other;
      }
      return value;
    };
  const atom = (): number => {
    const token = rest.pop() ?? '';
    if (token === '-') return -atom();
    if (token === '(') {
      const value = whole();
      if (rest.pop() !== ')') return Number.NaN;
      return value;
    }
    const f = Object.hasOwn(FUNCTIONS, token) ? FUNCTIONS[token] : undefined;
    if (f && rest.pop() === '(') {
      const values = [whole()];
      while (peek() === ',') {
        rest.pop();
        values.push(whole());
      }
      return rest.pop() === ')' ? f(values) : Number.NaN;
    }
    return token === '' ? Number.NaN : Number(token);
  };
  const whole: () => number = level('+-', level('*/', atom));
  const value = whole();
  return rest.length > 0 || !Number.isFinite(value) ? undefined : value;
}

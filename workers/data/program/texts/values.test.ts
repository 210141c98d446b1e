import { describe, expect, it } from 'vitest';
import { alike, amountOf, decimalsOf } from './values.ts';

describe('amounts', () => {
  it.each([
    ['$4.50', 2, '4.50'],
    ['S4.50', 2, '4.50'],
    ['4,50 €', 2, '4.50'],
    ['RM 1,234.50', 2, '1234.50'],
    ['1.234,50', 2, '1234.50'],
    ['-2.00', 2, '-2.00'],
    ['2.089', 3, '2.089'],
    ['1.29 9/10', 2, '1.29'],
    ['6,160', 0, '6160'],
    ['35%', 0, '35'],
    ['12', undefined, '12'],
  ] as const)('%s among amounts of %s decimals is %s', (text, decimals, said) =>
    expect(amountOf(text, decimals)?.text).toBe(said),
  );
  it.each([
    ['4 50', '4.50'],
    ['4. 50', '4.50'],
    ['4 .50', '4.50'],
    ['450', '4.50'],
  ])('%s is mended to %s, since the other amounts have two decimals', (text, said) =>
    expect(amountOf(text, 2)).toEqual({ value: Number(said), text: said, mended: true }),
  );
  it.each(['4.5O', 'l2.50', '1B.00', '4.5', 'Soup', '', '4.50 3.20'])('%s is not surely any amount', (text) =>
    expect(amountOf(text, 2)).toBeUndefined(),
  );
  it('mends nothing where the page does not bear it out', () => expect(amountOf('4. 50', undefined)).toBeUndefined());

  it('knows the decimals of a page when most agree', () => {
    expect(decimalsOf(['4.50', '3.20', '1,234.00', '7'])).toBe(2);
    expect(decimalsOf(['4.50'])).toBeUndefined();
    expect(decimalsOf(['4.50', '3', '2.125'])).toBeUndefined();
    expect(decimalsOf(['6,160', '768', '183'])).toBe(0);
  });
});

describe('names', () => {
  it('are alike up to a share of their letters', () => {
    expect(alike('Beef Stew', 'BeefStew', 0)).toBe(true);
    expect(alike('Beef Stew', 'Beof Stew', 0.2)).toBe(true);
    expect(alike('Beef Stew', 'Pork Stew', 0.2)).toBe(false);
  });
});

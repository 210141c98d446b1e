/** mathjs in one file, which the package exports without types: an instance whose `create` makes others like it. */
declare module 'mathjs/lib/browser/math.js' {
  import type { BigNumber, ConfigOptions, MathJsInstance } from 'mathjs';

  /** What the types of mathjs have otherwise, or not at all, than it is with `number: 'BigNumber', matrix: 'Array'`. */
  export interface Decimals {
    readonly BigNumber: {
      /**
       * What is not named stays: exponents of ten beyond which a number is Infinity or 0, significant digits, and how the
       * last one is rounded (4 = half away from zero).
       */
      config(settings: {
        readonly maxE?: number;
        readonly minE?: number;
        readonly precision?: number;
        readonly rounding?: number;
      }): void;
    };
    readonly pi: BigNumber;
    readonly tau: BigNumber;
    readonly e: BigNumber;
    atan2(y: BigNumber, x: BigNumber): BigNumber;
    range(from: BigNumber, to: BigNumber, step: BigNumber): BigNumber[];
  }
  const mathjs: { create(config: ConfigOptions): Omit<MathJsInstance, keyof Decimals> & Decimals };
  export default mathjs;
}

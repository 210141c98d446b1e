import { z } from 'zod';
import type { Outcome } from './calculate/calculate-expression.ts';
import { EngineEnded, EngineError } from './engines/warm-engine.ts';
import { warmProcess } from './engines/warm-process.ts';
import { type Tool, ToolError } from './tool.ts';

/** A slow expression takes a millisecond; this is for what nobody thought of. */
const TIME_LIMIT_MS = 2_000;
const HEAP_MB = 64;
const LOAD_LIMIT_MS = 20_000;
/** With the wait for others, and for a process that loads anew after one was ended. */
const CALL_LIMIT_MS = 10_000;

const engine = warmProcess(new URL('./calculate/calculate-process.ts', import.meta.url), {
  heapMb: HEAP_MB,
  patienceMs: 0,
});
let loaded: Promise<unknown> | undefined;

/** Loading mathjs is no part of an expression's time: on a busy machine it may take longer. */
async function load(): Promise<void> {
  loaded ??= engine.call('1', { timeLimitMs: LOAD_LIMIT_MS });
  try {
    await loaded;
  } catch (error) {
    loaded = undefined;
    throw error;
  }
}

const calculateArguments = z.object({
  expression: z.preprocess(
    (value) => (typeof value === 'number' ? String(value) : value),
    z
      .string('must be a string, such as "(3.65 + 3.49) * 2"')
      .describe('what to calculate, such as "(3.65 + 3.49) * 2"'),
  ),
});

/**
 * Calculates. TACO hands the expression to Python's `eval`, which runs any code, gives 1 for `2^3` and a tuple for
 * `1,000+2`, and cannot read `5%`, `$3.65*2` or `3 x 4`. Here the expression has a grammar of its own, so that only
 * numbers, lists and a table of functions exist; mathjs calculates with decimals, so that 139.99 + 109.99 is 249.98.
 */
export const calculate: Tool<z.infer<typeof calculateArguments>> = {
  name: 'Calculate',
  version: '1',
  engine: 'mathjs@15',
  description: 'Calculates an arithmetic expression exactly.',
  arguments: calculateArguments,
  returns: 'result: the number (or list, or true/false) that the expression gives',
  example: { expression: '2 * 3.65 + 1.20' },
  pool: 'cpu',
  timeLimitMs: CALL_LIMIT_MS,
  deterministic: true,
  // Less work than looking it up.
  cache: false,
  warmUp: load,
  async run({ expression }, { signal }) {
    await load();
    try {
      const result = (await engine.call(expression, { timeLimitMs: TIME_LIMIT_MS, signal })) as Outcome;
      return { result };
    } catch (error) {
      if (error instanceof EngineError && error.fault.name === 'Fault')
        throw new ToolError(error.fault.code ?? 'bad_expression', `Calculate: ${error.message}.`);
      // Whatever else ends a call may have ended the process.
      loaded = undefined;
      if (error instanceof EngineEnded && (error.reason === 'time' || error.reason === 'memory'))
        throw new ToolError('too_large', 'Calculate: this takes too long to calculate: use smaller numbers.');
      throw error;
    }
  },
};

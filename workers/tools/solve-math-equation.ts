import { z } from 'zod';
import type { JsonObject } from '../../shared/contract.ts';
import { EngineEnded, EngineError } from './engines/warm-engine.ts';
import { warmProcess } from './engines/warm-process.ts';
import { askNerdamer, warmUpNerdamer } from './solve/nerdamer.ts';
import type { SolveReply, SolveRequest } from './solve/solve-process.ts';
import { keyOf } from './solve/symbolic.ts';
import { type Tool, ToolError } from './tool.ts';

/** Reading and solving by our own rules takes milliseconds. */
const TIME_LIMIT_MS = 3_000;
const HEAP_MB = 96;
const LOAD_LIMIT_MS = 20_000;
/** Questions to nerdamer for one of ours: ten derivatives and a simplification are the most there is. */
const MOST_QUESTIONS = 12;
/** With the wait for others. */
const CALL_LIMIT_MS = 30_000;

const engine = warmProcess(new URL('./solve/solve-process.ts', import.meta.url), { heapMb: HEAP_MB, patienceMs: 0 });
let loaded: Promise<unknown> | undefined;

async function load(): Promise<void> {
  loaded ??= engine.call({ query: '1', answers: [] } satisfies SolveRequest, { timeLimitMs: LOAD_LIMIT_MS });
  try {
    await loaded;
  } catch (error) {
    loaded = undefined;
    throw error;
  }
}

const solveArguments = z.object({
  query: z
    .string('must be a string, such as "x^2 - 5x + 6 = 0"')
    .describe('an equation, several of them, or another question of mathematics, such as "2x + y = 7, x - y = 2"'),
});

/**
 * Solves equations. TACO asks WolframAlpha, over the network, and fails on what that does not find. Here a reader of our
 * own makes terms of the question, so that no text reaches a library; exact methods of our own solve it as far as they
 * go, nerdamer finds derivatives, integrals and other forms; and whatever was found is put in, before it is given.
 */
export const solveMathEquation: Tool<z.infer<typeof solveArguments>> = {
  name: 'SolveMathEquation',
  version: '1',
  engine: 'nerdamer-prime@1.5.0+mathjs@15',
  description:
    'Solves equations, systems of them and inequalities; also finds derivatives, integrals and limits, factors or expands expressions, and converts units.',
  arguments: solveArguments,
  returns:
    'result: the solution in words, such as "x = 2 or x = 3"; for equations also solutions: [{name: exact value}], decimals where these are no whole numbers, and a note on how the query was read',
  example: { query: '2x + y = 7, x - y = 2' },
  pool: 'cpu',
  timeLimitMs: CALL_LIMIT_MS,
  deterministic: true,
  // Most of it is less work than looking it up, and what takes its time might have had more of it.
  cache: false,
  async warmUp() {
    warmUpNerdamer();
    await load();
  },
  async run({ query }, { signal }) {
    await load();
    const answers: [string, string | null][] = [];
    try {
      for (let asked = 0; asked <= MOST_QUESTIONS; asked++) {
        const reply = (await engine.call({ query, answers } satisfies SolveRequest, {
          timeLimitMs: TIME_LIMIT_MS,
          signal,
        })) as SolveReply;
        if ('outcome' in reply) return reply.outcome as unknown as JsonObject;
        answers.push([keyOf(reply.ask), await askNerdamer(reply.ask, signal)]);
      }
    } catch (error) {
      if (error instanceof EngineError && error.fault.name === 'Fault')
        throw new ToolError(error.fault.code ?? 'bad_query', `SolveMathEquation: ${error.message}.`);
      // Whatever else ends a call may have ended the process.
      loaded = undefined;
      if (!(error instanceof EngineEnded && (error.reason === 'time' || error.reason === 'memory'))) throw error;
    }
    throw new ToolError(
      'too_large',
      'SolveMathEquation: this takes too long to solve: use smaller numbers, or solve it in parts.',
    );
  },
};

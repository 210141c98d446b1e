/** A tool worker with one more tool, which does nothing: the benchmark measures steps, not tools. */
import { z } from 'zod';
import { runMain } from '../../../shared/run-main.ts';
import { startToolWorker } from '../../../workers/tools/start.ts';
import type { Tool } from '../../../workers/tools/tool.ts';

const nothing: Tool<Record<string, never>> = {
  name: 'Nothing',
  version: '1',
  engine: 'none',
  description: 'Does nothing.',
  arguments: z.strictObject({}),
  returns: 'nothing',
  example: {},
  pool: 'cpu',
  timeLimitMs: 1_000,
  deterministic: true,
  cache: false,
  run: async () => ({ done: true }),
};

runMain(() => startToolWorker({ entry: import.meta.filename, tools: [nothing] }));

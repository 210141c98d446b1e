/** A tool worker with one more tool: it writes down when it was carried out and by which process, and misbehaves on request. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { runMain } from '../../../shared/run-main.ts';
import { startToolWorker } from '../../../workers/tools/start.ts';
import type { Tool } from '../../../workers/tools/tool.ts';

const witnessArguments = z.strictObject({
  /** File that gets a line `label pid` for each time the tool is carried out. */
  file: z.string(),
  label: z.string(),
  ms: z.number().default(0),
  die: z.boolean().default(false),
});

const witness: Tool<z.infer<typeof witnessArguments>> = {
  name: 'Witness',
  version: '1',
  engine: 'none',
  description: 'Writes down that it was carried out.',
  arguments: witnessArguments,
  returns: 'the process that did it',
  example: { file: 'f', label: 'a', ms: 0, die: false },
  pool: 'cpu',
  timeLimitMs: 60_000,
  deterministic: false,
  cache: false,
  async run({ file, label, ms, die }, { signal }) {
    appendFileSync(file, `${label} ${process.pid}\n`);
    if (die) process.kill(process.pid, 'SIGKILL');
    if (ms > 0) await sleep(ms, undefined, { signal });
    return { label, pid: process.pid };
  },
};

runMain(() => startToolWorker({ entry: import.meta.filename, tools: [witness] }));

/**
 * All tools: engine, whether they work on this machine, and milliseconds per call in three ways: warm (median of 20, each
 * on another picture), with the engine loaded for the one call in a fresh process (median of 3; the start of that
 * process and the reading of its modules are not counted), and from the tool cache.
 *
 *     npm run bench -- tools [NAME...]
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openToolCache } from '../../workers/tools/cache.ts';
import { openToolContext } from '../../workers/tools/context.ts';
import { executeTool, TOOLS } from '../../workers/tools/registry.ts';
import type { Tool } from '../../workers/tools/tool.ts';
import { median, openStage, ordinaryArguments, type Stage } from './tool-calls.ts';

const CALLS = 20;
const once = new URL('./tool-once.ts', import.meta.url).pathname;
const stage = await openStage(CALLS + 3);

async function warm(tool: Tool): Promise<number> {
  await tool.warmUp?.();
  await stage.call(tool, ordinaryArguments(tool, CALLS, CALLS + 3));
  const took: number[] = [];
  for (let i = 0; i < CALLS; i++) took.push(await stage.call(tool, ordinaryArguments(tool, i, CALLS + 3)));
  return median(took);
}

async function reloaded(tool: Tool): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < 3; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [once, tool.name]);
    took.push(Number(stdout.trim().split('\n').at(-1)));
  }
  return median(took);
}

async function cached(tool: Tool, { objects, services, run }: Stage): Promise<number> {
  const cache = openToolCache(objects);
  const args = ordinaryArguments(tool, 0, CALLS + 3);
  const { signal } = new AbortController();
  const execute = async () => {
    const context = openToolContext(run, services, signal);
    const observation = await executeTool(tool, args, context.tool);
    return { observation, images: context.kept() };
  };
  await cache.through(tool, args, run, execute, signal);
  const took: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    const started = performance.now();
    const given = await cache.through(tool, args, run, execute, signal);
    if (!given.cached) throw new Error(`${tool.name} did not come from the cache`);
    took.push(performance.now() - started);
  }
  return median(took);
}

const shown = (ms: number | undefined): string => (ms === undefined ? '-' : ms < 10 ? ms.toFixed(2) : ms.toFixed(0));
const asked = process.argv.slice(3);
console.log(
  '| tool | engine | pool | works here | same result | ms warm | ms loaded anew | times | ms from the cache |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
for (const tool of TOOLS) {
  if (asked.length > 0 && !asked.includes(tool.name)) continue;
  const status = tool.status?.() ?? { ready: true };
  const [name, sure] = [tool.name, tool.deterministic ? 'yes' : 'no'];
  const row = (works: string, times: readonly string[]): void =>
    console.log(`| ${[name, tool.engine, tool.pool, works, sure, ...times].join(' | ')} |`);
  if (!status.ready) {
    row(`after \`${status.remedy}\``, ['-', '-', '-', '-']);
    continue;
  }
  if (tool.pool === 'remote') {
    row('yes', ['as long as who is asked', '-', '-', '-']);
    continue;
  }
  const ms = await warm(tool);
  const anew = await reloaded(tool);
  const kept = tool.deterministic && tool.cache ? await cached(tool, stage) : undefined;
  row('yes', [shown(ms), shown(anew), (anew / ms).toFixed(1), kept === undefined ? 'not kept' : shown(kept)]);
}
await stage.close();
process.exit(0);

/**
 * All tools: engine, whether they work on this machine, and milliseconds per call in four ways: warm (median of 20, each
 * on a picture that is new to the engine), the same picture again, with the engine loaded for the one call in a fresh
 * process (median of 3; the start of that process and the reading of its modules are not counted), and from the tool
 * cache.
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

async function warm(tool: Tool, stage: Stage): Promise<{ readonly fresh: number; readonly again: number }> {
  await tool.warmUp?.();
  await stage.call(tool, ordinaryArguments(tool, CALLS, CALLS + 3));
  const fresh: number[] = [];
  for (let i = 0; i < CALLS; i++) fresh.push(await stage.call(tool, ordinaryArguments(tool, i, CALLS + 3)));
  const again: number[] = [];
  for (let i = 0; i < CALLS; i++) again.push(await stage.call(tool, ordinaryArguments(tool, CALLS - 1, CALLS + 3)));
  return { fresh: median(fresh), again: median(again) };
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

const shown = (ms: number): string => (ms < 10 ? ms.toFixed(2) : ms.toFixed(0));
const asked = process.argv.slice(3);
const COLUMNS = ['tool', 'engine', 'pool', 'works here', 'same result', 'ms warm', 'ms same picture again'];
console.log(`| ${[...COLUMNS, 'ms loaded anew', 'times', 'ms from the cache'].join(' | ')} |`);
console.log(`|${'---|'.repeat(COLUMNS.length + 3)}`);
for (const [index, tool] of TOOLS.entries()) {
  if (asked.length > 0 && !asked.includes(tool.name)) continue;
  const status = tool.status?.() ?? { ready: true };
  const row = (works: string, ...times: readonly string[]): void => {
    const cells = [tool.name, tool.engine, tool.pool, works, tool.deterministic ? 'yes' : 'no', ...times];
    console.log(`| ${[...cells, ...Array(COLUMNS.length + 3 - cells.length).fill('-')].join(' | ')} |`);
  };
  if (!status.ready) row(`after \`${status.remedy}\``);
  else if (tool.pool === 'remote') row('yes', 'as long as who is asked');
  // The pictures drawn here hold no object that a detector knows.
  else if (tool.name === 'EstimateObjectDepth') row('yes', 'LocalizeObjects and EstimateRegionDepth');
  else {
    const stage = await openStage(CALLS + 3, index * 100);
    const { fresh, again } = await warm(tool, stage);
    const anew = await reloaded(tool);
    const kept = tool.deterministic && tool.cache ? shown(await cached(tool, stage)) : 'not kept';
    row('yes', shown(fresh), shown(again), shown(anew), (anew / fresh).toFixed(1), kept);
    await stage.close();
  }
}
process.exit(0);

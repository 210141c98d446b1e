/** `npm run hostile [-- COUNT]`: that many hostile calls of every tool; a table of what they came to. */
import { TOOLS } from '../../workers/tools/registry.ts';
import { runHostileCalls } from './run.ts';

const count = Number(process.argv[2] ?? 1_000);
const { told, broken, longestPauseMs } = await runHostileCalls(TOOLS, count, (done) => {
  if (process.stderr.isTTY || done % 100 === 0) process.stderr.write(`\r${done} of ${count}`);
});
process.stderr.write('\n');
for (const tool of TOOLS) {
  const mine = told.filter(({ call }) => call.tool === tool.name);
  const outcomes = Object.entries(Object.groupBy(mine, ({ outcome }) => outcome))
    .map(([outcome, calls]) => `${outcome} ${calls?.length}`)
    .join(', ');
  const slowest = Math.round(Math.max(0, ...mine.map(({ ms }) => ms)));
  console.log(
    `${tool.name.padEnd(28)} ${String(mine.length).padStart(4)} calls, slowest ${slowest} ms of ${tool.timeLimitMs}: ${outcomes}`,
  );
}
console.log(`${told.length} calls, longest pause of the event loop ${Math.round(longestPauseMs)} ms`);
for (const what of broken) console.log(`BROKEN: ${what}`);
console.log(broken.length === 0 ? 'nothing broke' : `${broken.length} defects`);
process.exit(broken.length === 0 ? 0 : 1);

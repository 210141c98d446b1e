/** One call of one tool in a fresh process, as a system works that loads its models at each call. Prints milliseconds. */
import { findTool } from '../../workers/tools/registry.ts';
import { openStage, ordinaryArguments } from './tool-calls.ts';

const tool = findTool(process.argv[2] ?? '');
const stage = await openStage(3);
const started = performance.now();
await tool.warmUp?.();
await stage.call(tool, ordinaryArguments(tool, 0, 3));
console.log(performance.now() - started);
await stage.close();
process.exit(0);

/**
 * A trainer in a few lines, which stands for any that is started by a command: it counts instead of learning, tells its
 * progress, saves checkpoints, goes on from one, and can be made to die. Its loss is a function of the step and of a sum
 * that only the checkpoint carries, so that a training that lost something ends elsewhere.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { data: text, out: text, steps: text, delay: text, from: text, die: text, words: text, onnx: text },
});
const { data = '', out = '', steps = '10', delay = '0', from, die = '', words = '', onnx } = values;
const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);

const start = { step: 0, sum: 0 };
const state = from === undefined ? start : (JSON.parse(readFileSync(from, 'utf8')) as typeof start);
const rows = readdirSync(data, { recursive: true }).filter((name) => /train.*\.jsonl$/.test(String(name)));
console.log(`training on ${rows.join(', ')}`);
say({ event: 'started', parameters: 7, tokens_planned: Number(steps) * 100, resumed_at_step: state.step });

function save(): void {
  const path = `step-${state.step}.json`;
  writeFileSync(join(out, `${path}.part`), JSON.stringify(state));
  renameSync(join(out, `${path}.part`), join(out, path));
  say({ event: 'checkpoint', step: state.step, tokens: state.step * 100, path });
}

let stop = false;
process.on('SIGTERM', () => {
  stop = true;
});
while (state.step < Number(steps)) {
  await new Promise((resolve) => setTimeout(resolve, Number(delay)));
  state.step += 1;
  state.sum = (state.sum * 31 + state.step) % 9973;
  say({ event: 'progress', stage: 'only', step: state.step, tokens: state.step * 100, loss: state.sum / 9973 });
  if (state.step % 5 === 0) save();
  if (stop) {
    if (state.step % 5 !== 0) save();
    say({ event: 'stopped' });
    process.exit(0);
  }
  if (die === `at ${state.step}` && from === undefined) process.kill(process.pid, 'SIGKILL');
  if (die === 'always' && state.step === 7) {
    console.error(words);
    process.exit(3);
  }
}
mkdirSync(join(out, 'weights/onnx'), { recursive: true });
writeFileSync(join(out, 'weights/config.json'), JSON.stringify(state));
if (onnx !== undefined) writeFileSync(join(out, 'weights/onnx/model.onnx'), onnx);
say({ event: 'done' });

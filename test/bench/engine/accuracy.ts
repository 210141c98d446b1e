import { type Played, play } from '../../../workers/train/nano/play.ts';
import { isRight } from '../../../workers/train/nano/score.ts';
import { table } from '../meter.ts';
import { openSpeaker } from './speaker.ts';
import { type ValidationChain, validationChains } from './validation.ts';

const AT_ONCE = 16;
const SEED = 12;

/** Right answers with floats and with 8-bit weights, and how many answers are the same; unconstrained and by spans. */
export async function accuracy(folder: string, count: number): Promise<string> {
  const chains: ValidationChain[] = [];
  for await (const one of validationChains(SEED)) if (chains.push(one) >= count) break;
  const rows = [['weights', 'constraint', 'right', 'answers as with floats']];
  const floats = new Map<string, Played['answer'][]>();
  for (const dtype of ['fp32', 'int8'] as const) {
    const speaker = await openSpeaker(folder, dtype);
    for (const constraint of [undefined, 'spans'] as const) {
      const name = constraint ?? 'none';
      const answers: Played['answer'][] = [];
      const left = [...chains.entries()];
      const worker = async (): Promise<void> => {
        for (let next = left.shift(); next; next = left.shift()) {
          const [n, { chain, nano }] = next;
          answers[n] = (await play(chain, nano.prompt, (prompt) => speaker.speak(prompt, constraint))).answer;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      if (dtype === 'fp32') floats.set(name, answers);
      const right = chains.filter(({ chain }, n) => isRight(chain, answers[n])).length;
      const same = answers.filter((answer, n) => answer === floats.get(name)?.[n]).length;
      rows.push([dtype, name, `${((100 * right) / count).toFixed(1)} %`, `${same} of ${count}`]);
    }
    await speaker.close();
  }
  return table(rows);
}

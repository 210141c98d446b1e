import { generateScene, type MadeChain } from '../../../workers/data/nano/generate.ts';
import { isRight } from '../../../workers/data/nano/score.ts';
import { openOnnxBackend } from '../../../workers/model/backends/onnx.ts';
import { vocabulary } from '../../../workers/model/backends/vocabularies.ts';
import { answerQuestion } from '../../../workers/train/answer.ts';
import { table } from '../meter.ts';

const AT_ONCE = 16;

/** Right answers with floats and with 8-bit weights, and how many answers are the same; unconstrained and by spans. */
export async function accuracy(folder: string, trained: string | undefined, count: number): Promise<string> {
  if (trained !== vocabulary) return 'no accuracy: the model speaks another vocabulary';
  const chains: MadeChain[] = [];
  for (let scene = 0; chains.length < count; scene++) chains.push(...generateScene(12, scene, 'validation'));
  const rows = [['weights', 'constraint', 'right', 'answers as with floats']];
  const floats = new Map<string, (string | undefined)[]>();
  for (const dtype of ['fp32', 'int8'] as const) {
    for (const constraint of ['none', 'spans'] as const) {
      const options = { folder, dtype, constraint, provider: 'cpu', threads: 1, cacheBytes: 2 ** 26 } as const;
      const backend = await openOnnxBackend(options);
      const answers: (string | undefined)[] = [];
      let next = 0;
      const worker = async (): Promise<void> => {
        for (let n = next++; n < count; n = next++) {
          const { prompt, observations } = (chains[n] as MadeChain).chain;
          const readings = observations.flatMap((seen) => ('rows' in seen ? [seen.rows] : []));
          answers[n] = (await answerQuestion(backend, prompt, (image) => readings[image] ?? readings[0] ?? [])).answer;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      await backend.close();
      if (dtype === 'fp32') floats.set(constraint, answers);
      const right = answers.filter((answer, n) => isRight(answer, (chains[n] as MadeChain).answer)).length;
      const same = answers.filter((answer, n) => answer === floats.get(constraint)?.[n]).length;
      rows.push([dtype, constraint, `${((100 * right) / count).toFixed(1)} %`, `${same} of ${count}`]);
    }
  }
  return table(rows);
}

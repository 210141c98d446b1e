/** A trained arm at work on held-out questions, every token its own, the reading given. */
import type { Chain } from '../../../shared/data/chain.ts';
import { ID } from '../../../shared/nano/format.ts';
import { random } from '../../data/random.ts';
import { checkVocabulary, MASKS } from '../../model/backends/vocabulary.ts';
import { readDecoderFolder } from '../../model/engine/decoder-config.ts';
import { openEngine } from '../../model/engine/engine.ts';
import { play } from '../nano/play.ts';
import { isRight } from '../nano/score.ts';
import { ARITHMETIC, type Arm, ofArm, wholeChain } from './arms.ts';
import { type Answered, untold } from './score.ts';

const AT_ONCE = 16;

/** @param form in which it is asked. @returns an answer for each question, in their order */
export async function askAll(
  folder: string,
  form: Arm,
  questions: readonly Chain[],
  progress: (done: number) => void,
): Promise<Answered[]> {
  const { config } = await readDecoderFolder(folder, 'fp32');
  checkVocabulary(folder, config.cota_vocabulary);
  const engine = await openEngine({
    folder,
    provider: 'cpu',
    threads: 1,
    dtype: 'fp32',
    masks: MASKS,
    cacheBytes: 2 ** 26,
    slotBytes: 2 ** 27,
  });
  let turns = 0;
  const speak =
    (constraint: 'spans' | undefined) =>
    async (prompt: readonly number[]): Promise<readonly number[]> => {
      const { said } = await engine.generate(
        {
          ...{
            prompt: [...prompt],
            constraint,
            branches: 1,
            temperature: 0,
            topP: undefined,
            maxTokens: 300,
            end: [ID.end],
          },
          ...{ owner: '', session: `turn-${turns++}`, seed: 1 },
        },
        new AbortController().signal,
      );
      return said;
    };
  async function ask(chain: Chain): Promise<Answered> {
    const whole = wholeChain(chain, random(1, chain.id));
    if (!whole) throw new Error(`${chain.id} is no question of this experiment`);
    const { prompt } = ofArm(form, whole);
    const free = await play(chain, prompt, speak(undefined), 1);
    // What Direct and CoT must say of a sum stands nowhere: the mask would forbid it.
    const computes = ARITHMETIC.includes(chain.facts?.family ?? '');
    const judged = computes ? free : await play(chain, prompt, speak('spans'), 1);
    return {
      ...{ id: chain.id, family: chain.facts?.family ?? '', scene: chain.facts?.scene ?? '', untold: untold(chain) },
      ...{ right: isRight(chain, judged.answer), refused: judged.answer === 'unknown', said: judged.said },
      free: isRight(chain, free.answer),
    };
  }
  const answers: Answered[] = [];
  try {
    for (let at = 0; at < questions.length; at += AT_ONCE) {
      answers.push(...(await Promise.all(questions.slice(at, at + AT_ONCE).map(ask))));
      progress(answers.length);
    }
  } finally {
    await engine.close();
  }
  return answers;
}

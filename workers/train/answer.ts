import {
  decodeTurn,
  encodeObservation,
  encodePrompt,
  fromText,
  type NanoPrompt,
  toText,
} from '../../shared/nano/format.ts';
import type { Backend } from '../model/backends/backend.ts';
import { calculateExpression } from '../tools/calculate/calculate-expression.ts';

/** How a question was answered, without a cluster: what evaluations of a checkpoint look at. */
export interface Answered {
  /** What Terminate said; `<unknown>` when the model could not tell; undefined when it came to no end. */
  readonly answer: string | undefined;
  /** The whole conversation in the readable form. */
  readonly text: string;
}

/** Turns at most, as in the prompt's largest budget mark and one to spare. */
const TURNS = 5;

/**
 * Asks a nano backend a question about pictures whose text was read before.
 * @param read rows of image n, tabs between cells
 */
export async function answerQuestion(
  backend: Backend,
  prompt: NanoPrompt,
  read: (image: number) => readonly string[],
): Promise<Answered> {
  const session = `evaluate-${Math.random()}`;
  let text = toText(encodePrompt(prompt));
  for (let turn = 0; turn < TURNS; turn++) {
    const reply = await backend.generate({
      messages: [{ role: 'user', content: [{ type: 'text', text }] }],
      maxTokens: 700,
      temperature: 0,
      session,
      turn,
      signal: AbortSignal.timeout(120_000),
      image: () => Promise.reject(new Error('nano asks for no image')),
    });
    text += reply.text;
    try {
      const { action } = decodeTurn(fromText(reply.text));
      if (action === 'unknown') return { answer: '<unknown>', text };
      if (action.name === 'Terminate') return { answer: action.argument, text };
      text += toText(
        encodeObservation(
          action.name === 'OCR'
            ? { rows: read(Number(action.argument.replace('image-', ''))) }
            : calculated(action.argument),
        ),
      );
    } catch {
      // A turn that cannot be read is a wrong answer here; in a run it would be fed back.
      return { answer: undefined, text };
    }
  }
  return { answer: undefined, text };
}

/** What the cluster's Calculate gives. */
function calculated(expression: string): { result: string } | { error: string } {
  try {
    const result = calculateExpression(expression);
    return { result: typeof result === 'string' ? result : JSON.stringify(result) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

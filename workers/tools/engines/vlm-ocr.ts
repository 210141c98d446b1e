/** OCR by a vision model that a server answers: it is asked to write down what it reads. */
import type { Question, Reply } from '../tool.ts';

/** A dense page; the model's own `max_turn_tokens` and the run's budget may leave fewer. */
const MOST_TOKENS = 4_000;
const NOTHING = '[no text]';

const INSTRUCTIONS =
  'You write down the text in an image exactly as it stands there, in its own language and spelling. One line for each ' +
  'row of text, from top to bottom; where a row has separate pieces, such as the columns of a table or a name and its ' +
  `price, put a tab between them. Add nothing: no comment, no description, no Markdown. If there is no text, write ${NOTHING}`;

/**
 * Rows as other OCR engines give them, but for what a model does not tell: there are no boxes and no scores, since a box
 * that the model makes up, or one around the whole image, would be taken for a place.
 */
export type Transcript = {
  readonly text: string;
  readonly rows: { text: string; cells: { text: string }[] }[];
  /** There is more text than the model may write. */
  readonly cut_off?: true;
};

/** @throws what `ask` throws */
export async function transcribe(
  image: NonNullable<Question['images']>[number],
  ask: (question: Question) => Promise<Reply>,
): Promise<Transcript> {
  const question = { instructions: INSTRUCTIONS, text: 'Write down the text in this image.', images: [image] };
  const { text, cutOff } = await ask({ ...question, maxTokens: MOST_TOKENS });
  const lines = unfenced(text)
    .split('\n')
    .map((line) =>
      line
        .replace(/[^\S\t]+/g, ' ')
        .replace(/ ?\t[ \t]*/g, '\t')
        .trim(),
    )
    .filter((line) => line !== '' && line !== NOTHING);
  const rows = lines.map((line) => ({ text: line, cells: line.split('\t').map((cell) => ({ text: cell })) }));
  return { text: lines.join('\n'), rows, ...(cutOff ? { cut_off: true as const } : {}) };
}

/** Some models put all they write into a block of Markdown, whatever they are told. */
const unfenced = (text: string): string => /^\s*```[a-z]*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text;

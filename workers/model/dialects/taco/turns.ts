/** What a run says to the model between its replies: the request, observations, and feedback on what went wrong. */
import type { ActionStep, Budgets, ImageRef, ModelStep, Run } from '../../../../shared/contract.ts';
import type { PromptPart } from '../../backends/backend.ts';

/**
 * The images that a prompt shows. Images come in the order of their names and the first ones stay: dropping an early
 * one later would change the bytes of a prompt that the engine holds already.
 */
export interface Gallery {
  readonly most: number;
  shown: number;
}

/** A model's turn with the actions that were carried out for it. */
export interface FinishedTurn {
  readonly reply: ModelStep;
  readonly done: readonly ActionStep[];
}

type Piece = string | ImageRef;

/** The first user turn: one line for each input image, the user's instructions if there are any, the question. */
export function requestTurn(run: Run, inputs: readonly ImageRef[], gallery: Gallery): Piece[] {
  const { instructions, question } = run.config;
  return [
    ...inputs.flatMap((image) => [...imageLine(image, gallery), '\n']),
    instructions === undefined ? '' : `Instructions: ${instructions}\n`,
    `Question: ${question}`,
  ];
}

/** The user turn after a reply: what its actions found, or what was wrong with it. */
export function feedbackTurn({ reply, done }: FinishedTurn, budgets: Budgets, gallery: Gallery): Piece[] {
  const cut =
    reply.finishReason === 'length'
      ? `\nYour reply was cut off after ${reply.usage.outputTokens || budgets.turnTokens} tokens. Say less.`
      : '';
  if (reply.problem !== undefined) {
    return [
      `Your reply could not be read. ${reply.problem}${cut}\nSend one JSON object and nothing around it: {"thought": "...", "actions": [{"name": "...", "arguments": {...}}]}. Escape line breaks, quotation marks and backslashes within its strings.`,
    ];
  }
  if (reply.actions.length === 0) {
    return [
      `You asked for no action, so there is nothing new to see.${cut}\nAsk for the action you need, or end with Terminate if you can answer.`,
    ];
  }
  const pieces = done.flatMap((step, index) => {
    const head = observationHead(index, step.action.name, reply.actions.length);
    return [index > 0 ? '\n' : '', `${head}\n`, ...observed(step, gallery)];
  });
  const failed = done.some((step) => !step.observation.ok);
  return [...pieces, `\n${cut === '' ? '' : `${cut.slice(1)}\n`}${failed ? AFTER_FAILURE : AFTER_SUCCESS}`];
}

const AFTER_SUCCESS =
  'This may be wrong or miss something: check it against the question before you use it. If it is enough, give the answer with Terminate; if not, go on with your next step.';
const AFTER_FAILURE =
  'An action failed. Mend its arguments, try another way, or give the best answer you can with Terminate.';

/** How an observation is headed: by its action's name where there are several. */
export const observationHead = (index: number, action: string, count: number): string =>
  count === 1 ? 'OBSERVATION:' : `OBSERVATION ${index + 1} (${action}):`;

function observed({ observation }: ActionStep, gallery: Gallery): Piece[] {
  if (!observation.ok) return [JSON.stringify({ error: observation.error })];
  const images = observation.images.flatMap((image) => ['\n', ...imageLine(image, gallery)]);
  return [JSON.stringify(observation.result), ...images];
}

function imageLine(image: ImageRef, gallery: Gallery): Piece[] {
  if (gallery.shown >= gallery.most) {
    const size = `${image.width} x ${image.height} pixels`;
    return [
      `${image.name}: not shown (${size}), as only ${gallery.most} images can be; actions can use it by its name`,
    ];
  }
  gallery.shown++;
  return [`${image.name}: `, image];
}

/**
 * Says that the next reply must be the answer, and why. It is added to the end of the newest turn.
 * @param budget name of the budget that is spent, as `budget.ts` names them
 */
export function answerNowText(budget: string, budgets: Budgets): string {
  return `\n\nAnswer now. ${reason(budget, budgets)} Your next reply must hold Terminate with the best answer you can give from what you know, and no other action.`;
}

function reason(budget: string, budgets: Budgets): string {
  switch (budget) {
    case 'replies':
      return `It is your last of ${budgets.replies} ${budgets.replies === 1 ? 'reply' : 'replies'}.`;
    case 'tool_calls':
      return `No further action can be carried out: the limit is ${budgets.toolCalls ?? 0}.`;
    case 'output_tokens':
      return `The ${budgets.outputTokens ?? ''} tokens for this question are nearly used up.`;
    case 'active_seconds':
    case 'tool_seconds':
      return 'The working time for this question is used up.';
    case 'deadline':
      return 'The time until the answer is due is nearly over.';
    default:
      return `The budget ${JSON.stringify(budget)} is spent.`;
  }
}

/** Message content from text and images, with neighbouring texts as one part. */
export function toParts(pieces: readonly Piece[]): PromptPart[] {
  const parts: PromptPart[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') parts.push({ type: 'text', text });
    text = '';
  };
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else {
      flush();
      parts.push({ type: 'image', image: piece });
    }
  }
  flush();
  return parts;
}

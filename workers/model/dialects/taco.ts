/** The dialect of TACO (arXiv 2412.05479): each reply is a JSON object of a thought and the actions that follow from it. */
import type { ActionStep, ImageRef, ModelStep, Run } from '../../../shared/contract.ts';
import type { PromptMessage } from '../backends/backend.ts';
import type { Dialect } from './dialect.ts';
import { parseReply } from './taco/parse.ts';
import { systemText } from './taco/prompt.ts';
import { answerNowText, type FinishedTurn, feedbackTurn, type Gallery, requestTurn, toParts } from './taco/turns.ts';

export interface TacoOptions {
  /**
   * Images that a prompt shows at most. The first ones are shown, later ones are named with their size: every prompt
   * must begin with the one before it, so an image that was shown stays.
   */
  readonly maxImages?: number | undefined;
}

export function taco(options: TacoOptions = {}): Dialect {
  return {
    name: 'taco',
    render: (run) => render(run, options.maxImages ?? Number.POSITIVE_INFINITY),
    parse: parseReply,
  };
}

/**
 * The conversation up to the reply that comes next: system, request, then each reply byte for byte with the turn that
 * answers it. It grows only at its end: a turn's text depends on the steps before it and on what the run pinned. The
 * call for the answer stands in the newest turn alone, as the reply to it is a run's last.
 */
function render(run: Run, maxImages: number): readonly PromptMessage[] {
  const { config } = run;
  const gallery: Gallery = { most: maxImages, shown: 0 };
  const messages: PromptMessage[] = [{ role: 'system', content: toParts([systemText(config)]) }];
  let pieces = requestTurn(run, inputImages(run), gallery);
  for (const turn of finishedTurns(run.steps)) {
    messages.push({ role: 'user', content: toParts(pieces) });
    messages.push({ role: 'assistant', content: [{ type: 'text', text: turn.reply.text }] });
    pieces = feedbackTurn(turn, config.budgets, gallery);
  }
  if (run.answerNow !== undefined) pieces.push(answerNowText(run.answerNow, config.budgets));
  messages.push({ role: 'user', content: toParts(pieces) });
  return messages;
}

/** The images that the user gave. A run's list may also hold those that tools made since, which show where they came. */
function inputImages(run: Run): readonly ImageRef[] {
  const made = new Set<string>();
  for (const step of run.steps) {
    if (step.kind !== 'action' || !step.observation.ok) continue;
    for (const image of step.observation.images) made.add(image.name);
  }
  return run.images.filter((image) => !made.has(image.name));
}

function finishedTurns(steps: Run['steps']): readonly FinishedTurn[] {
  const turns: { reply: ModelStep; done: ActionStep[] }[] = [];
  for (const step of steps) {
    if (step.kind === 'model') turns.push({ reply: step, done: [] });
    else turns.at(-1)?.done.push(step);
  }
  return turns;
}

/** The dialect of cota-nano: runs become token scaffold, turns become thoughts in our own words and actions. */
import type { Action, ActionStep, ImageRef, ModelStep, Run } from '../../../shared/contract.ts';
import {
  decodeTurn,
  encodeObservation,
  encodePrompt,
  fitRows,
  fromText,
  ID,
  MARKS,
  marksOf,
  NANO_TOOLS,
  type NanoTool,
  toText,
} from '../../../shared/nano/format.ts';
import { type Observed, observe, type RowPlace } from '../../../shared/nano/observe.ts';
import type { PromptMessage } from '../backends/backend.ts';
import type { Dialect, ParsedReply } from './dialect.ts';
import { type Quoted, turnInWords } from './nano-words.ts';

const END = toText([ID.end]);

/** A step of the model with the budget that its prompt named as spent, where it did. */
type PromptedStep = ModelStep & { readonly answerNow?: string | undefined };

/** An observation as the model is told of it, and the places of its rows. */
function observed(step: ActionStep): Observed {
  const { observation, action } = step;
  return observation.ok
    ? observe(action.name, observation.result)
    : { observation: { error: observation.error.message }, places: [] };
}

function userMessage(ids: readonly number[]): PromptMessage {
  return { role: 'user', content: [{ type: 'text', text: toText(ids) }] };
}

/** The images that the user gave; of those that tools made the model hears where they are made. */
function inputImages(run: Run): readonly ImageRef[] {
  const made = new Set<string>();
  for (const step of run.steps) {
    if (step.kind !== 'action' || !step.observation.ok) continue;
    for (const image of step.observation.images) made.add(image.name);
  }
  return run.images.filter((image) => !made.has(image.name));
}

/** Puts <now> before the closing <turn>. */
function hurry(ids: readonly number[], answerNow: string | undefined): number[] {
  return answerNow === undefined ? [...ids] : [...ids.slice(0, -1), ID.now, ID.turn];
}

/** Prompt, then reply and answer in turn. It grows only at its end. */
function render(run: Run): readonly PromptMessage[] {
  const known = new Set<string>(NANO_TOOLS);
  const { question } = run.config;
  let pending: number[] = encodePrompt({
    tools: run.config.tools.map((tool) => tool.name).filter((name): name is NanoTool => known.has(name)),
    budget: run.config.budgets.replies,
    images: inputImages(run).map(({ width, height }) => ({ width, height })),
    question,
  });
  const messages: PromptMessage[] = [];
  let marks = 0;
  for (const [at, step] of run.steps.entries()) {
    if (step.kind === 'action') {
      const { observation } = observed(step);
      pending.push(...encodeObservation(observation, question, marks));
      marks += marksOf(observation);
      continue;
    }
    const { text, answerNow, problem }: PromptedStep = step;
    messages.push(userMessage(hurry(pending, answerNow)), { role: 'assistant', content: [{ type: 'text', text }] });
    // A reply that was cut off still ends here.
    pending = text.endsWith(END) ? [] : [ID.end];
    const followed = run.steps[at + 1]?.kind === 'action';
    if (!followed) pending.push(...encodeObservation({ error: problem ?? 'no action' }, question, marks));
  }
  messages.push(userMessage(hurry(pending, run.answerNow)));
  return messages;
}

/** Every row that was seen in this run, by its mark; where marks were used again, the newest. */
function rowsByMark(run: Run): Map<number, Quoted> {
  const rows = new Map<number, Quoted>();
  let next = 0;
  for (const step of run.steps) {
    if (step.kind !== 'action') continue;
    const { observation, places } = observed(step);
    if (!('rows' in observation)) continue;
    const image = String(step.action.arguments.image ?? 'image-0');
    for (const { row, text } of fitRows(observation.rows).seen)
      rows.set(next++ % MARKS, { ...(places[row] as RowPlace), seen: text, image, tool: step.action.name });
  }
  return rows;
}

function unreadable(problem: string): ParsedReply {
  return { thought: '', actions: [], problem };
}

/** Reads a turn. A reply that breaks the format names the fault; the words go back to the model as <err>. */
function parse(reply: string, run: Run): ParsedReply {
  let turn: ReturnType<typeof decodeTurn>;
  try {
    turn = decodeTurn(fromText(reply));
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error));
  }
  const rows = rowsByMark(run);
  const quotes = turn.quotes.flatMap((mark) => rows.get(mark) ?? []);
  if (quotes.length < turn.quotes.length) return unreadable('a row is quoted that was not read');
  const said = turnInWords(turn.action, quotes, [...rows.values()], run.config.question);
  return typeof said === 'string'
    ? unreadable(said)
    : { thought: said.thought, actions: [said.action satisfies Action] };
}

export function nano(): Dialect {
  return { name: 'nano', render, parse };
}

/** The dialect of cota-nano: runs become token scaffold, turns become thoughts in our own words and actions. */

import { z } from 'zod';
import type { Action, ActionStep, ImageRef, ModelStep, Run } from '../../../shared/contract.ts';
import { CANNOT_TELL } from '../../../shared/data/chain.ts';
import {
  decodeTurn,
  encodeObservation,
  encodePrompt,
  fromText,
  ID,
  NANO_TOOLS,
  type NanoObservation,
  type NanoTool,
  type NanoTurn,
  normaliseRow,
  restoreSpan,
  toText,
} from '../../../shared/nano/format.ts';
import type { PromptMessage } from '../backends/backend.ts';
import type { Dialect, ParsedReply } from './dialect.ts';

/** What a run says when the image does not hold what was asked. */

const END = toText([ID.end]);

/** A step of the model with the budget that its prompt named as spent, where it did. */
type PromptedStep = ModelStep & { readonly answerNow?: string | undefined };

const readRows = z.object({ rows: z.array(z.object({ cells: z.array(z.object({ text: z.string() })) })) });
const readText = z.object({ text: z.string() });
const computed = z.object({ result: z.json() });

/** Rows of what OCR read, with tabs between cells; undefined when the result is another tool's. */
function observedRows(result: unknown): string[] | undefined {
  const rows = readRows.safeParse(result);
  if (rows.success)
    return rows.data.rows.map((row) => row.cells.map((cell) => cell.text.replaceAll('\t', ' ')).join('\t'));
  const text = readText.safeParse(result);
  return text.success ? text.data.text.split('\n') : undefined;
}

/** An observation as the model is told of it. */
function nanoObservation(step: ActionStep): NanoObservation {
  const { observation } = step;
  if (!observation.ok) return { error: observation.error.message };
  const rows = observedRows(observation.result);
  if (rows) return { rows };
  const result = computed.safeParse(observation.result);
  const value = result.success ? result.data.result : observation.result;
  return { result: typeof value === 'string' ? value : JSON.stringify(value) };
}

function userMessage(ids: readonly number[]): PromptMessage {
  return { role: 'user', content: [{ type: 'text', text: toText(ids) }] };
}

/** The images that the user gave; the model is not told of those that tools made. */
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
  const names = run.config.tools.map((tool) => tool.name).filter((name): name is NanoTool => known.has(name));
  const prompt = encodePrompt({
    tools: names,
    budget: run.config.budgets.replies,
    images: inputImages(run).map(({ width, height }) => ({ width, height })),
    question: run.config.question,
  });
  const messages: PromptMessage[] = [];
  let pending: number[] = prompt;
  for (const [at, step] of run.steps.entries()) {
    if (step.kind === 'action') {
      pending.push(...encodeObservation(nanoObservation(step)));
      continue;
    }
    const { text, answerNow, problem }: PromptedStep = step;
    messages.push(userMessage(hurry(pending, answerNow)), { role: 'assistant', content: [{ type: 'text', text }] });
    // A reply that was cut off still ends here.
    pending = text.endsWith(END) ? [] : [ID.end];
    const followed = run.steps[at + 1]?.kind === 'action';
    if (!followed) pending.push(...encodeObservation({ error: problem ?? 'no action' }));
  }
  messages.push(userMessage(hurry(pending, run.answerNow)));
  return messages;
}

/** Rows of everything that was read in this run, as the reader wrote them. */
function sourceRows(run: Run): string[] {
  return run.steps.flatMap((step) =>
    step.kind === 'action' && step.observation.ok ? (observedRows(step.observation.result) ?? []) : [],
  );
}

/** The source text of a normalised span: case, accents and punctuation as they stand in the image. */
function restore(rows: readonly string[], span: string): string | undefined {
  for (const row of rows) {
    const found = restoreSpan(row, span);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A numeral stays as the model wrote it, with a decimal point; words get back their case. */
function answerText(argument: string, quotes: readonly string[], rows: readonly string[]): string {
  if (!/\p{L}|\uFFFD/u.test(argument)) return argument;
  const cited = rows.filter((row) => quotes.some((quote) => normaliseRow(row).includes(quote)));
  return restore([...cited, ...rows], argument) ?? argument;
}

function thoughtOf(turn: NanoTurn, rows: readonly string[]): string {
  const cited = turn.quotes.map((quote) => `"${(restore(rows, quote) ?? quote).replaceAll('\t', ' ')}"`);
  const evidence =
    cited.length === 0
      ? ''
      : cited.length === 1
        ? `The row ${cited[0]} holds what is asked for.`
        : `The rows ${cited.slice(0, -1).join(', ')} and ${cited.at(-1)} hold what is asked for.`;
  if (turn.action === 'unknown') return [evidence, 'The image does not tell what was asked.'].filter(Boolean).join(' ');
  const next = {
    OCR: `The answer must be read, so the text of ${turn.action.argument} comes first.`,
    Calculate: `What remains is arithmetic: ${turn.action.argument}.`,
    Terminate: `The answer is ${answerText(turn.action.argument, turn.quotes, rows)}.`,
  } as Record<string, string>;
  return [evidence, next[turn.action.name] ?? `${turn.action.name} comes next.`].filter(Boolean).join(' ');
}

function unreadable(problem: string): ParsedReply {
  return { thought: '', actions: [], problem };
}

/** The action in the words of its tool's schema, or what is wrong with it. */
function actionOf(turn: NanoTurn, rows: readonly string[]): Action | string {
  if (turn.action === 'unknown') return { name: 'Terminate', arguments: { answer: CANNOT_TELL } };
  const { name, argument } = turn.action;
  if (argument.trim() === '') return `${name} needs an argument`;
  if (name === 'Terminate') return { name, arguments: { answer: answerText(argument, turn.quotes, rows) } };
  if (name === 'Calculate') return { name, arguments: { expression: argument } };
  if (name !== 'OCR') return `${name} cannot be used yet`;
  return /^image-\d+$/.test(argument)
    ? { name, arguments: { image: argument } }
    : 'OCR needs the name of an image: image-0';
}

/** Reads a turn. A reply that breaks the format names the fault; the words go back to the model as <err>. */
function parse(reply: string, run: Run): ParsedReply {
  let turn: NanoTurn;
  try {
    turn = decodeTurn(fromText(reply));
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error));
  }
  const rows = sourceRows(run);
  const action = actionOf(turn, rows);
  if (typeof action === 'string') return unreadable(action);
  return { thought: thoughtOf(turn, rows), actions: [action] };
}

export function nano(): Dialect {
  return { name: 'nano', render, parse };
}

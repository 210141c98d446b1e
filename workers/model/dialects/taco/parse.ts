/** Reads a model's reply: finds the turn in whatever stands around it, or says what keeps it from being read. */
import type { Action, Run } from '../../../../shared/contract.ts';
import type { ParsedReply } from '../dialect.ts';
import type { FoundObject } from './json-node.ts';
import { quote, readTurn, TERMINATE, type Turn } from './shapes.ts';
import { findObjects } from './tolerant-json.ts';

/** More actions than this in one reply are a model running in circles. */
const MOST_ACTIONS = 32;

/** What of a run the parser needs. */
export interface ParseContext {
  readonly config: Pick<Run['config'], 'tools'>;
  readonly answerNow: string | undefined;
}

/**
 * Reads a reply of the TACO dialect.
 *
 * Rules where a reply can be taken in more than one way:
 * - The first turn counts. What follows it is a model that writes its own observations, and is left aside.
 * - Calls that stand side by side, with no observation between them, are one turn.
 * - An action in which the text breaks off is dropped, the whole ones before it stand. Brackets that are merely
 *   missing at the end break nothing off.
 * - What stands within `<think>` is not the reply, unless nothing stands after it.
 * - An empty list of actions is a turn; a missing one is a problem.
 * - Once the answer is due (`answerNow`), plain prose is the answer, and so is an answer that breaks off.
 *
 * @param reply the reply as the backend gave it
 * @returns the thought and the actions in their order; `problem` in words for the model when there is no turn to be read
 */
export function parseReply(reply: string, context: ParseContext): ParsedReply {
  const { thinking, body, open } = splitThinking(clean(reply));
  if (body.trim() === '' && thinking.trim() === '') return problem('', 'It was empty.');
  if (open) return problem(thinking, 'It ended within its thinking, before any JSON.');
  const text = unescaped(body.trim() === '' ? thinking : body);
  const reading = findTurn(text, context);
  if (reading === undefined) return withoutTurn(text, context);
  const before = leadingText(text.slice(0, reading.start)) || leadingText(body.trim() === '' ? '' : thinking);
  return judge(reading.turn, reading.turn.thought ?? before, context);
}

function judge(turn: Turn, thought: string, context: ParseContext): ParsedReply {
  const calls = turn.calls;
  if (calls === undefined) {
    if (turn.cut) return problem(thought, 'It breaks off before its actions.');
    return problem(thought, 'Its JSON has no "actions".');
  }
  if (calls.length > MOST_ACTIONS) {
    return problem(thought, `It asks for ${calls.length} actions; at most ${MOST_ACTIONS} can stand in one reply.`);
  }
  const actions: Action[] = [];
  for (const call of calls) {
    if ('problem' in call) return problem(thought, call.problem);
    if ('action' in call) actions.push(call.action);
    else if (context.answerNow !== undefined && call.answer !== undefined) actions.push(answer(call.answer));
  }
  if (actions.length === 0 && (calls.length > 0 || turn.cut))
    return problem(thought, 'It breaks off within its actions.');
  return { thought, actions };
}

interface Reading {
  readonly turn: Turn;
  /** Where its JSON begins in the text. */
  readonly start: number;
}

/** Looks from the first brace on; if braces in prose hid the turn, from the first and the last place that looks like one. */
function findTurn(text: string, context: ParseContext): Reading | undefined {
  let best: Reading | undefined;
  for (const from of new Set([0, ...likelyStarts(text)])) {
    const reading = firstTurn(text, findObjects(text, from).objects, context);
    if (reading?.turn.calls !== undefined) return reading;
    best ??= reading;
  }
  return best;
}

/** The first and last `{` that a key of a turn or call follows. */
function likelyStarts(text: string): readonly number[] {
  const starts: number[] = [];
  for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) {
    if (/^\{\s{0,40}["'“”‘’`]?(?:thought|actions?|name|tool|function)/i.test(text.slice(at, at + 60))) {
      starts[starts.length === 0 ? 0 : 1] = at;
    }
  }
  return starts;
}

function firstTurn(text: string, objects: readonly FoundObject[], context: ParseContext): Reading | undefined {
  const { tools } = context.config;
  for (const [index, { node, start }] of objects.entries()) {
    const turn = readTurn(node, tools);
    if (turn !== undefined) return { turn: joined(turn, text, objects.slice(index), context), start };
  }
  return undefined;
}

/** Adds what belongs to a turn although it stands in objects of its own: further calls, or the actions of a lone thought. */
function joined(first: Turn, text: string, objects: readonly FoundObject[], context: ParseContext): Turn {
  let turn = first;
  for (const [index, next] of objects.entries()) {
    const previous = objects[index - 1];
    if (previous === undefined) continue;
    if (turn.calls !== undefined && !turn.bare) break;
    if (/observation|response|result/i.test(text.slice(previous.end, next.start))) break;
    const more = readTurn(next.node, context.config.tools);
    if (more?.calls === undefined || more.thought !== undefined || (turn.bare && !more.bare)) break;
    turn = { ...turn, calls: [...(turn.calls ?? []), ...more.calls], bare: more.bare, cut: more.cut };
  }
  return turn;
}

function withoutTurn(text: string, context: ParseContext): ParsedReply {
  if (context.answerNow !== undefined && likelyStarts(text).length === 0) {
    const prose = leadingText(text).replace(/^(?:final )?answer\s{0,9}[:=]\s{0,9}/i, '');
    if (prose !== '') return { thought: '', actions: [answer(prose)] };
  }
  if (!text.includes('{')) return problem(leadingText(text), 'There was no JSON object in it.');
  const [only] = findObjects(text).objects;
  if (only === undefined || only.node.entries.length === 0) {
    return problem(
      '',
      'There is a "{" in it, but what follows is no JSON object: look at its quotes, commas and brackets.',
    );
  }
  const keys = only.node.entries.slice(0, 5).map(([key]) => quote(key));
  return problem('', `Its JSON has neither "thought" nor "actions" but ${keys.join(', ')}.`);
}

const answer = (text: string): Action => ({ name: TERMINATE, arguments: { answer: text } });
const problem = (thought: string, words: string): ParsedReply => ({ thought, actions: [], problem: words });

/** Drops byte order marks, NULs, and a fence or stop token at the end, which an unclosed string would take in. */
function clean(reply: string): string {
  let text = reply.replaceAll('\ufeff', '').replaceAll('\0', '').trimEnd();
  for (const ending of ['```', '<|im_end|>', '</s>', '<|eot_id|>', '<|endoftext|>', '```']) {
    if (text.endsWith(ending)) text = text.slice(0, -ending.length).trimEnd();
  }
  return text;
}

const THINKING = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<reasoning>', '</reasoning>'],
  ['[THINK]', '[/THINK]'],
  ['◁think▷', '◁/think▷'],
] as const;

/** Parts thinking from the reply. The opening tag may be missing: some servers put it into the prompt. */
function splitThinking(text: string): { readonly thinking: string; readonly body: string; readonly open: boolean } {
  const brace = text.indexOf('{');
  for (const [begin, end] of THINKING) {
    const begins = text.indexOf(begin);
    const inFront = begins >= 0 && (brace < 0 || begins < brace);
    const ends = text.indexOf(end, inFront ? begins : 0);
    if (ends >= 0 && (inFront || brace < 0 || !insideJson(text, ends))) {
      const thinking = text.slice(inFront ? begins + begin.length : 0, ends);
      return { thinking, body: text.slice(ends + end.length), open: false };
    }
    if (inFront && ends < 0) return { thinking: text.slice(begins + begin.length), body: '', open: true };
  }
  return { thinking: '', body: text, open: false };
}

/** True when an end tag that nothing opened stands within a JSON object, as part of what a thought says. */
const insideJson = (text: string, at: number): boolean =>
  findObjects(text).objects.some(({ start, end }) => start < at && at < end);

/** A reply that is a JSON string of JSON, `{\"thought\": ...}`: one level of escapes is taken off. */
function unescaped(text: string): string {
  const brace = text.indexOf('{');
  if (brace < 0 || !/^\{(?:\\n|\s){0,20}\\"/.test(text.slice(brace, brace + 64))) return text;
  return text.replace(/\\([nt"\\])/g, (_, char: string) => (char === 'n' ? '\n' : char === 't' ? '\t' : char));
}

/** Words in front of the JSON, without the marks that announce it. */
function leadingText(text: string): string {
  if (text === '') return '';
  return text
    .replace(/```\w{0,20}/g, '')
    .replace(/<\/?tool_calls?>/g, '')
    .replace(/^[ \t]{0,9}#{1,6}[ \t]{0,9}step[ \t]{0,9}\d{0,9}[ \t#:]{0,9}$/gim, '')
    .replace(/^\s{0,99}(?:thought|assistant)\s{0,9}:\s{0,9}/i, '')
    .replace(/(?:actions?|json)\s{0,9}:?\s{0,9}\[?\s{0,9}$/i, '')
    .trim()
    .toWellFormed();
}

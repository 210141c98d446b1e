/**
 * Recognises a turn in the objects of a reply: the asked-for `{"thought", "actions": [{"name", "arguments"}]}`, and the
 * spellings that models trained on other formats fall into (function calls, single objects, flat arguments).
 */
import type { Action, JsonObject, ToolSpec } from '../../../../shared/contract.ts';
import { type Node, type ObjectNode, toJson } from './json-node.ts';
import { readValue } from './tolerant-json.ts';

export const TERMINATE = 'Terminate';

const THOUGHT = ['thought', 'thoughts', 'reasoning', 'rationale', 'thinking', 'analysis'];
const ACTIONS = ['actions', 'action', 'toolcalls', 'toolcall', 'functioncalls', 'functioncall', 'calls', 'tools'];
const NAME = ['name', 'toolname', 'tool', 'actionname', 'action', 'functionname', 'function', 'apiname', 'api'];
const ARGUMENTS = [
  ...['arguments', 'args', 'argument', 'parameters', 'params', 'kwargs', 'input', 'inputs'],
  ...['actioninput', 'actionarguments', 'toolinput', 'toolarguments', 'apiparams'],
];
const ANSWER = ['answer', 'finalanswer'];
const ANSWER_ARGUMENT = [...ANSWER, 'finalresponse', 'response', 'result', 'output', 'text', 'value'];
/** Keys beside a flat call's arguments that are none of them. */
const ASIDE = [...THOUGHT, ...NAME, 'id', 'callid', 'toolcallid', 'type', 'index', 'step'];
const ENDINGS = ['terminate', 'finish', 'finalanswer', 'answer'];
const NOTHING = ['', 'none', 'null', 'nothing', 'noaction', 'na'];

/** One entry of a turn's actions: an action, what is wrong with it, or the fact that the text ends within it. */
type Call =
  | { readonly action: Action }
  | { readonly problem: string }
  | { readonly cut: true; readonly answer?: string };

export interface Turn {
  readonly thought: string | undefined;
  /** undefined when the object has a thought and no actions at all. */
  readonly calls: readonly Call[] | undefined;
  /** True for an object that is a call by itself, so that others may stand beside it. */
  readonly bare: boolean;
  readonly cut: boolean;
}

/** @returns the turn that this object is, or undefined when it is some other object */
export function readTurn(node: ObjectNode, tools: readonly ToolSpec[]): Turn | undefined {
  const thoughtNode = field(node, THOUGHT);
  const thought = thoughtNode === undefined ? undefined : asText(thoughtNode);
  const answer = field(node, ANSWER);
  const calls = readCalls(node, tools, answer);
  if (calls !== undefined && (calls.length > 0 || answer === undefined)) {
    const bare = thought === undefined && field(node, ACTIONS.slice(0, 1)) === undefined;
    return { thought, calls, bare, cut: node.cut };
  }
  if (answer !== undefined && !isNull(answer)) {
    return { thought, calls: [terminate(answer, node.cut)], bare: false, cut: node.cut };
  }
  return thought === undefined ? undefined : { thought, calls, bare: false, cut: node.cut };
}

/** The calls that an object holds or is; undefined when it says nothing of calls. */
function readCalls(
  node: ObjectNode,
  tools: readonly ToolSpec[],
  answer: Node | undefined,
): readonly Call[] | undefined {
  const listed = field(node, ACTIONS);
  const inner = listed === undefined ? undefined : unquoted(listed);
  if (inner?.kind === 'list') {
    return inner.items.flatMap((item, index) => readCall(item, tools, answer, index) ?? []);
  }
  if (inner?.kind === 'object') {
    const single = readCall(inner, tools, answer, 0);
    return inner.entries.length === 0 && !inner.cut ? [] : [single ?? { problem: 'The action has no "name".' }];
  }
  if (inner !== undefined && (isNull(inner) || NOTHING.includes(normal(asText(inner))))) return [];
  if (!isCall(node, tools)) return undefined;
  const call = readCall(node, tools, answer, 0);
  return call === undefined ? undefined : [call];
}

/** True for `{"name": ..., "arguments": ...}`, `{"function": {...}}`, and `{"OCR": {...}}` with a tool's name as the key. */
function isCall(node: ObjectNode, tools: readonly ToolSpec[]): boolean {
  const name = field(node, NAME);
  if (name?.kind === 'object') return field(name, NAME) !== undefined;
  if (name !== undefined) return field(node, ARGUMENTS) !== undefined || toolNamed(asText(name), tools) !== undefined;
  return node.entries.length === 1 && toolNamed(node.entries[0]?.[0] ?? '', tools) !== undefined;
}

function readCall(item: Node, tools: readonly ToolSpec[], answer: Node | undefined, index: number): Call | undefined {
  const node = unquoted(item);
  if (node.kind === 'list') return named(node.items[0], node.items[1], tools, answer, node.cut, index);
  if (node.kind !== 'object') {
    if (isNull(node) || NOTHING.includes(normal(asText(node)))) return undefined;
    return named(node, undefined, tools, answer, node.cut, index);
  }
  const wrapped = field(node, ['function', 'toolcall', 'functioncall', 'action']);
  if (wrapped?.kind === 'object') return readCall(wrapped, tools, answer, index);
  const name = field(node, NAME);
  const only = node.entries[0];
  if (name === undefined && node.entries.length === 1 && only && toolNamed(only[0], tools) !== undefined) {
    const key: Node = { kind: 'string', value: only[0], cut: false };
    return named(key, only[1], tools, answer, node.cut, index);
  }
  return named(name, field(node, ARGUMENTS) ?? flatArguments(node), tools, answer, node.cut, index);
}

function flatArguments(node: ObjectNode): ObjectNode {
  const entries = node.entries.filter(([key]) => !ASIDE.includes(normal(key)));
  return { kind: 'object', entries, cut: node.cut };
}

function named(
  name: Node | undefined,
  given: Node | undefined,
  tools: readonly ToolSpec[],
  answer: Node | undefined,
  cut: boolean,
  index: number,
): Call {
  if (name === undefined || !(name.kind === 'string' || name.kind === 'bare') || isNull(name) || name.cut) {
    return cut ? { cut: true } : { problem: `Action ${index + 1} has no "name".` };
  }
  const spelled = asText(name)
    .trim()
    .replace(/^functions?\./, '')
    .replace(/\(\)$/, '');
  const canonical = toolNamed(spelled, tools) ?? spelled;
  if (canonical === '') return { problem: `Action ${index + 1} has no "name".` };
  if (canonical === TERMINATE) return terminate(answerOf(given) ?? answer, cut);
  if (cut) return { cut: true };
  const args = readArguments(
    given,
    tools.find((tool) => tool.name === canonical),
  );
  if (args === undefined) {
    return { problem: `The arguments of ${quote(canonical)} are not an object with an entry for each argument.` };
  }
  return { action: { name: canonical.toWellFormed(), arguments: args } };
}

/** @returns the arguments as JSON; a lone value or a list is laid over the tool's arguments in their order */
function readArguments(given: Node | undefined, tool: ToolSpec | undefined): JsonObject | undefined {
  if (given === undefined || isNull(given)) return {};
  const node = unquoted(given);
  if (node.kind === 'object') return toJson(node) as JsonObject;
  const names = argumentNames(tool);
  const values = node.kind === 'list' ? node.items : [node];
  const single = names[0];
  if (values.length > names.length || single === undefined) return undefined;
  return Object.fromEntries(values.map((value, at) => [names[at] ?? single, toJson(value)]));
}

/** The names of a tool's arguments, those that it requires first. */
function argumentNames(tool: ToolSpec | undefined): readonly string[] {
  const properties = tool?.parameters.properties;
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) return [];
  const required = Array.isArray(tool?.parameters.required) ? tool.parameters.required : [];
  return Object.keys(properties).sort((a, b) => Number(required.includes(b)) - Number(required.includes(a)));
}

function answerOf(given: Node | undefined): Node | undefined {
  if (given === undefined) return undefined;
  const node = given.kind === 'string' && /^\s*\{/.test(given.value) ? unquoted(given) : given;
  if (node.kind !== 'object') return isNull(node) ? undefined : node;
  const found = field(node, ANSWER_ARGUMENT) ?? (node.entries.length === 1 ? node.entries[0]?.[1] : undefined);
  return found === undefined || isNull(found) ? undefined : found;
}

function terminate(answer: Node | undefined, cut: boolean): Call {
  const text = answer === undefined ? '' : asText(answer).trim();
  if (cut || answer?.cut === true) return text === '' ? { cut: true } : { cut: true, answer: text };
  if (text === '') return { problem: 'Terminate has no "answer": its arguments must hold the answer as a string.' };
  return { action: { name: TERMINATE, arguments: { answer: text } } };
}

/** The canonical name of the tool that is meant, whatever its case and separators; undefined when there is none. */
function toolNamed(spelled: string, tools: readonly ToolSpec[]): string | undefined {
  if (spelled === TERMINATE || tools.some((tool) => tool.name === spelled)) return spelled;
  const wanted = normal(spelled);
  const alike = tools.filter((tool) => normal(tool.name) === wanted);
  if (alike.length === 1) return alike[0]?.name;
  return alike.length === 0 && ENDINGS.includes(wanted) ? TERMINATE : undefined;
}

/** A value in words: what an answer or a thought is when it is not a string already. Numbers keep their spelling. */
function asText(node: Node): string {
  switch (node.kind) {
    case 'string':
      return node.value.toWellFormed();
    case 'bare':
      return node.value === null ? '' : node.source.toWellFormed();
    case 'list':
      return node.items.map(asText).join(', ');
    case 'object':
      return JSON.stringify(toJson(node));
  }
}

/** A few characters of a model's own text, fit to be said back to it. */
export const quote = (text: string): string =>
  `"${[...text.slice(0, 82)].slice(0, 40).join('').toWellFormed()}${text.length > 40 ? '...' : ''}"`;

const normal = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]/g, '');
const isNull = (node: Node): boolean => node.kind === 'bare' && node.value === null;

/** The first of these names that the object has, in the order of the names. */
function field(node: ObjectNode, names: readonly string[]): Node | undefined {
  let fields = fieldsOf.get(node);
  if (fields === undefined) {
    fields = new Map(node.entries.map(([key, value]) => [normal(key), value]));
    fieldsOf.set(node, fields);
  }
  for (const name of names) {
    const value = fields.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

const fieldsOf = new WeakMap<ObjectNode, Map<string, Node>>();

/** A string that holds JSON, read; any other node as it is. */
function unquoted(node: Node): Node {
  if (node.kind !== 'string' || !/^\s*[[{]/.test(node.value)) return node;
  const inner = readValue(node.value);
  return inner === undefined || inner.kind === 'string' || inner.kind === 'bare' ? node : inner;
}

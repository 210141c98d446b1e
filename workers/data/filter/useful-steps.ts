/**
 * Whether every step of a chain serves it. A call whose result nothing uses teaches a model to call for the sake of it,
 * and so does an error that is passed over. What counts as use is wide: a word, a number (rounded, in words, in per
 * cent), a count, a label, or an image's name that is said or passed on later. The rule then misses some idle calls,
 * but hardly accuses one that was of use.
 */
import type { Action, JsonObject } from '../../../shared/contract.ts';
import { CANNOT_TELL, type Chain, type ChainObservation } from '../../../shared/data/chain.ts';
import type { Fault } from './fault.ts';
import { Mentions } from './mentions.ts';

/** Tools whose only result is another look: the next thought speaks of what is seen there. */
const LOOKS = new Set(['Crop', 'ZoomIn']);
const SEEING =
  /\b(image|picture|photo|zoom|crop|look|see|seen|show|visible|appear|close|region|area|clear|detail|text|read|sign)/i;
const NOTHING =
  /\b(no|not|none|nothing|neither|never|cannot|can't|couldn't|unable|without|empty|missing|fail|zero|0|don't|doesn't|isn't|aren't)\b/i;
interface Call {
  readonly turn: number;
  readonly action: Action;
  readonly observation: ChainObservation;
  used: boolean;
}

/** @returns the first step that does not serve; undefined where all do. Chains of a right format only. */
export function uselessStep(chain: Chain): Fault | undefined {
  const unread = chain.turns.findIndex(({ problem }) => problem !== undefined);
  if (unread >= 0) return { reason: 'unparsable-turn', detail: `turn ${unread}` };
  const calls = callsOf(chain);
  return failedStep(calls) ?? repeatedStep(calls) ?? unusedResult(chain, calls);
}

const callsOf = ({ turns }: Chain): Call[] =>
  turns.flatMap(({ actions, observations }, turn) =>
    actions
      .filter(({ name }) => name !== 'Terminate')
      .map((action, i) => ({ turn, action, observation: observations[i] as ChainObservation, used: false })),
  );

const where = ({ turn, action }: Call): string => `turn ${turn}: ${action.name}`;

/** A failure is made up for by any call after it that works: the same one mended, or another way. */
function failedStep(calls: readonly Call[]): Fault | undefined {
  const lastOk = calls.findLastIndex(({ observation }) => observation.ok);
  const failed = calls.findIndex(({ observation }, i) => !observation.ok && i > lastOk);
  return failed < 0 ? undefined : { reason: 'failed-step', detail: where(calls[failed] as Call) };
}

function repeatedStep(calls: readonly Call[]): Fault | undefined {
  if (calls.length < 2) return undefined;
  const seen = new Set<string>();
  for (const call of calls) {
    const what = JSON.stringify(call.action);
    if (seen.has(what)) return { reason: 'repeated-step', detail: where(call) };
    if (call.observation.ok) seen.add(what);
  }
  return undefined;
}

function unusedResult(chain: Chain, calls: readonly Call[]): Fault | undefined {
  const later = new Mentions();
  let said = '';
  const choice = /^\(?([A-Z])\)?$/.exec(chain.answer?.trim() ?? '')?.[1];
  const chosen = choice === undefined ? undefined : chain.choices?.[choice.charCodeAt(0) - 65];
  if (chosen !== undefined) later.add(chosen);
  const gaveUp = chain.answer?.trim() === CANNOT_TELL;
  // From the end, so that what is said after a turn is known when the turn is looked at.
  for (let turn = chain.turns.length - 1; turn >= 0; turn--) {
    for (const call of calls)
      if (call.turn === turn && call.observation.ok)
        call.used = gaveUp || isUsed(call.action, call.observation, later, said);
    const { thought, actions } = chain.turns[turn] as Chain['turns'][number];
    later.add(thought);
    said = `${thought}\n${said}`;
    for (const action of actions) for (const text of texts(action.arguments)) later.add(text);
  }
  // Looking at several things and speaking of the one that decides is use of them all.
  const idle = calls.find(
    (call) =>
      call.observation.ok && !call.used && !calls.some((other) => other.used && other.action.name === call.action.name),
  );
  return idle ? { reason: 'unused-result', detail: where(idle) } : undefined;
}

function* texts(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (Array.isArray(value)) for (const item of value) yield* texts(item);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* texts(item);
}

function isUsed(
  action: Action,
  observation: Extract<ChainObservation, { ok: true }>,
  later: Mentions,
  said: string,
): boolean {
  const { result, images = [] } = observation;
  if (images.some(({ name }) => later.hasWord(name))) return true;
  if (LOOKS.has(action.name)) return SEEING.test(said);
  const hits = later.hits(texts(result));
  if (hits === 'some') return true;
  // What is written in another script is used in translation, which no comparison of words can see.
  if (hits === 'foreign') return true;
  if (countsOf(result).some((count) => later.hasNumber(count))) return true;
  // Nothing was found: to go on in the knowledge of it is use.
  if (hits === 'empty') return NOTHING.test(said);
  // A number about a thing (how deep, how like) is used when the thing is spoken of.
  return hits === 'number' && later.speaksOf(texts(withoutImages(action.arguments)));
}

const withoutImages = (given: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => !/^image-\d+$/.test(String(value))));

/** How many a result lists: all, and of each label (`ball-2` is a ball). */
function countsOf(result: JsonObject): number[] {
  const counts: number[] = [];
  for (const value of Object.values(result)) {
    if (!Array.isArray(value)) continue;
    counts.push(value.length);
    const labels = new Map<string, number>();
    for (const item of value) {
      const label = typeof item === 'object' && item !== null && !Array.isArray(item) ? item.label : item;
      if (typeof label !== 'string') continue;
      const plain = label.replace(/-\d+$/, '');
      labels.set(plain, (labels.get(plain) ?? 0) + 1);
    }
    counts.push(...labels.values());
  }
  return counts;
}

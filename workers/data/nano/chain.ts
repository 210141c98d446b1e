/**
 * A question's plan, carried out against what the reader really gave back: quotes, operands and answers are taken from
 * the observation, never from the truth. Where the observation no longer yields the truth there is no chain.
 */
import {
  type NanoChain,
  type NanoObservation,
  type NanoTool,
  type NanoTurn,
  normalise,
} from '../../../shared/nano/format.ts';
import { type Ask, type Evidence, resultText } from '../ask/ask.ts';
import type { Observed, Span } from '../observe/observed.ts';
import type { Random } from '../random.ts';
import type { Place } from '../scene/scene.ts';

export interface Realised {
  readonly chain: NanoChain;
  /** What the chain ends with: the answer as said, or `<unknown>`. */
  readonly answer: string;
}

const bare = (text: string): string => normalise(text).text.replace(/[^a-z0-9]/g, '');

/**
 * The number in `text` that equals `amount`, as the model should write it: without currency, a decimal comma or a space
 * beside the mark mended. Undefined where the text no longer says it.
 */
export function amountIn(text: string, amount: number): string | undefined {
  const plain = normalise(text).text;
  const spaced = plain.replace(/(\d)\s*[.,]\s+(?=\d)/g, '$1.').replace(/(\d) \.(?=\d)/g, '$1.');
  // Letters among digits that are read for digits, and a space that was a decimal mark.
  const letters = spaced
    .replace(/(?<=[\d.,])o|o(?=[\d.,])/g, '0')
    .replace(/(?<=[\d.,])[il|]|[il|](?=[\d.,])/g, '1')
    .replace(/(?<=\d)[,](?=\d\d\b)/g, '.');
  const gap = letters.replace(/\b(\d+) (?=\d\d\b)/g, '$1.');
  for (const tried of [spaced, letters, gap]) {
    for (const match of tried.matchAll(/\d+(?:[.,]\d+)*/g)) {
      if (Math.abs(Number(match[0]) - Math.abs(amount)) < 1e-9)
        return amount < 0 && tried.includes('-') ? `-${match[0]}` : match[0];
    }
  }
  return undefined;
}

/** Letters and digits of two texts, apart by at most `share` of the longer one's length (Levenshtein). */
export function alike(a: string, b: string, share: number): boolean {
  const x = bare(a);
  const y = bare(b);
  if (x === y) return true;
  const limit = Math.floor(Math.max(x.length, y.length) * share);
  if (Math.abs(x.length - y.length) > limit) return false;
  let previous = Array.from({ length: y.length + 1 }, (_, i) => i);
  for (let i = 1; i <= x.length; i++) {
    const row = [i];
    for (let j = 1; j <= y.length; j++) {
      row[j] = Math.min(
        (previous[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (previous[j - 1] as number) + (x[i - 1] === y[j - 1] ? 0 : 1),
      );
    }
    previous = row;
  }
  return (previous[y.length] as number) <= limit;
}

/** One quote per observed row that the evidence touches, from its first place to its last. */
function quotesOf(observed: Observed, evidence: Evidence): string[] | undefined {
  const groups: { row: number; start: number; end: number }[] = [];
  for (const place of evidence) {
    const span = observed.at(place);
    if (!span) return undefined;
    const last = groups.at(-1);
    if (last && last.row === span.row) {
      last.start = Math.min(last.start, span.start);
      last.end = Math.max(last.end, span.end);
    } else groups.push({ ...span });
  }
  return groups.map((g) => (observed.rows[g.row] as string).slice(g.start, g.end));
}

const textOf = (observed: Observed, span: Span): string =>
  (observed.rows[span.row] as string).slice(span.start, span.end);

/** Whether a digit of a neighbouring cell runs into the number: then nobody can tell where it begins. */
function runsOn(observed: Observed, span: Span): boolean {
  const row = observed.rows[span.row] as string;
  const digit = (at: number): boolean => /[\d.,]/.test(row[at] ?? ' ');
  return (digit(span.start - 1) && digit(span.start)) || (digit(span.end - 1) && /\d/.test(row[span.end] ?? ' '));
}

/** The tools of a prompt: always enough for the question, often more. */
function toolsFor(rng: Random, calculates: boolean): NanoTool[] {
  const tools: NanoTool[] = ['OCR', 'Terminate'];
  if (calculates || rng.chance(0.9)) tools.push('Calculate');
  if (rng.chance(0.25))
    tools.push(
      ...rng.sample(
        [
          'Crop',
          'ZoomIn',
          'SolveMathEquation',
          'LocalizeObjects',
          'GetObjects',
          'DetectFaces',
          'QueryKnowledgeBase',
        ] as const,
        rng.int(1, 3),
      ),
    );
  return tools;
}

/** What the question's truth says of a place, for checking what was read there. */
export type TruthAt = (place: Place) => { readonly text: string; readonly amount?: number };

/**
 * @param observed what the reader gave back, or undefined where the question needs no picture
 * @returns undefined where the observation misreads what the question hangs on
 */
export function realise(
  rng: Random,
  ask: Ask,
  observed: Observed | undefined,
  truthAt: TruthAt,
  size: { width: number; height: number },
): Realised | undefined {
  const turns: NanoTurn[] = [];
  const observations: NanoObservation[] = [];
  const calculates = ask.turns.some((t) => typeof t.next === 'object' && 'calculate' in t.next);
  const read: NanoTurn = { quotes: [], action: { name: 'OCR', argument: 'image-0' } };
  let answer = '<unknown>';
  const unknown = (): Realised => {
    turns.push({ quotes: [], action: 'unknown' });
    return finish();
  };
  const finish = (): Realised => {
    const budget = turns.length < 3 && rng.chance(0.1) ? 2 : 3;
    const images = ask.needsPicture || rng.chance(0.5) ? [size] : [];
    return {
      answer,
      chain: { prompt: { tools: toolsFor(rng, calculates), budget, images, question: ask.text }, turns, observations },
    };
  };
  if (ask.needsPicture && observed) {
    turns.push(read);
    if (rng.chance(0.012)) {
      // A tool that failed is asked once more; when it fails again, nothing can be told.
      observations.push({
        error: rng.pick([
          'the tool took too long',
          'the tool failed, try again',
          'image could not be read',
          'OCR is not available now',
        ]),
      });
      turns.push(read);
      if (rng.chance(0.4)) {
        observations.push({
          error: rng.pick(['the tool took too long', 'the tool failed, try again', 'image could not be read']),
        });
        return unknown();
      }
    }
    if (rng.chance(0.006)) {
      observations.push({ rows: [] });
      return unknown();
    }
    const direct = ask.turns.length === 1 && typeof ask.turns[0]?.next === 'object' && 'answer' in ask.turns[0].next;
    observations.push({ rows: observed.rows, ...(direct && rng.chance(0.02) ? { answerNow: true } : {}) });
  }
  let result = '';
  for (const turn of ask.turns) {
    if (turn.next === 'unknown') return unknown();
    const quotes: string[] = [];
    for (const evidence of turn.evidence) {
      if (!observed) return undefined;
      const missing = evidence.filter((place) => !observed.at(place));
      // A row that was missed altogether: what was asked is not in what was read.
      if (missing.length === evidence.length && ask.family === 'look-up' && turn.evidence.length === 1)
        return turns.length === 1 ? unknown() : undefined;
      const found = quotesOf(observed, evidence);
      if (!found) return undefined;
      for (const place of evidence.slice(0, -1)) {
        if (!alike(textOf(observed, observed.at(place) as Span), truthAt(place).text, 0.35)) return undefined;
      }
      quotes.push(...found);
    }
    if ('calculate' in turn.next) {
      const operands: string[] = [];
      for (const place of turn.next.operands) {
        const span = observed?.at(place);
        const amount = truthAt(place).amount;
        const operand =
          observed && span && amount !== undefined && !runsOn(observed, span)
            ? amountIn(textOf(observed, span), amount)
            : undefined;
        // Of a record that was read in pieces, the piece with the number may be one that is not quoted.
        if (
          operand === undefined ||
          !quotes.some((quote) => quote.includes(textOf(observed as Observed, span as Span)))
        )
          return undefined;
        operands.push(operand);
      }
      // An equation is an operand as a whole: its digits and signs must all have been read.
      if (
        ask.family === 'equations' &&
        !quotes.every((q, i) => signs(q) === signs(truthAt((turn.evidence[i] as Evidence)[0] as Place).text))
      )
        return undefined;
      result = resultText(turn.next.result);
      // Float dust or a tie in rounding: what Calculate prints then is nobody's answer.
      if (result.length > 11 || result === 'NaN') return undefined;
      turns.push({ quotes, action: { name: 'Calculate', argument: turn.next.calculate(operands) } });
      observations.push({ result });
      continue;
    }
    if (turn.next.answer === 'result') answer = result;
    else {
      const place = turn.next.answer;
      const span = observed?.at(place);
      if (!observed || !span) return undefined;
      const text = textOf(observed, span);
      if (turn.next.as === 'amount') {
        const said = runsOn(observed, span) ? undefined : amountIn(text, truthAt(place).amount ?? Number(ask.truth));
        if (said === undefined) return undefined;
        answer = said;
      } else {
        if (bare(text) !== bare(ask.truth)) return undefined;
        answer = normalise(text).text.replace(/[\s.:_=~-]+$/, '');
        if (bare(answer) !== bare(ask.truth) || answer === '') return undefined;
      }
    }
    turns.push({ quotes, action: { name: 'Terminate', argument: answer } });
  }
  return finish();
}

/** The digits, letters and signs of an equation, as far as reading it right depends on them. */
const signs = (text: string): string =>
  normalise(text)
    .text.replace(/[x×*]/g, '*')
    .replace(/[÷:/]/g, '/')
    .replace(/[^a-z0-9+*/()=-]/g, '');

/** What a turn of cota-nano says, in the words of people and in the schema of its tool. */
import type { Action } from '../../../shared/contract.ts';
import { CANNOT_TELL } from '../../../shared/data/chain.ts';
import { optionLetter, optionsIn } from '../../../shared/data/options.ts';
import { type NanoTurn, normalise, restoreSpan } from '../../../shared/nano/format.ts';
import type { Bbox, RowPlace } from '../../../shared/nano/observe.ts';
import { COUNT, written } from '../../../shared/nano/references.ts';
import { begins, ends } from '../../../shared/nano/speakable/spans.ts';

/** A row that a turn quotes. */
export interface Quoted extends RowPlace {
  /** As the model reads it. */
  readonly seen: string;
  readonly image: string;
  readonly tool: string;
}

export interface TurnInWords {
  readonly thought: string;
  readonly action: Action;
}

/** A row is enlarged with so much of its height around it: readers cut letters off at an edge. */
const MARGIN = 0.25;
const ZOOM = 3;

const imageOf = (argument: string): string | undefined =>
  /^\d{1,3}$/.test(argument) ? `image-${Number(argument)}` : undefined;

/** Whether the span stands there as the mask lets it be said: `no` does not stand in noodles. */
function standsIn(text: string, span: string): boolean {
  for (let at = text.indexOf(span); at >= 0; at = text.indexOf(span, at + 1))
    if (begins(text, at) && ends(text, at + span.length)) return true;
  return false;
}

/** The source text of a normalised span: case, accents and punctuation as they stand in the image or the question. */
function restored(sources: readonly string[], span: string): string | undefined {
  // A span may go over several cells.
  for (const source of sources.map((one) => one.replaceAll('\t', ' '))) {
    const found = standsIn(normalise(source).text, span) ? restoreSpan(source, span) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A numeral stays as the model wrote it, with a decimal point; words get back their case. */
function answerText(argument: string, quotes: readonly Quoted[], rows: readonly Quoted[], question: string): string {
  // Among options the answer is a letter, whatever rows hold the same text too.
  const options = optionsIn(question);
  const letter =
    options &&
    optionLetter(
      argument,
      options.choices.map((choice) => normalise(choice).text),
    );
  if (letter !== undefined) return letter;
  // A decimal point that a reader lost.
  if (/^\d+ \d\d$/.test(argument)) return argument.replace(' ', '.');
  if (!/\p{L}|\uFFFD/u.test(argument)) return argument;
  const texts = [...quotes, ...rows].map(({ text }) => text);
  return restored([...texts, question], argument) ?? argument;
}

const shown = (row: Quoted): string => `"${row.text.replaceAll('\t', ' ')}"`;

/** Rows of text are quoted, found things counted by kind. */
function evidence(quotes: readonly Quoted[]): string {
  if (quotes.length === 0) return '';
  const [first] = quotes as [Quoted];
  if (quotes.every(({ tool }) => tool !== 'OCR')) {
    const byKind = [...Map.groupBy(quotes, ({ text }) => text)].map(([kind, all]) => `${all.length} × ${kind}`);
    return `What was found: ${byKind.join(', ')}.`;
  }
  const cited = quotes.map(shown);
  return cited.length === 1
    ? `The row ${shown(first)} holds what is asked for.`
    : `The rows ${cited.slice(0, -1).join(', ')} and ${cited.at(-1)} hold what is asked for.`;
}

function enlarged([left, top, right, bottom]: Bbox): Bbox {
  const by = (bottom - top) * MARGIN;
  const within = (value: number): number => Number(Math.min(1, Math.max(0, value)).toFixed(4));
  return [within(left - by), within(top - by), within(right + by), within(bottom + by)];
}

/** The expression with the numbers of the rows that it names. */
function calculated(
  argument: string,
  quotes: readonly Quoted[],
  because: (words: string) => string,
): TurnInWords | string {
  if (argument.trim() === '') return 'Calculate needs an expression';
  try {
    const expression = written(
      argument,
      quotes.map(({ seen }) => seen),
    );
    const thought = because(`What remains is arithmetic: ${expression}.`);
    return { thought, action: { name: 'Calculate', arguments: { expression } } };
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * @param quotes rows that the turn quotes
 * @param rows all rows that were read
 * @returns what is wrong, in words for the model, where the action cannot be carried out
 */
export function turnInWords(
  action: NanoTurn['action'],
  quotes: readonly Quoted[],
  rows: readonly Quoted[],
  question: string,
): TurnInWords | string {
  const because = (words: string): string => [evidence(quotes), words].filter(Boolean).join(' ');
  if (action === 'unknown')
    return {
      thought: because('The image does not tell what was asked.'),
      action: { name: 'Terminate', arguments: { answer: CANNOT_TELL } },
    };
  const { name, argument } = action;
  const image = imageOf(argument);
  switch (name) {
    case 'Terminate': {
      if (argument.trim() === '') return 'Terminate needs an answer';
      const said = argument === COUNT ? String(quotes.length) : argument;
      const answer = answerText(said, quotes, rows, question);
      return { thought: because(`The answer is ${answer}.`), action: { name, arguments: { answer } } };
    }
    case 'Calculate':
      return calculated(argument, quotes, because);
    case 'SolveMathEquation':
      if (argument.trim() === '') return 'SolveMathEquation needs an equation';
      return {
        thought: because(`The equation is to be solved: ${argument}.`),
        action: { name, arguments: { query: argument } },
      };
    case 'OCR':
    case 'GetObjects':
    case 'DetectFaces': {
      if (!image) return `${name} needs the number of an image: 0`;
      const why = {
        OCR: `The answer must be read, so the text of ${image} comes first.`,
        GetObjects: `What ${image} shows comes first.`,
        DetectFaces: `The faces in ${image} are to be found.`,
      }[name];
      return { thought: because(why), action: { name, arguments: { image } } };
    }
    case 'LocalizeObjects': {
      const [, number = '', list = ''] = /^(\d{1,3}) (.+)$/.exec(argument) ?? [];
      const objects = [
        ...new Set(
          list
            .split(',')
            .map((one) => normalise(one).text.trim())
            .filter((one) => one !== ''),
        ),
      ];
      if (objects.length === 0) return 'LocalizeObjects needs the number of an image and what to find: 0 cat, dog';
      const where = `image-${Number(number)}`;
      return {
        thought: because(`${objects.join(', ')}: to be found in ${where} first.`),
        action: { name, arguments: { image: where, objects } },
      };
    }
    case 'ZoomIn': {
      const row = quotes.at(-1);
      if (!row?.bbox) return 'ZoomIn needs a quoted row that has a place';
      return {
        thought: `${shown(row)} is in doubt, so that part of ${row.image} is enlarged.`,
        action: { name, arguments: { image: row.image, bbox: enlarged(row.bbox), zoom_factor: ZOOM } },
      };
    }
    default:
      return `${name} cannot be used yet`;
  }
}

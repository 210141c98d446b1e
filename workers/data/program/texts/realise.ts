/**
 * A question's plan carried out against what was read: quotes, operands and answers come from the observations. Where
 * they are plainly in doubt the chain looks again or says that it cannot tell; where they are wrong without showing it,
 * there is no chain.
 */
import type { JsonObject } from '../../../../shared/contract.ts';
import { CANNOT_TELL, type ChainImage, type ChainTurn } from '../../../../shared/data/chain.ts';
import { type Ask, type Evidence, resultText, type Turn } from '../../ask/ask.ts';
import { alike } from '../../nano/chain.ts';
import type { Random } from '../../random.ts';
import type { EquationFacts, Place, Scene } from '../../scene/scene.ts';
import { equationTurn, sameSigns } from './equation.ts';
import type { TextFamily } from './families.ts';
import { around, type Box, rounded } from './layout.ts';
import type { Look, TextPage } from './page.ts';
import { goalOf, listed, reasonOf, say, whyOf } from './thoughts.ts';
import { type Amount, amountOf, bare } from './values.ts';

export interface Realised {
  readonly turns: readonly ChainTurn[];
  /** What the chain answers: a number as printed, a text, or CANNOT_TELL. */
  readonly answer: string;
  /** What is true of the scene, where the chain does not come to it. */
  readonly sceneTruth?: string;
}

/** A question about pages; places of the second page's scene are counted on from the first one's. */
export interface Question {
  readonly ask: Ask;
  readonly family: TextFamily;
  /** The true answer, as it is to be said. */
  readonly truth: string;
  /** What the scene says at a place, and what number that is. */
  readonly textAt: (place: Place) => string;
  readonly amountAt: (place: Place) => number | undefined;
  /** Decimals of the amounts among which this one stands, as far as they agree in what was read. */
  readonly decimalsAt: (place: Place, read: (place: Place) => string | undefined) => number | undefined;
}

export interface PageSet {
  readonly pages: readonly TextPage[];
  /** First row of each page's scene in the count over all. */
  readonly offsets: readonly number[];
}

const MOST_LOOKS = 1;

const ocr = (image: string): { name: 'OCR'; arguments: JsonObject } => ({ name: 'OCR', arguments: { image } });
const quoted = (row: string): string => `"${row.replace(/\s+/g, ' ').replaceAll('"', '').trim()}"`;

/** Follows one question; one is made for each chain. */
class Course {
  readonly turns: ChainTurn[] = [];
  readonly #looks: { page: number; look: Look }[] = [];
  readonly rng: Random;
  readonly set: PageSet;
  readonly question: Question;
  readonly images: ChainImage[];

  constructor(rng: Random, set: PageSet, question: Question) {
    this.rng = rng;
    this.set = set;
    this.question = question;
    this.images = set.pages.map(({ image }) => image);
  }

  #pageOf({ row }: Place): number {
    let page = 0;
    while ((this.set.offsets[page + 1] ?? Number.POSITIVE_INFINITY) <= row) page++;
    return page;
  }

  #own(place: Place): { page: number; at: Place } {
    const page = this.#pageOf(place);
    return { page, at: { row: place.row - (this.set.offsets[page] ?? 0), cell: place.cell } };
  }

  /** The row of the first reading that shows a place. */
  rowOf(place: Place): { page: number; row: number; start: number; end: number } | undefined {
    const { page, at } = this.#own(place);
    const span = this.set.pages[page]?.reading.observed.at(at);
    return span && { page, ...span };
  }

  /** What was read for a place, the second look before the first. */
  read(place: Place): string | undefined {
    const { page, at } = this.#own(place);
    for (const { page: looked, look } of this.#looks) {
      const found = looked === page ? look.at(at) : undefined;
      if (found) return found.text;
    }
    const span = this.rowOf(place);
    return span && this.#rowText(span.page, span.row).slice(span.start, span.end);
  }

  #rowText(page: number, row: number): string {
    return this.set.pages[page]?.reading.observed.rows[row] ?? '';
  }

  /** One quote per row that the evidence touches, of the second look where that has it. */
  quotes(evidence: Evidence): string[] {
    const out: string[] = [];
    for (const place of evidence) {
      const { page, at } = this.#own(place);
      const second = this.#looks
        .map(({ page: looked, look }) => (looked === page ? look.at(at)?.row : undefined))
        .find((row) => row !== undefined);
      const span = this.rowOf(place);
      const row = second ?? (span && this.#rowText(span.page, span.row));
      if (row !== undefined && quoted(row) !== out.at(-1)) out.push(quoted(row));
    }
    return out;
  }

  amount(place: Place): Amount | undefined {
    const text = this.read(place);
    if (text === undefined || this.#runsOn(place)) return undefined;
    return amountOf(
      text,
      this.question.decimalsAt(place, (other) => this.read(other)),
    );
  }

  /** Whether figures of a neighbouring cell run into the number: then nobody can tell where it begins. */
  #runsOn(place: Place): boolean {
    const span = this.rowOf(place);
    if (!span) return false;
    const row = this.#rowText(span.page, span.row);
    return (
      (/[\d.,]/.test(row[span.start - 1] ?? ' ') && /\d/.test(row[span.start] ?? '')) ||
      (/[\d.,]/.test(row[span.end - 1] ?? ' ') && /\d/.test(row[span.end] ?? ' '))
    );
  }

  readAll(): void {
    const { rng, set, question } = this;
    const names = this.images.map(({ name }) => name);
    const goal = goalOf(rng, question.family);
    const results = set.pages.map(({ reading }) => ({ ok: true as const, result: reading.result }));
    if (names.length > 1 && rng.chance(0.3)) {
      this.turns.push({
        thought: say(rng, 'readBoth', { images: listed(names), goal }),
        actions: names.map(ocr),
        observations: results,
      });
      return;
    }
    names.forEach((image, i) => {
      const thought = say(rng, i === 0 ? 'read' : 'readMore', { goal, image });
      this.turns.push({ thought, actions: [ocr(image)], observations: [results[i] as (typeof results)[number]] });
    });
  }

  /**
   * Looks again at the rows where a value ought to stand.
   * @returns false where there is no such row, or nothing can be cut out
   */
  async lookAgain(name: Place, value: Place): Promise<boolean> {
    if (this.#looks.length >= MOST_LOOKS) return false;
    const from = this.rowOf(name) ?? this.rowOf(value);
    if (!from) return false;
    const page = this.set.pages[from.page] as TextPage;
    const to = this.rowOf(value);
    const rows = [from.row, ...(to && to.page === from.page ? [to.row] : [])];
    const seen = around(rows.map((row) => page.reading.boxes[row] as Box)) as Box;
    const [left, top, right, bottom] = seen;
    // Without a value beside the name it may stand further right, or on the next row.
    const wide: Box = to
      ? seen
      : [
          Math.max(0, left - (right - left)),
          top,
          Math.min(1, right + 2 * (right - left)),
          Math.min(1, bottom + (bottom - top)),
        ];
    const image = this.images[from.page] as ChainImage;
    const look = await page.look(this.rng, rounded(wide), this.images);
    const cut = look?.cut.observation;
    if (!look || !cut?.ok || !cut.images?.[0]) return false;
    const row = quoted(this.#rowText(from.page, (to ?? from).row));
    const doubt = say(this.rng, to ? 'unclear' : 'valueAbsent', { row });
    this.turns.push({
      thought: say(this.rng, 'again', { doubt, image: image.name }),
      actions: [{ name: look.cut.name, arguments: look.cut.arguments }],
      observations: [cut],
    });
    const made = cut.images[0];
    this.images.push(made);
    this.turns.push({
      thought: say(this.rng, 'readPart', { image: made.name }),
      actions: [ocr(made.name)],
      observations: [look.read],
    });
    this.#looks.push({ page: from.page, look });
    return true;
  }

  calculate(thought: string, expression: string, result: number): void {
    this.turns.push({
      thought,
      actions: [{ name: 'Calculate', arguments: { expression } }],
      observations: [{ ok: true, result: { result: Number(resultText(result)) } }],
    });
  }

  end(thought: string, answer: string): Realised {
    this.turns.push({ thought, actions: [{ name: 'Terminate', arguments: { answer } }], observations: [] });
    return { turns: this.turns, answer };
  }

  /** Ends without an answer. */
  cannotTell(looked: boolean): Realised {
    const { truth } = this.question;
    const made = this.end(say(this.rng, looked ? 'still' : 'absent'), CANNOT_TELL);
    return truth === CANNOT_TELL ? made : { ...made, sceneTruth: truth };
  }
}

/** What reading the evidence came to. */
type Held = 'clear' | 'wrong' | 'missing' | { readonly doubt: Place; readonly beside: Place };

/** Whether names and amounts of an evidence were read as they stand in the scene, or plainly not, or wrong unnoticed. */
function held(course: Course, evidence: Evidence, value: Place | undefined): Held {
  const { question } = course;
  const last = evidence.at(-1) as Place;
  for (const place of evidence) {
    if (value && place.row === value.row && place.cell === value.cell) continue;
    const text = course.read(place);
    if (text === undefined)
      return place === last ? 'missing' : evidence.length > 1 && evidence[0] !== place ? 'wrong' : 'missing';
    if (!alike(text, question.textAt(place), 0.2)) return 'wrong';
  }
  if (!value) return 'clear';
  const amount = course.amount(value);
  if (!amount) return { doubt: value, beside: evidence[0] as Place };
  return Math.abs(amount.value - (question.amountAt(value) ?? Number.NaN)) < 1e-9 ||
    Math.abs(Math.abs(amount.value) - Math.abs(question.amountAt(value) ?? Number.NaN)) < 1e-9
    ? 'clear'
    : 'wrong';
}

/** The place of a turn's evidence that has to be a number. */
function valuesOf(turn: Turn, evidence: Evidence): Place | undefined {
  const { next } = turn;
  const has = (at: Place): boolean => evidence.some(({ row, cell }) => row === at.row && cell === at.cell);
  if (next === 'unknown') return undefined;
  if ('calculate' in next) return next.operands.find(has);
  return typeof next.answer !== 'string' && next.as === 'amount' && has(next.answer) ? next.answer : undefined;
}

/** @returns undefined where the reading misleads without showing it */
export async function realise(rng: Random, set: PageSet, question: Question): Promise<Realised | undefined> {
  const { ask } = question;
  const course = new Course(rng, set, question);
  if (!ask.needsPicture) return plain(course);
  course.readAll();
  let result = '';
  let extreme = '';
  for (const turn of ask.turns) {
    if (turn.next === 'unknown') return course.cannotTell(false);
    let looked = false;
    for (const evidence of turn.evidence) {
      const value = valuesOf(turn, evidence);
      let state = held(course, evidence, value);
      if (typeof state === 'object') {
        if (!(await course.lookAgain(state.beside, state.doubt))) return undefined;
        looked = true;
        state = held(course, evidence, value);
        if (typeof state === 'object') return course.cannotTell(true);
      }
      // One thing was asked for and its row was not read: it is not there for whoever goes by the text.
      if (state === 'missing')
        return !looked && isLookUp(ask) && gone(course, evidence) ? course.cannotTell(false) : undefined;
      if (state === 'wrong') return undefined;
    }
    const quotes = [...new Set(turn.evidence.flatMap((evidence) => course.quotes(evidence)))];
    if ('calculate' in turn.next) {
      const amounts = turn.next.operands.map((place) => course.amount(place));
      if (amounts.some((amount) => amount === undefined)) return undefined;
      if (ask.family === 'equations' && !equationsRead(course, turn)) return undefined;
      const texts = amounts.map((amount) => (amount as Amount).text.replace(/^-/, ''));
      const expression = turn.next.calculate(texts);
      result = resultText(turn.next.result);
      // Float dust or a tie in rounding: what Calculate gives then is nobody's answer.
      if (result.length > 11 || result === 'NaN') return undefined;
      const reason = reasonOf(ask.kind, expression);
      extreme = reason === 'max' ? 'greatest' : 'least';
      if (ask.family === 'equations') {
        const solved = equationTurn(
          rng,
          equationAt(set, (turn.evidence[0] as Evidence)[0] as Place),
          quotes,
          expression,
          turn.next.result,
        );
        course.turns.push(solved);
        continue;
      }
      const kind = texts.length === 1 ? 'number' : 'numbers';
      const slots = { rows: listed(quotes), numbers: listed(texts), why: whyOf(rng, reason), expression };
      course.calculate(say(rng, kind, slots), expression, turn.next.result);
      continue;
    }
    if (turn.next.answer === 'result') return finish(course, say(rng, 'result', { value: result }), result);
    const { answer: place, as } = turn.next;
    const said = as === 'amount' ? course.amount(place)?.text : textSaid(course.read(place), question);
    if (said === undefined) return undefined;
    if (as === 'text' && bare(said) !== bare(question.truth)) return undefined;
    const answer = as === 'amount' ? said.replace(/^-/, question.truth.startsWith('-') ? '-' : '') : said;
    const slots = {
      row: listed(quotes),
      rows: listed(quotes),
      value: result === '' ? answer : result,
      answer,
      extreme,
    };
    const thought = result !== '' ? say(rng, 'best', slots) : say(rng, quotes.length > 1 ? 'saysMany' : 'says', slots);
    return finish(course, thought, answer);
  }
  return undefined;
}

const isLookUp = ({ turns }: Ask): boolean => turns.length === 1 && turns[0]?.evidence.length === 1;

/** Whether no row that was read comes near the name: then nothing shows what was asked for. */
function gone(course: Course, evidence: Evidence): boolean {
  const name = bare(course.question.textAt(evidence[0] as Place));
  return (
    course.read(evidence[0] as Place) === undefined &&
    name.length > 3 &&
    course.set.pages.every(({ reading }) =>
      reading.observed.rows.every((row) =>
        row.split('\t').every((cell) => !alike(cell, name, 0.5) && !bare(cell).includes(name)),
      ),
    )
  );
}

function textSaid(text: string | undefined, { truth }: Question): string | undefined {
  const said = text
    ?.replace(/\s+/g, ' ')
    .replace(/[\s.:_=~-]+$/, '')
    .replace(/^[\s:]+/, '')
    .trim();
  return said === '' || said === undefined || bare(truth) === '' ? undefined : said;
}

const finish = (course: Course, thought: string, answer: string): Realised => course.end(thought, answer);

function equationAt({ pages }: PageSet, place: Place): EquationFacts['equations'][number] | undefined {
  const facts = (pages[0]?.scene as Scene).facts;
  return facts.kind === 'equations'
    ? facts.equations.find(({ at }) => at.row === place.row && at.cell === place.cell)
    : undefined;
}

const equationsRead = (course: Course, turn: Turn): boolean =>
  turn.evidence.every(
    ([place]) => place !== undefined && sameSigns(course.read(place) ?? '', course.question.textAt(place)),
  );

/** A sum that stands in the question: with Calculate, or, where it is easy, without any tool. */
function plain(course: Course): Realised | undefined {
  const { rng, question } = course;
  const [first] = question.ask.turns;
  if (!first || typeof first.next !== 'object' || !('calculate' in first.next)) return undefined;
  const expression = first.next.calculate([]);
  const result = resultText(first.next.result);
  if (result.length > 11 || result === 'NaN') return undefined;
  if (/^\d{1,2}[-+]\d{1,2}$/.test(expression) && rng.chance(0.6))
    return course.end(say(rng, 'head', { expression, value: result }), result);
  course.calculate(say(rng, 'plain', { expression }), expression, first.next.result);
  return course.end(say(rng, 'result', { value: result }), result);
}

/**
 * A question's plan carried out against what was read: quotes, operands and answers come from the observations. Where
 * they are plainly in doubt the chain looks again or says that it cannot tell; where they are wrong without showing it,
 * there is no chain.
 */
import { type Ask, type Evidence, resultText, type Turn } from '../../ask/ask.ts';
import type { Random } from '../../random.ts';
import type { EquationFacts, Place } from '../../scene/scene.ts';
import { Course, type PageSet, type Question, type Realised } from './course.ts';
import { equationTurn, sameSigns } from './equation.ts';
import { pageShows, shows } from './shows.ts';
import { listed, reasonOf, say, whyOf } from './thoughts.ts';
import { type Amount, alike, bare } from './values.ts';

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
  return isTrue(amount, question.amountAt(value)) ? 'clear' : 'wrong';
}

/** A sign may be printed or not: a discount of 2.00 is -2.00 on some receipts. */
const isTrue = (read: Amount | undefined, truth: number | undefined): boolean =>
  read !== undefined && truth !== undefined && Math.abs(Math.abs(read.value) - Math.abs(truth)) < 1e-9;

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
    // What was looked at again stands on rows of its own.
    const again = course.images.length > set.pages.length;
    const isText = typeof turn.next === 'object' && 'as' in turn.next && turn.next.as === 'text';
    if (!again && turn.evidence.some((evidence) => !shows(set, evidence, isText))) return undefined;
    if (!pageShows(set, ask)) return undefined;
    const quotes = [...new Set(turn.evidence.flatMap((evidence) => course.quotes(evidence)))];
    if ('calculate' in turn.next) {
      const amounts = turn.next.operands.map((place) => course.amount(place));
      // Of a group's rows only the ends are quoted: what stands between must have been read right as well.
      if (turn.next.operands.some((place, i) => !isTrue(amounts[i], question.amountAt(place)))) return undefined;
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
    if (as === 'text' && marked(said) !== marked(question.truth)) return undefined;
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

/** As `bare`, but with the marks between figures: 1439:50 is not 14:39:50. */
const marked = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/(?<!\d)[^\p{L}\p{N}]+|[^\p{L}\p{N}]+(?!\d)/gu, '');

const finish = (course: Course, thought: string, answer: string): Realised => course.end(thought, answer);

function equationAt({ pages }: PageSet, place: Place): EquationFacts['equations'][number] | undefined {
  const facts = pages[0]?.scene.facts;
  return facts?.kind === 'equations'
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

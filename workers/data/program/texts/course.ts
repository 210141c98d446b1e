/** One chain on its way: what it has read, what it says, what it cuts out. */
import type { JsonObject } from '../../../../shared/contract.ts';
import { CANNOT_TELL, type ChainImage, type ChainTurn } from '../../../../shared/data/chain.ts';
import { type Ask, type Evidence, resultText } from '../../ask/ask.ts';
import type { Random } from '../../random.ts';
import type { Place } from '../../scene/scene.ts';
import type { TextFamily } from './families.ts';
import { around, type Box, rounded } from './layout.ts';
import type { Look, TextPage } from './page.ts';
import { goalOf, listed, say } from './thoughts.ts';
import { type Amount, alike, amountOf } from './values.ts';

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
export class Course {
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

  /** Whether what was read for a name can be taken for it. */
  named(place: Place, read: string | undefined): boolean {
    return read !== undefined && alike(read, this.question.textAt(place), 0.2);
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

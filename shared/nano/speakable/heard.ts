/** What a prompt of cota-nano holds, read from its scaffold: all that masks may be made of. */
import { glyphOf, ID, markOf, NANO_TOOLS, tokenId } from '../format.ts';

export interface Heard {
  /** Ids of the actions that are enabled. */
  readonly actions: readonly number[];
  /** Names of images: those given, and those that tools made. */
  readonly images: readonly string[];
  /** Rows of all observations by their mark, as the model read them. */
  readonly rows: ReadonlyMap<number, string>;
  readonly question: string;
  /** What earlier actions asked for, and results of tools that gave no rows. */
  readonly results: readonly string[];
  readonly answerNow: boolean;
}

const toolToAct = new Map(NANO_TOOLS.map((tool) => [tokenId(`<tool:${tool}>`), tokenId(`<act:${tool}>`)]));
const ZOOM = tokenId('<act:ZoomIn>');
const LOCALIZE = tokenId('<act:LocalizeObjects>');

export function hear(prompt: readonly number[]): Heard {
  const actions: number[] = [];
  const rows = new Map<number, string>();
  const results: string[] = [];
  const made: string[] = [];
  let given = 0;
  let question = '';
  let text = '';
  let open: 'question' | 'row' | 'result' | 'argument' | 'other' = 'other';
  let mark = 0;
  let reading = false;
  /** The row that is open: its own mark closes it. */
  let within: number | undefined;
  let lastAct: number | undefined;
  const close = (): void => {
    if (open === 'question') question = text;
    else if (open === 'row') rows.set(mark, text);
    else if (open === 'argument' && lastAct === LOCALIZE) results.push(text);
    else if (open === 'result' && text !== '') {
      if (lastAct === ZOOM && /^\d+$/.test(text)) made.push(text);
      else results.push(text);
    }
    text = '';
    open = 'other';
  };
  for (const id of prompt) {
    const glyph = glyphOf(id);
    if (glyph !== undefined && id !== ID.row) {
      text += glyph;
      continue;
    }
    close();
    // A mark outside of an observation is a quote of the model's.
    if (id === ID.observation) reading = true;
    else if (markOf(id) === undefined && id !== ID.row) reading = false;
    const act = toolToAct.get(id);
    const row = within === markOf(id) ? undefined : markOf(id);
    within = reading ? row : undefined;
    if (act !== undefined) actions.push(act);
    else if (id === ID.image) given++;
    else if (id === ID.question) open = 'question';
    else if (id === ID.observation) open = 'result';
    else if (row !== undefined && reading) {
      mark = row;
      open = 'row';
    } else if (ACTS.has(id)) {
      lastAct = id;
      open = 'argument';
    }
  }
  close();
  const images = [...Array.from({ length: Math.max(1, given) }, (_, at) => String(at)), ...made];
  return { actions, images, rows, question, results, answerNow: prompt.at(-2) === ID.now };
}

const ACTS: ReadonlySet<number> = new Set(toolToAct.values());

/** Messages as lines, each of text that may end in a picture: the form in which both kinds of conversation name images. */
import type { ReadImage, ReadPiece } from './read-chain.ts';

export interface Line {
  readonly text: string;
  readonly sha256?: string;
}

/** @throws Error where a picture stands anywhere but at the end of a line */
export function linesOf(pieces: readonly ReadPiece[]): Line[] {
  const lines: Line[] = [];
  let open: { text: string; sha256?: string } = { text: '' };
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      if (open.sha256 !== undefined) throw new Error('two pictures stand on one line');
      open = { ...open, sha256: piece.sha256 };
      continue;
    }
    piece.split('\n').forEach((text, i) => {
      if (i > 0) {
        lines.push(open);
        open = { text: '' };
      }
      if (text !== '' && open.sha256 !== undefined) throw new Error('text follows a picture on its line');
      open = { ...open, text: open.text + text };
    });
  }
  lines.push(open);
  return lines;
}

const SHOWN = /^(image-\d+): $/;
const NAMED = /^(image-\d+): not shown \((\d+) x (\d+) pixels\)/;

/** The image that a line is about, if it is about one. */
export function imageOn({ text, sha256 }: Line): ReadImage | undefined {
  if (sha256 !== undefined) {
    const name = SHOWN.exec(text)?.[1];
    if (name === undefined)
      throw new Error(`a picture stands behind ${JSON.stringify(text.slice(0, 80))}, not its name`);
    return { name, sha256 };
  }
  const named = NAMED.exec(text);
  return named?.[1] === undefined ? undefined : { name: named[1], size: [Number(named[2]), Number(named[3])] };
}

/** Leading lines that are images; moves nothing but counts. */
export function leadingImages(lines: readonly Line[], from: number): ReadImage[] {
  const images: ReadImage[] = [];
  for (let at = from; at < lines.length; at++) {
    const image = imageOn(lines[at] as Line);
    if (image === undefined) break;
    images.push(image);
  }
  return images;
}

const QUESTION = 'Question: ';

/** The first message of a user: images, then the question. @param asWritten takes the escapes out of its text */
export function readRequest(
  lines: readonly Line[],
  asWritten: (text: string) => string,
): { readonly images: ReadImage[]; readonly question: string } {
  const images = leadingImages(lines, 0);
  const rest = lines.slice(images.length);
  if (!rest[0]?.text.startsWith(QUESTION)) throw new Error('the first message holds no question');
  if (rest.some(({ sha256 }) => sha256 !== undefined)) throw new Error('a picture stands within the question');
  const question = rest.map(({ text }) => text).join('\n');
  return { images, question: asWritten(question.slice(QUESTION.length)) };
}

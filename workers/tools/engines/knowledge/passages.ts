/** Long articles in pieces of about a paragraph, so that the place that answers is found, and not only its article. */

/** Characters of a passage: some 200 words. */
const MOST = 1_200;

/** Whole paragraphs where they fit, else whole sentences, else words. @returns at least one for any text with a letter */
export function passagesOf(text: string): string[] {
  const passages: string[] = [];
  let open = '';
  const close = (): void => {
    if (open !== '') passages.push(open);
    open = '';
  };
  for (const line of text.replaceAll('\0', ' ').split(/\s*\n\s*/)) {
    const paragraph = line.trim();
    if (paragraph === '') continue;
    if (open.length + paragraph.length > MOST) close();
    if (paragraph.length <= MOST) {
      open = open === '' ? paragraph : `${open}\n${paragraph}`;
      continue;
    }
    for (const piece of piecesOf(paragraph)) passages.push(piece);
  }
  close();
  return passages;
}

function* piecesOf(paragraph: string): Generator<string> {
  let rest = paragraph;
  while (rest.length > MOST) {
    const sentence = lastEnd(rest.slice(0, MOST));
    const word = rest.lastIndexOf(' ', MOST);
    const end = sentence > MOST / 3 ? sentence : word > MOST / 3 ? word : MOST;
    yield rest.slice(0, end).trim();
    rest = rest.slice(end).trim();
  }
  if (rest !== '') yield rest;
}

/** Where the last sentence in the text ends. */
function lastEnd(text: string): number {
  for (let at = text.length - 2; at > 0; at--) {
    const char = text[at];
    if ((char === '.' || char === '!' || char === '?') && text[at + 1] === ' ') return at + 1;
  }
  return 0;
}

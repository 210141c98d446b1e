/** What a file is by its first bytes. Names and declared types are not asked: both are what the sender says. */

/** What models and browsers agree on, and what the API of OpenAI takes. */
export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'] as const;
export type ImageType = (typeof IMAGE_TYPES)[number];

export type Sniffed =
  | { readonly is: 'image'; readonly type: ImageType }
  /** An image of a kind that is not taken in, by its usual name. */
  | { readonly is: 'other'; readonly name: string }
  | { readonly is: 'unknown' };

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.subarray(from, to)).toString('latin1');

/** Kinds by name, with the place and the spellings of their mark. */
const OTHERS: readonly (readonly [name: string, at: number, ...marks: string[]])[] = [
  ['TIFF', 0, 'II*\0', 'MM\0*'],
  ['ICO', 0, '\0\0\x01\0'],
  ['AVIF', 4, 'ftypavif', 'ftypavis'],
  ['HEIC', 4, 'ftypheic', 'ftypheix', 'ftyphevc', 'ftyphevx', 'ftypheim', 'ftypheis', 'ftypmif1', 'ftypmsf1'],
  ['JPEG XL', 0, '\xff\x0a', '\0\0\0\x0cJXL '],
  ['JPEG 2000', 0, '\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'],
  ['Photoshop', 0, '8BPS'],
  ['PDF', 0, '%PDF-'],
  ['PostScript', 0, '%!PS'],
];

export function sniff(bytes: Uint8Array): Sniffed {
  const head = ascii(bytes, 0, 32);
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return { is: 'image', type: 'image/png' };
  if (head.startsWith('\xff\xd8\xff')) return { is: 'image', type: 'image/jpeg' };
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return { is: 'image', type: 'image/webp' };
  if (/^GIF8[79]a/.test(head)) return { is: 'image', type: 'image/gif' };
  // Texts may begin with "BM" as well; the four reserved bytes are zero in bitmaps only.
  if (head.startsWith('BM') && head.slice(6, 10) === '\0\0\0\0') return { is: 'other', name: 'BMP' };
  for (const [name, at, ...marks] of OTHERS) {
    if (marks.some((mark) => head.startsWith(mark, at))) return { is: 'other', name };
  }
  // An SVG may begin with a byte order mark, a declaration, comments and a document type.
  if (/^(\xef\xbb\xbf)?\s*<(\?xml|!--|!doctype svg|svg)/i.test(head) && /<svg[\s>]/i.test(ascii(bytes, 0, 4_096))) {
    return { is: 'other', name: 'SVG' };
  }
  return { is: 'unknown' };
}

/** Whether a PNG is an animation: its acTL chunk stands before the image data. Decoders that know none show one frame. */
export function isAnimatedPng(bytes: Buffer): boolean {
  let at = 8;
  while (at + 8 <= bytes.length) {
    const type = ascii(bytes, at + 4, at + 8);
    if (type === 'acTL') return true;
    if (type === 'IDAT' || type === 'IEND') return false;
    at += 12 + bytes.readUInt32BE(at);
  }
  return false;
}

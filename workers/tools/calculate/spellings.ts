const PARTS = new Map(
  Object.entries({ '½': '1/2', '⅓': '1/3', '⅔': '2/3', '¼': '1/4', '¾': '3/4', '⅛': '1/8', '⅕': '1/5' }),
);

/** Words and signs of which the tokens know nothing, in signs that they know. */
export function plainSpelling(text: string): string {
  return (
    text
      // Thousands parted by the spaces that do not break; a plain space may be a slip.
      .replace(/(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))/g, '')
      .replace(/(\d*)\s?([½⅓⅔¼¾⅛⅕])/g, (_, whole: string, part: string) =>
        whole ? `(${whole}+${PARTS.get(part)})` : `(${PARTS.get(part)})`,
      )
      .replace(/\b0([bo])([0-7]+)\b/gi, (all, base: string, digits: string) => {
        const value = Number.parseInt(digits, base.toLowerCase() === 'b' ? 2 : 8);
        return base.toLowerCase() === 'b' && /[2-7]/.test(digits) ? all : String(value);
      })
      .replace(/\bthe (?=square|cube|sum|product)/gi, '')
      .replace(/\bsquare root of\s*/gi, '√')
      .replace(/(?:∛|\bcube root of)\s*(\d+(?:\.\d+)?)/gi, 'cbrt($1)')
      .replace(/(?<=[\d)])\s*squared\b/gi, '²')
      .replace(/(?<=[\d)])\s*cubed\b/gi, '³')
      .replace(/(?<=\d)\s*(?:degrees?|deg)\b(?!\()/gi, '°')
      .replace(/\bhalf of\b/gi, '0.5 *')
      .replace(/\b(\d+)\s+choose\s+(\d+)\b/gi, 'comb($1, $2)')
      .replace(/\blog_(\d+)\s*\(([^()]*)\)/g, 'log(($2), $1)')
      .replace(/(?<!\|)\|([^|]+)\|(?!\|)/g, 'abs($1)')
  );
}

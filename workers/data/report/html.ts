/** HTML from templates. Whatever is put into one is escaped, so that nothing that a chain says can be more than text. */

/** Text that is HTML already. Made by `html` alone. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | false | undefined | readonly Value[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
// Control characters but for tab and line ends have no place in HTML; those that turn the direction of text mislead.
const UNFIT = /(?![\t\n\r])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

export const escapeText = (text: string): string =>
  text
    .toWellFormed()
    .replace(UNFIT, '\ufffd')
    .replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);

function rendered(value: Value): string {
  if (value === false || value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(rendered).join('');
  return escapeText(String(value));
}

export const html = (strings: TemplateStringsArray, ...values: readonly Value[]): Html =>
  new Html(strings.reduce((all, string, i) => all + string + (i < values.length ? rendered(values[i]) : ''), ''));

export const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

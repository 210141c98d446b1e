/** Upright columns over a line of numbers: how many chains have so many tools, or so many tokens. */
import { type Html, html, number } from '../html.ts';
import { COLOURS } from './palette.ts';

export interface Column {
  /** Below the column: `3`, `200-299`. */
  readonly name: string;
  readonly value: number;
}

const HEIGHT = 150;
const FOOT = 34;
const HEAD = 16;

/** @param across what the names count; @param up what the values count */
export function columns(title: string, rows: readonly Column[], across: string, up: string): Html {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  const wide = 100 / Math.max(1, rows.length);
  // A name under each column where they fit, else under every second, third, ...
  const every = Math.ceil(rows.length / 8);
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<svg width="100%" height="${HEAD + HEIGHT + FOOT}" role="img" aria-label="${title}: ${rows.map(({ name, value }) => `${name} ${across}: ${number(value)} ${up}`).join('; ')}">
<line x1="0" x2="100%" y1="${HEAD + HEIGHT}" y2="${HEAD + HEIGHT}" class="rule"/>
${rows.map(({ name, value }, i) => {
  const high = (HEIGHT * value) / most;
  const middle = wide * (i + 0.5);
  return html`<rect x="${wide * (i + 0.1)}%" width="${wide * 0.8}%" y="${HEAD + HEIGHT - high}" height="${high}" fill="${COLOURS[0]}"><title>${name} ${across}: ${number(value)} ${up}</title></rect>${
    i % every === 0 && html`<text x="${middle}%" y="${HEAD + HEIGHT + 15}" text-anchor="middle">${name}</text>`
  }${rows.length <= 12 && value > 0 && html`<text x="${middle}%" y="${HEAD + HEIGHT - high - 4}" text-anchor="middle">${short(value)}</text>`}`;
})}
<text x="50%" y="${HEAD + HEIGHT + FOOT - 3}" text-anchor="middle" class="dim">${across}</text></svg>
<p class="note">Height: ${up}; the highest column is ${number(most)}.</p></figure>`;
}

const short = (value: number): string =>
  value >= 1e6 ? `${(value / 1e6).toFixed(1)}M` : value >= 1e4 ? `${Math.round(value / 1e3)}k` : number(value);

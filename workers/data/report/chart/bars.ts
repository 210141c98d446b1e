/** Horizontal bars: one a row, of one value or of several that stand on each other. Widths are per cent, so any page fits. */
import { type Html, html, number, percent } from '../html.ts';
import { COLOURS, inkOn } from './palette.ts';

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Shown behind the bar instead of the value. */
  readonly words?: string;
}

const HEIGHT = 20;

/**
 * One bar a row, longest as wide as the chart.
 * @param unit what the values count
 * @param names long ones get half of the width
 */
export function bars(
  title: string,
  rows: readonly Bar[],
  unit: string,
  note?: string,
  names: 'short' | 'long' = 'short',
): Html {
  const most = Math.max(1e-9, ...rows.map(({ value }) => value));
  return html`<figure class="chart ${names}"><figcaption>${title}</figcaption>
<div class="bars" role="img" aria-label="${title}: ${rows.map(({ name, value, words }) => `${name} ${words ?? `${number(value)} ${unit}`}`).join('; ')}">
${rows.map(
  ({ name, value, words }) => html`<span class="name" title="${name}">${name}</span>
<svg width="100%" height="${HEIGHT}" aria-hidden="true"><rect width="${(100 * value) / most}%" height="${HEIGHT}" rx="2" fill="${COLOURS[0]}"/></svg>
<span class="value">${words ?? number(value)}</span>`,
)}</div>${axis(most, unit)}${note !== undefined && html`<p class="note">${note}</p>`}</figure>`;
}

const axis = (most: number, unit: string): Html =>
  html`<div class="bars axis" aria-hidden="true"><span></span><span class="ends"><span>0</span><span>${number(most)} ${unit}</span></span><span></span></div>`;

export interface Stack {
  readonly name: string;
  /** By the names of the parts. */
  readonly values: Readonly<Record<string, number>>;
}

/** Parts of a whole a row, all rows as wide as the chart. @param colours part -> colour, in the order of the parts */
export function stackedBars(
  title: string,
  rows: readonly Stack[],
  colours: Readonly<Record<string, string>>,
  unit: string,
): Html {
  const parts = Object.keys(colours).filter((part) => rows.some(({ values }) => (values[part] ?? 0) > 0));
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<ul class="legend">${parts.map((part) => html`<li><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" rx="2" fill="${colours[part]}"/></svg> ${part}</li>`)}</ul>
<div class="bars">${rows.map(({ name, values }) => {
    const total = parts.reduce((sum, part) => sum + (values[part] ?? 0), 0);
    const words = parts.map((part) => `${part} ${number(values[part] ?? 0)}`).join(', ');
    let from = 0;
    return html`<span class="name" title="${name}">${name}</span>
<svg width="100%" height="${HEIGHT + 4}" role="img" aria-label="${name}: ${words}">${parts.map((part) => {
      const share = total === 0 ? 0 : (values[part] ?? 0) / total;
      const x = 100 * from;
      from += share;
      const colour = colours[part] ?? COLOURS[0];
      return html`<rect x="${x}%" width="${100 * share}%" height="${HEIGHT + 4}" fill="${colour}"><title>${part}: ${number(values[part] ?? 0)} (${percent(share)})</title></rect>${
        share >= 0.12 &&
        html`<text x="${x + 50 * share}%" y="${HEIGHT / 2 + 6}" text-anchor="middle" fill="${inkOn(colour)}">${percent(share, 0)}</text>`
      }`;
    })}</svg>
<span class="value">${number(total)}</span>`;
  })}</div>
<div class="bars axis" aria-hidden="true"><span></span><span class="ends"><span>0 %</span><span>100 % of the source's ${unit}</span></span><span></span></div></figure>`;
}

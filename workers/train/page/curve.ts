/** Curves over tokens or steps. The drawing stretches with the page; its lines and words keep their size. */
import { COLOURS } from '../../data/report/chart/palette.ts';
import { type Html, html } from '../../data/report/html.ts';
import { logTicks, type Point, short, thin, ticks } from './points.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Raw values behind their smoothed curve. */
  readonly faint?: boolean;
  /** Left out: the next of the palette. */
  readonly colour?: string;
  /** Few points that were measured, not a course. */
  readonly dots?: boolean;
}

export interface Ground {
  /** What x counts: `tokens`, `steps`. */
  readonly across: string;
  readonly low: number;
  readonly high: number;
  /** Stages, one behind another. */
  readonly bands: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  /** Where the training went on from a checkpoint. */
  readonly resumes: readonly number[];
}

export interface Scale {
  readonly log?: boolean;
  readonly low?: number;
  readonly high?: number;
  /** How a value is written. */
  readonly words?: (value: number) => string;
}

const WIDE = 1000;
const HIGH = 300;
const FAINT = 0.5;

export const CURVE_STYLE = `
.curve .box{display:grid;grid-template-columns:3.4rem 1fr}.curve .ys{position:relative;color:var(--dim);font-size:.75rem}
.curve .ys span{position:absolute;right:.4rem;transform:translateY(-50%);font-variant-numeric:tabular-nums;white-space:nowrap}
.curve .plot{position:relative;min-width:0}.curve .box{margin-top:1.1rem}.curve .plot svg{display:block;width:100%;height:220px;overflow:visible}
.curve .plot path{fill:none;vector-effect:non-scaling-stroke;stroke-linejoin:round;stroke-linecap:round}
.curve .plot line{vector-effect:non-scaling-stroke}
.curve .bandname{position:absolute;top:-1rem;font-size:.7rem;color:var(--dim);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;padding:0 .25rem;pointer-events:none}
.curve .xs{grid-column:2;position:relative;height:1.3rem;color:var(--dim);font-size:.75rem;border-top:1px solid var(--rule)}
.curve .xs span{position:absolute;transform:translateX(-50%);white-space:nowrap}.curve .xs .last{transform:translateX(-100%)}
.curve .across{grid-column:2;text-align:center;color:var(--dim);font-size:.75rem}
.scroll td{white-space:nowrap}.scroll th:first-child{min-width:9rem}
.band{fill:var(--panel)}.resumed{stroke:var(--dim);stroke-dasharray:2 3}
@media (max-width:520px){.curve .box{grid-template-columns:2.9rem 1fr}.curve .plot svg{height:180px}}
`;

/** A chart of one or more series over the same ground; `false` where no series has a point. */
export function curve(
  title: string,
  all: readonly Series[],
  ground: Ground,
  scale: Scale = {},
  note?: string,
): Html | false {
  const series = all.filter(({ points }) => points.length > 0);
  if (series.length === 0) return false;
  const { words = short } = scale;
  const values = series.flatMap(({ points }) => thin(points).map(([, y]) => y));
  let low = scale.low ?? values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  let high = scale.high ?? values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const log = scale.log === true && low > 0 && high / low > 3;
  if (!(high > low) && scale.low !== undefined) high = low + 1;
  else if (!(high > low)) [low, high] = [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
  else if (!log && scale.high === undefined) high += (high - low) * 0.05;
  const of = (value: number): number => (log ? Math.log(value) : value);
  const x = (value: number): number => ((value - ground.low) / (ground.high - ground.low || 1)) * WIDE;
  const y = (value: number): number => HIGH - ((of(value) - of(low)) / (of(high) - of(low))) * HIGH;
  const ups = log ? logTicks(low, high, 7) : ticks(low, high, 5);
  const acrosses = ticks(ground.low, ground.high, 4);
  const share = (value: number, whole: number): string => `${((100 * value) / whole).toFixed(2)}%`;
  const last = (points: readonly Point[]): string => words(points.at(-1)?.[1] ?? Number.NaN);
  return html`<figure class="chart curve"><figcaption>${title}</figcaption>
${series.length > 1 && html`<ul class="legend">${series.map((one, n) => html`<li><svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" rx="2" fill="${colourOf(one, n)}" opacity="${one.faint ? FAINT : 1}"/></svg> ${one.name}</li>`)}</ul>`}
<div class="box"><div class="ys" aria-hidden="true">${ups.map((value) => html`<span style="top:${share(y(value), HIGH)}">${words(value)}</span>`)}</div>
<div class="plot"><svg viewBox="0 0 ${WIDE} ${HIGH}" preserveAspectRatio="none" role="img" aria-label="${title}: ${series.map(({ name, points }) => `${name} ends at ${last(points)}`).join('; ')}">
${ground.bands.map(({ from, to }, n) => n % 2 === 0 && html`<rect class="band" x="${x(from).toFixed(1)}" width="${Math.max(0, x(to) - x(from)).toFixed(1)}" y="0" height="${HIGH}"/>`)}
${ups.map((value) => html`<line class="rule" x1="0" x2="${WIDE}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/>`)}
${ground.resumes.map((at) => html`<line class="resumed" x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="0" y2="${HIGH}"/>`)}
${series.map((one, n) => path(one, n, x, y))}</svg>
${ground.bands.map(({ name, from, to }) => html`<span class="bandname" title="${name}" style="left:${share(x(from), WIDE)};max-width:${share(x(to) - x(from), WIDE)}">${name}</span>`)}</div>
<div class="xs" aria-hidden="true">${acrosses.map((value) => html`<span${x(value) > 0.94 * WIDE && html` class="last"`} style="left:${share(x(value), WIDE)}">${short(value)}</span>`)}</div>
<div class="across">${ground.across}</div></div>${note !== undefined && html`<p class="note">${note}</p>`}</figure>`;
}

const colourOf = (series: Series, n: number): string => series.colour ?? COLOURS[n % COLOURS.length] ?? COLOURS[0];

/** A point is a line of no length with round ends: the only round thing in a stretched drawing. */
function path(series: Series, n: number, x: (of: number) => number, y: (of: number) => number): Html {
  const { points, faint, dots } = series;
  const colour = colourOf(series, n);
  const thinned = thin(points);
  const at = thinned.map(([a, b]) => `${x(a).toFixed(1)} ${Math.min(HIGH, Math.max(0, y(b))).toFixed(1)}`);
  const spots =
    dots || thinned.length === 1
      ? html`<path d="${at.map((one) => `M${one}h0`).join('')}" stroke="${colour}" stroke-width="7"/>`
      : undefined;
  return html`<path d="M${at.join('L')}" stroke="${colour}" stroke-width="${faint ? 1 : 2}" opacity="${faint ? FAINT : 1}"/>${spots}`;
}

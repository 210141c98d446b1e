/** Lines over time as an SVG picture, panels one above the other. */

export interface Series {
  readonly name: string;
  /** Seconds, value. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly Series[];
}

const WIDTH = 860;
const PANEL = 230;
const LEFT = 70;
const RIGHT = 200;
const TOP = 34;
const BOTTOM = 34;
// Told apart by people who cannot tell red from green (Okabe and Ito's palette).
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#666666'];

export function plot(heading: string, panels: readonly Panel[]): string {
  const height = 40 + panels.length * PANEL;
  const longest = Math.max(
    1,
    ...panels.flatMap(({ series }) => series.flatMap(({ points }) => points.map(([x]) => x))),
  );
  const body = panels.map((panel, index) => panelOf(panel, 40 + index * PANEL, longest)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<title>${escapeXml(heading)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${LEFT}" y="24" font-size="15" font-weight="bold">${escapeXml(heading)}</text>
${body}
</svg>
`;
}

function panelOf({ title, unit, series }: Panel, y: number, longest: number): string {
  const most = niceCeiling(Math.max(1, ...series.flatMap(({ points }) => points.map(([, value]) => value))));
  const [left, right] = [LEFT, WIDTH - RIGHT];
  const [top, bottom] = [y + TOP, y + PANEL - BOTTOM];
  const atX = (seconds: number): string => (left + ((right - left) * seconds) / longest).toFixed(1);
  const atY = (value: number): string => (bottom - ((bottom - top) * value) / most).toFixed(1);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = atY(most * share);
    return `<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" stroke="#ddd"/><text x="${left - 6}" y="${Number(at) + 4}" text-anchor="end">${(most * share).toLocaleString('en')}</text>`;
  });
  const times = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="${atX(longest * share)}" y="${bottom + 16}" text-anchor="middle">${Math.round(longest * share)} s</text>`,
  );
  const lines = series.map(({ name, points }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(([x, value]) => `${atX(x)},${atY(value)}`).join(' ');
    const label = `<text x="${right + 30}" y="${top + 12 + index * 17}">${escapeXml(name)}</text>`;
    const mark = `<line x1="${right + 8}" x2="${right + 26}" y1="${top + 8 + index * 17}" y2="${top + 8 + index * 17}" stroke="${colour}" stroke-width="2.5"/>`;
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.8"/>${mark}${label}`;
  });
  const name = `<text x="${left}" y="${y + 20}" font-weight="bold">${escapeXml(title)} (${escapeXml(unit)})</text>`;
  return [name, ...grid, ...times, ...lines].join('\n');
}

/** 1, 2 or 5 times a power of ten, or the next half of it. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return (([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power) as number;
}

const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

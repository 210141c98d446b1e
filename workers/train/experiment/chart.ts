/** What each training got right, drawn: a bar for the mean, a dot for each seed. */

export interface Charted {
  readonly name: string;
  /** Shares of right answers, 0 to 1, by seed. */
  readonly primary: readonly number[];
  readonly arithmetic: readonly number[];
}

const WIDTH = 760;
/** Of a letter at most, at 12 pixels a line. */
const LETTER = 7;
const RIGHT = 60;
const TOP = 58;
const ROW = 44;
const BAR = 14;
// Told apart by people who cannot tell red from green.
const COLOURS = { primary: '#0072b2', arithmetic: '#e69f00' } as const;
const KINDS = ['primary', 'arithmetic'] as const;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / Math.max(1, all.length);

/** @returns an SVG document */
export function chart(title: string, rows: readonly Charted[]): string {
  const most = Math.max(0.1, ...rows.flatMap((row) => [...row.primary, ...row.arithmetic]));
  const end = Math.min(1, Math.ceil(most * 10) / 10);
  const left = 20 + LETTER * Math.max(12, ...rows.map(({ name }) => name.length));
  const x = (share: number): number => left + (share / end) * (WIDTH - left - RIGHT);
  const height = TOP + rows.length * ROW + 30;
  const ticks = Array.from({ length: Math.round(end * 10) + 1 }, (_, at) => at / 10)
    .map(
      (tick) =>
        `<line x1="${x(tick)}" y1="${TOP - 6}" x2="${x(tick)}" y2="${height - 26}" stroke="#ddd"/>` +
        `<text x="${x(tick)}" y="${height - 10}" text-anchor="middle" fill="#555">${Math.round(100 * tick)} %</text>`,
    )
    .join('\n');
  const bars = rows.flatMap(({ name, ...shares }, row) => {
    const y = TOP + row * ROW;
    return [
      `<text x="${left - 10}" y="${y + BAR + 5}" text-anchor="end">${escaped(name)}</text>`,
      ...KINDS.map((kind, at) => {
        const top = y + at * (BAR + 3);
        const value = mean(shares[kind]);
        const dots = shares[kind].map(
          (one) => `<circle cx="${x(one)}" cy="${top + BAR / 2}" r="3" fill="#fff" stroke="#333"/>`,
        );
        return `<rect x="${left}" y="${top}" width="${x(value) - left}" height="${BAR}" fill="${COLOURS[kind]}"/>${dots.join('')}
<text x="${x(Math.max(value, ...shares[kind])) + 8}" y="${top + BAR - 3}" fill="#333">${(100 * value).toFixed(1)}</text>`;
      }),
    ];
  });
  const legend = KINDS.map(
    (kind, at) =>
      `<rect x="${left + at * 110}" y="32" width="12" height="12" fill="${COLOURS[kind]}"/><text x="${left + 18 + at * 110}" y="42">${kind}</text>`,
  ).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${left}" y="20" font-size="14" font-weight="bold">${escaped(title)}</text>
${legend}<circle cx="${left + 240}" cy="38" r="3" fill="#fff" stroke="#333"/><text x="${left + 250}" y="42">a seed</text>
${ticks}
${bars.join('\n')}
</svg>
`;
}

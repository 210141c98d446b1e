import type { Split } from '../ask/phrase.ts';
import type { Random } from '../random.ts';
import type { Scene } from '../scene/scene.ts';
import { canvas, widthOf } from './ink.ts';
import { finish, type Page, pieces } from './page.ts';
import { makeTheme } from './theme.ts';

/** Tables: ruled, striped, coloured or bare. */
export function tablePage(rng: Random, split: Split, scene: Scene): Page {
  const theme = makeTheme(
    rng,
    split,
    rng.weighted([
      ['light', 6],
      ['warm', 2],
      ['dark', 1],
    ] as const),
    ['sans', 'serif', 'condensed', 'mono'],
    [18, 30],
  );
  const { size, body } = theme;
  const c = canvas();
  const margin = size * (0.8 + rng.next() * 1.5);
  const pad = size * (0.5 + rng.next() * 0.9);
  const rows = scene.rows.filter((r) => r.style !== 'title' && r.cells.length > 1);
  const count = Math.max(...rows.map((r) => pieces(r).length));
  const widths = Array.from(
    { length: count },
    (_, k) =>
      Math.max(...rows.map((r) => widthOf(r.style === 'header' ? body.bold : body.regular, pieces(r)[k] ?? '', size))) +
      pad * 2,
  );
  const title = scene.rows.find((r) => r.style === 'title')?.cells[0];
  const tableWidth = widths.reduce((a, b) => a + b, 0);
  const width = Math.max(tableWidth, title ? widthOf(theme.head.bold, title, size * 1.3) : 0) + margin * 2;
  const height = size * (1.5 + rng.next() * 0.6);
  const look = rng.pick(['ruled', 'striped', 'lines', 'bare', 'grid'] as const);
  const numbersRight = rng.chance(0.5);
  const headFill = rng.chance(0.6) ? theme.accent : undefined;
  let y = margin;
  if (title) {
    c.text(theme.head.bold, title, width / 2, y + size * 1.1, size * 1.3, theme.ink, 'middle');
    y += size * 2;
  }
  rows.forEach((row, i) => {
    const header = row.style === 'header';
    if (header && headFill) c.rect(margin, y, tableWidth, height, headFill);
    else if (look === 'striped' && i % 2 === 0) c.rect(margin, y, tableWidth, height, theme.faint);
    let x = margin;
    pieces(row).forEach((part, k) => {
      const w = widths[k] as number;
      if (look === 'grid') c.rect(x, y, w, height, 'none', theme.ink, 1.2);
      const font = header ? body.bold : body.regular;
      const fill = header && headFill ? theme.paper : theme.ink;
      if (k > 0 && numbersRight) c.text(font, part, x + w - pad, y + height * 0.68, size, fill, 'end');
      else c.text(font, part, x + pad, y + height * 0.68, size, fill);
      x += w;
    });
    if (look === 'lines' || (look === 'ruled' && header))
      c.line(margin, y + height, margin + tableWidth, y + height, theme.ink, 1.5);
    y += height;
  });
  return finish(c, width, y + margin, theme.paper);
}

import type { Split } from '../ask/phrase.ts';
import type { Random } from '../random.ts';
import type { Scene } from '../scene/scene.ts';
import { canvas, widthOf } from './ink.ts';
import { finish, type Page, pieces } from './page.ts';
import { makeTheme } from './theme.ts';

/** Menus, lists and labels: names at the left, values at the right edge or a fixed gap behind. */
export function menuPage(rng: Random, split: Split, scene: Scene): Page {
  const theme = makeTheme(
    rng,
    split,
    rng.pick(['light', 'warm', 'dark', 'light']),
    ['sans', 'serif', 'condensed', 'hand'],
    [20, 34],
  );
  const { size, body, head } = theme;
  const c = canvas();
  const margin = size * (1 + rng.next() * 2);
  const items = scene.rows.filter((r) => r.style === 'item' || r.style === 'text');
  const pairs = scene.rows.some((r) => pieces(r).length === 4 && r.style === 'item');
  const font = rng.chance(0.25) ? body.bold : body.regular;
  const widest = (k: number): number =>
    Math.max(
      0,
      ...items.map((r) => {
        const p = pieces(r)[k];
        return p === undefined ? 0 : widthOf(font, p, size);
      }),
    );
  const gap = size * (1 + rng.next() * 3);
  const nameWidth = widest(0);
  const valueWidth = widest(1);
  const column = nameWidth + gap + valueWidth;
  const extra = pairs ? size * (2 + rng.next() * 2) + widest(2) + gap + widest(3) : widest(2) > 0 ? gap + widest(2) : 0;
  const titles = scene.rows
    .filter((r) => r.style === 'title' || r.style === 'section')
    .map((r) => widthOf(head.bold, r.cells[0] ?? '', size * 1.7));
  const width = Math.max(column + extra, ...titles, size * 8) + margin * 2;
  const right = rng.chance(0.75);
  const tight = rng.chance(0.5);
  const ruled = rng.chance(0.15);
  let y = margin + size * 0.6;
  for (const row of scene.rows) {
    const parts = pieces(row);
    if (row.style === 'title') {
      y += size * 1.2;
      if (rng.chance(0.7)) c.text(head.bold, parts[0] ?? '', width / 2, y, size * 1.6, theme.accent, 'middle');
      else c.text(head.bold, parts[0] ?? '', margin, y, size * 1.5, theme.accent);
      y += size * 1.3;
      continue;
    }
    if (row.style === 'section') {
      y += size * 0.7;
      c.text(head.bold, parts[0] ?? '', margin, y + size * 0.3, size * 1.15, theme.accent);
      y += size * theme.leading;
      continue;
    }
    y += size * 0.4;
    const base = y + size * 0.4;
    if (row.style === 'text') {
      let x = margin;
      for (const part of parts) x += c.text(body.regular, part, x, base, size * 0.85, theme.ink) + size;
    } else {
      const nameEnd = margin + c.text(font, parts[0] ?? '', margin, base, size, theme.ink);
      if (parts.length > 1) {
        if (right) c.text(font, parts[1] as string, margin + column, base, size, theme.ink, 'end');
        else
          c.text(
            font,
            parts[1] as string,
            Math.max(nameEnd, tight ? nameEnd : margin + nameWidth) + gap,
            base,
            size,
            theme.ink,
          );
      }
      if (pairs && parts.length === 4) {
        c.text(font, parts[2] as string, width - margin - (widest(2) + gap + widest(3)), base, size, theme.ink);
        c.text(font, parts[3] as string, width - margin, base, size, theme.ink, 'end');
      } else if (parts.length > 2) c.text(font, parts[2] as string, width - margin, base, size, theme.ink, 'end');
      if (ruled) c.line(margin, base + size * 0.45, width - margin, base + size * 0.45, theme.faint);
    }
    y += size * (theme.leading - 0.4);
  }
  return finish(c, width, y + margin, theme.paper);
}

import type { Split } from '../ask/phrase.ts';
import type { Random } from '../random.ts';
import type { Scene } from '../scene/scene.ts';
import { canvas, widthOf } from './ink.ts';
import { finish, type Page, pieces } from './page.ts';
import { makeTheme } from './theme.ts';

/** Receipts: narrow, the head centred, amounts at the right edge, middle columns between. */
export function receiptPage(rng: Random, split: Split, scene: Scene): Page {
  const theme = makeTheme(
    rng,
    split,
    'receipt',
    rng.chance(0.6) ? ['mono'] : ['sans', 'condensed', 'mono', 'serif'],
    [17, 26],
  );
  const { size, body } = theme;
  const c = canvas();
  const margin = size * (1 + rng.next());
  const gap = size * 1.2;
  const inner = Math.max(
    size * 15,
    ...scene.rows.map((r) => pieces(r).reduce((sum, p) => sum + widthOf(body.regular, p, size) + gap, -gap)),
    ...scene.rows.filter((r) => r.style === 'title').map((r) => widthOf(body.bold, r.cells[0] ?? '', size * 1.25)),
  );
  const width = inner + margin * 2;
  const labelsRight = rng.chance(0.25);
  const leading = 1.25 + rng.next() * 0.35;
  let y = margin + size;
  let head = true;
  for (const row of scene.rows) {
    const parts = pieces(row);
    if (row.style === 'rule' || parts.length === 0) {
      if (rng.chance(0.5))
        c.line(
          margin,
          y - size * 0.4,
          width - margin,
          y - size * 0.4,
          theme.ink,
          1.5,
          rng.chance(0.6) ? '6 4' : undefined,
        );
      else
        c.text(
          body.regular,
          '-'.repeat(Math.floor(inner / widthOf(body.regular, '-', size))),
          margin,
          y,
          size,
          theme.ink,
        );
      y += size * leading * 0.9;
      continue;
    }
    if (row.style === 'header' || row.style === 'item') head = false;
    const bold =
      row.style === 'title' || (row.style === 'total' && /total|due|payable/i.test(parts[0] ?? '') && rng.chance(0.4));
    const font = bold ? body.bold : body.regular;
    const scale = row.style === 'title' ? 1.25 : bold && rng.chance(0.3) ? 1.15 : 1;
    const last = parts.at(-1) as string;
    if (parts.length === 1 && (head || row.style === 'title' || row.style === 'section' || row.style === 'text')) {
      c.text(
        font,
        last,
        row.style === 'text' && !head && rng.chance(0.3) ? margin + widthOf(font, last, size) / 2 : width / 2,
        y,
        size * scale,
        theme.ink,
        'middle',
      );
    } else if (parts.length === 1) {
      if (row.valueLast || (row.style === 'total' && /^[^a-z]*\d[^a-z]*$/i.test(last)))
        c.text(font, last, width - margin, y, size * scale, theme.ink, 'end');
      else c.text(font, last, margin, y, size * scale, theme.ink);
    } else {
      const lastWidth = widthOf(font, last, size * scale);
      c.text(font, last, width - margin, y, size * scale, theme.ink, 'end');
      const first = parts[0] as string;
      const firstWidth = widthOf(font, first, size * scale);
      if (row.style === 'total' && parts.length === 2 && labelsRight && firstWidth + lastWidth + gap < inner) {
        c.text(
          font,
          first,
          Math.max(margin + firstWidth, width - margin - Math.max(lastWidth + gap, size * 6)),
          y,
          size * scale,
          theme.ink,
          'end',
        );
      } else c.text(font, first, margin, y, size * scale, theme.ink);
      // Middle cells share the room between.
      const middle = parts.slice(1, -1);
      let at = width - margin - Math.max(lastWidth + gap, size * 4.5);
      const room = at - (margin + firstWidth + gap);
      const needed = middle.reduce((sum, p) => sum + widthOf(font, p, size) + gap, 0);
      const step = Math.min(size * 5, Math.max(0, (room - needed) / Math.max(1, middle.length)));
      if (needed > room) at = width - margin - lastWidth - gap;
      for (const part of [...middle].reverse()) {
        c.text(font, part, at, y, size, theme.ink, 'end');
        at -= widthOf(font, part, size) + gap + step * 0.3;
      }
    }
    y += size * leading * scale * (head && row.style === 'section' ? 1.4 : 1);
  }
  return finish(c, width, y + margin * 0.6, theme.paper);
}

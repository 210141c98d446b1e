import type { Split } from '../ask/phrase.ts';
import type { Random } from '../random.ts';
import type { Scene } from '../scene/scene.ts';
import { canvas, widthOf } from './ink.ts';
import { finish, type Page } from './page.ts';
import { makeTheme } from './theme.ts';

/** Bar charts: label, bar, value at its end. */
export function chartPage(rng: Random, split: Split, scene: Scene): Page {
  const theme = makeTheme(
    rng,
    split,
    rng.pick(['light', 'light', 'warm', 'dark']),
    ['sans', 'condensed', 'serif'],
    [18, 28],
  );
  const { size, body } = theme;
  const c = canvas();
  const margin = size * 1.2;
  const facts = scene.facts.kind === 'prices' ? scene.facts : undefined;
  const most = Math.max(1, ...(facts?.entries.map((e) => e.amount) ?? []));
  const nameWidth = Math.max(
    size * 4,
    ...scene.rows.filter((r) => r.style === 'item').map((r) => widthOf(body.regular, r.cells[0] ?? '', size)),
  );
  const bar = size * (6 + rng.next() * 8);
  const width = margin * 2 + nameWidth + size * 0.8 + bar + size * 5;
  const table = rng.chance(0.3);
  let y = margin;
  for (const row of scene.rows) {
    if (row.style === 'title') {
      c.text(theme.head.bold, row.cells[0] ?? '', width / 2, y + size, size * 1.3, theme.ink, 'middle');
      y += size * 2.4;
    } else if (row.style === 'item') {
      const entry = facts?.entries.find((e) => e.name === row.cells[0]);
      const length = table ? 0 : Math.max(2, (bar * (entry?.amount ?? 0)) / most);
      c.text(body.regular, row.cells[0] ?? '', margin + nameWidth, y + size, size, theme.ink, 'end');
      const x = margin + nameWidth + size * 0.8;
      if (!table) c.rect(x, y + size * 0.1, length, size * 1.1, theme.accent);
      c.text(body.bold, row.cells[1] ?? '', x + length + size * 0.4, y + size, size, theme.ink);
      y += size * (1.6 + theme.leading * 0.2);
    } else {
      const parts = row.cells;
      parts.forEach((part, k) => {
        c.text(
          body.regular,
          part,
          margin + nameWidth + size * 0.8 + (parts.length === 1 ? 0 : (bar * k) / (parts.length - 1)),
          y + size,
          size * 0.8,
          theme.ink,
          parts.length === 1 ? 'start' : 'middle',
        );
      });
      y += size * 1.8;
    }
  }
  return finish(c, width, y + margin, theme.paper);
}

/** Columns with their value on top and their name below. */
export function columnPage(rng: Random, split: Split, scene: Scene): Page {
  const theme = makeTheme(
    rng,
    split,
    rng.pick(['light', 'light', 'warm', 'dark']),
    ['sans', 'condensed', 'serif'],
    [18, 28],
  );
  const { size, body } = theme;
  const c = canvas();
  const margin = size * 1.5;
  const entries = scene.facts.kind === 'prices' ? scene.facts.entries : [];
  const names = scene.rows.at(-1)?.cells ?? [];
  const step = Math.max(...names.map((n) => widthOf(body.regular, n, size)), size * 4) + size;
  const most = Math.max(...entries.map((e) => e.amount));
  const high = size * 14;
  const top = margin + size * 2.5;
  const width = margin * 2 + step * names.length;
  const title = scene.rows[0]?.style === 'title' ? (scene.rows[0].cells[0] ?? '') : '';
  if (title) c.text(theme.head.bold, title, width / 2, margin + size * 0.5, size * 1.2, theme.ink, 'middle');
  names.forEach((name, k) => {
    const x = margin + step * (k + 0.5);
    const entry = entries.find((e) => e.name === name);
    if (entry) {
      const h = (high * entry.amount) / most;
      c.rect(x - step * 0.25, top + high - h, step * 0.5, h, theme.accent);
      c.text(body.bold, entry.value, x, top + high - h - size * 0.4, size, theme.ink, 'middle');
    }
    c.text(body.regular, name, x, top + high + size * 1.3, size, theme.ink, 'middle');
  });
  return finish(c, width, top + high + size * 2.5, theme.paper);
}

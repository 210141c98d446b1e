import type { Split } from '../ask/phrase.ts';
import type { Random } from '../random.ts';
import type { Scene } from '../scene/scene.ts';
import { canvas, widthOf } from './ink.ts';
import { finish, type Page, pieces } from './page.ts';
import { makeTheme } from './theme.ts';

/** Price boards: big names and figures in panels. */
export function boardPage(rng: Random, split: Split, scene: Scene): Page {
  const theme = makeTheme(rng, split, 'board', ['condensed', 'sans', 'display', 'mono'], [34, 60]);
  const { size, body, head } = theme;
  const c = canvas();
  const margin = size * 0.7;
  const items = scene.rows;
  const gap = size * 1.2;
  const inner = Math.max(
    size * 7,
    ...items.map((r) => pieces(r).reduce((sum, p) => sum + widthOf(body.bold, p, size * 1.1) + gap, -gap)),
  );
  const width = inner + margin * 2;
  const panels = rng.chance(0.5);
  let y = margin;
  for (const row of scene.rows) {
    const parts = pieces(row);
    const height = size * 1.7;
    if (row.style === 'title') {
      c.rect(0, y - margin * 0.5, width, height * 1.1, theme.accent);
      c.text(head.bold, parts[0] ?? '', width / 2, y + height * 0.65, size * 1.05, theme.paper, 'middle');
      y += height * 1.25;
      continue;
    }
    if (row.style === 'text') {
      c.text(head.regular, parts[0] ?? '', width / 2, y + height * 0.5, size * 0.6, theme.accent, 'middle');
      y += height * 0.8;
      continue;
    }
    if (panels) c.rect(margin * 0.5, y, width - margin, height * 0.92, 'none', theme.faint, 3);
    const base = y + height * 0.68;
    c.text(
      head.bold,
      parts[0] ?? '',
      parts.length === 1 ? width / 2 : margin,
      base,
      size * 0.9,
      theme.accent,
      parts.length === 1 ? 'middle' : 'start',
    );
    if (parts.length > 2)
      c.text(head.regular, parts[1] as string, width * 0.55, base, size * 0.7, theme.accent, 'middle');
    if (parts.length > 1) c.text(body.bold, parts.at(-1) as string, width - margin, base, size * 1.1, theme.ink, 'end');
    y += height;
  }
  return finish(c, width, y + margin * 0.6, theme.paper);
}

/** Signs and plates: big letters in the middle. */
export function signPage(rng: Random, split: Split, scene: Scene): Page {
  const theme = makeTheme(
    rng,
    split,
    rng.pick(['board', 'light', 'dark', 'warm']),
    ['sans', 'condensed', 'serif', 'display'],
    [40, 84],
  );
  const { size, head, body } = theme;
  const c = canvas();
  const margin = size;
  const width =
    Math.max(
      ...scene.rows.map((r) =>
        widthOf(
          r.style === 'title' ? head.bold : body.regular,
          pieces(r).join('   '),
          size * (r.style === 'title' ? 1 : 0.55),
        ),
      ),
    ) +
    margin * 2;
  const height = margin * 1.6 + scene.rows.reduce((sum, r) => sum + size * (r.style === 'title' ? 1.3 : 0.9), 0);
  if (rng.chance(0.6))
    c.rect(size * 0.25, size * 0.25, width - size * 0.5, height - size * 0.5, 'none', theme.ink, size * 0.08);
  let y = margin * 0.9;
  for (const row of scene.rows) {
    const title = row.style === 'title';
    y += size * (title ? 1 : 0.7);
    c.text(
      title ? head.bold : body.regular,
      pieces(row).join('   '),
      width / 2,
      y,
      size * (title ? 1 : 0.55),
      theme.ink,
      'middle',
    );
    y += size * (title ? 0.3 : 0.2);
  }
  return finish(c, width, height, theme.paper);
}

/** Equations in a grid. */
export function equationPage(rng: Random, split: Split, scene: Scene): Page {
  const theme = makeTheme(
    rng,
    split,
    rng.pick(['light', 'light', 'dark', 'warm']),
    ['sans', 'serif', 'hand', 'mono'],
    [30, 60],
  );
  const { size, body } = theme;
  const c = canvas();
  const margin = size * 1.1;
  const rows = scene.rows;
  const count = Math.max(...rows.map((r) => pieces(r).length));
  const cell =
    Math.max(
      ...rows.filter((r) => r.style === 'item').flatMap((r) => pieces(r).map((p) => widthOf(body.regular, p, size))),
    ) +
    size * (1.5 + rng.next() * 2);
  const width =
    margin * 2 +
    Math.max(
      cell * count,
      ...rows.map((r) => (r.style === 'title' ? widthOf(theme.head.bold, r.cells[0] ?? '', size) : 0)),
    );
  let y = margin;
  for (const row of rows) {
    y += size;
    if (row.style === 'title')
      c.text(theme.head.bold, row.cells[0] ?? '', width / 2, y, size * 0.8, theme.accent, 'middle');
    else
      for (const [k, part] of pieces(row).entries()) c.text(body.regular, part, margin + k * cell, y, size, theme.ink);
    y += size * (0.6 + theme.leading * 0.5);
  }
  return finish(c, width, y + margin * 0.5, theme.paper);
}

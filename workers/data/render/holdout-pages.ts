/** Layouts that no training picture has: cards and columns for menus, framed and ledger-like receipts. */
import type { Random } from '../random.ts';
import type { Scene } from '../scene/scene.ts';
import { canvas, widthOf } from './ink.ts';
import { finish, type Page, pieces } from './page.ts';
import { makeTheme } from './theme.ts';

/** A menu as a card: banner, a frame, names in bold with a line of dots up to the price. */
export function cardMenuPage(rng: Random, scene: Scene): Page {
  const theme = makeTheme(rng, 'holdout', rng.pick(['warm', 'light']), ['serif', 'sans', 'condensed'], [22, 32]);
  const { size, body, head } = theme;
  const c = canvas();
  const margin = size * 2;
  const rows = scene.rows.filter((r) => r.cells.length > 0);
  const inner = Math.max(
    size * 13,
    ...rows.map((r) => pieces(r).reduce((sum, p) => sum + widthOf(body.bold, p, size) + size * 1.5, 0)),
  );
  const width = inner + margin * 2;
  const bannerHeight = size * 2.6;
  c.rect(0, 0, width, bannerHeight, theme.accent);
  let y = bannerHeight + size * 0.8;
  for (const row of rows) {
    const parts = pieces(row);
    if (row.style === 'title') {
      c.text(head.bold, parts[0] ?? '', width / 2, bannerHeight * 0.66, size * 1.5, theme.paper, 'middle');
      continue;
    }
    y += size * 0.9;
    if (row.style === 'section') {
      c.text(head.bold, parts[0] ?? '', width / 2, y + size * 0.2, size * 1.1, theme.accent, 'middle');
      c.line(margin, y + size * 0.6, width - margin, y + size * 0.6, theme.accent, 2);
    } else if (row.style === 'text') {
      c.text(body.regular, parts.join('  '), width / 2, y, size * 0.8, theme.ink, 'middle');
    } else {
      const end = margin + c.text(body.bold, parts[0] ?? '', margin, y, size, theme.ink);
      const last = parts.at(-1) ?? '';
      const lastWidth = widthOf(body.regular, last, size);
      c.line(end + size * 0.4, y - 2, width - margin - lastWidth - size * 0.4, y - 2, theme.faint, 2, '2 6');
      c.text(body.regular, last, width - margin, y, size, theme.ink, 'end');
    }
    y += size * 0.9;
  }
  const height = y + margin * 0.6;
  c.rect(
    size * 0.5,
    bannerHeight + size * 0.4,
    width - size,
    height - bannerHeight - size * 0.9,
    'none',
    theme.faint,
    2,
  );
  return finish(c, width, height, theme.paper);
}

/** A menu as boxes, two to a row, each with the name above its price. */
export function boxMenuPage(rng: Random, scene: Scene): Page {
  const theme = makeTheme(rng, 'holdout', rng.pick(['dark', 'light']), ['sans', 'condensed'], [22, 30]);
  const { size, body, head } = theme;
  const c = canvas();
  const margin = size * 1.2;
  const rows = scene.rows.filter((r) => r.style === 'item');
  const name = Math.max(...rows.map((r) => widthOf(body.bold, pieces(r)[0] ?? '', size)));
  const value = Math.max(...rows.map((r) => widthOf(body.regular, pieces(r).at(-1) ?? '', size)));
  const box = name + value + size * 3.2;
  const width = box + margin * 2;
  let y = margin;
  for (const row of scene.rows) {
    const parts = pieces(row);
    if (row.style === 'item') {
      c.rect(margin, y, box, size * 1.9, 'none', theme.accent, 2);
      c.text(body.regular, parts.at(-1) ?? '', width - margin - size * 0.7, y + size * 1.3, size, theme.accent, 'end');
      c.text(body.bold, parts[0] ?? '', margin + size * 0.7, y + size * 1.3, size, theme.ink);
      y += size * 2.3;
      continue;
    }
    const big = row.style === 'title' ? 1.5 : row.style === 'section' ? 1.1 : 0.8;
    c.text(head.bold, parts.join('  '), margin, y + size * big, size * big, theme.ink);
    y += size * (big + 0.9);
  }
  return finish(c, width, y + margin * 0.5, theme.paper);
}

/** A receipt with a frame around its sums, labels set right beside their values. */
export function framedReceiptPage(rng: Random, scene: Scene, ledger: boolean): Page {
  const theme = makeTheme(rng, 'holdout', 'receipt', ledger ? ['serif', 'sans'] : ['mono', 'condensed'], [19, 25]);
  const { size, body, head } = theme;
  const c = canvas();
  const margin = size * 1.6;
  const gap = size * 1.1;
  const inner = Math.max(
    size * 17,
    ...scene.rows.map((r) => pieces(r).reduce((sum, p) => sum + widthOf(body.bold, p, size) + gap, -gap)),
  );
  const width = inner + margin * 2;
  let y = margin + size;
  let frame = -1;
  const close = (): void => {
    if (frame >= 0)
      c.rect(margin * 0.5, frame - size * 1.2, width - margin, y - frame + size * 0.45, 'none', theme.ink, 1.5);
    frame = -1;
  };
  for (const row of scene.rows) {
    const parts = pieces(row);
    if (parts.length === 0) {
      if (ledger) c.line(margin, y - size * 0.5, width - margin, y - size * 0.5, theme.ink, 3);
      y += size * 0.6;
      continue;
    }
    if (row.style === 'total' && frame < 0) {
      y += size * 0.7;
      frame = y;
    } else if (row.style !== 'total' && frame >= 0) {
      close();
      y += size;
    }
    const font = row.style === 'title' ? head.bold : row.style === 'header' ? body.bold : body.regular;
    const scale = row.style === 'title' ? 1.4 : 1;
    if (parts.length === 1) {
      if (row.style === 'title' || row.style === 'section')
        c.text(
          font,
          parts[0] as string,
          ledger ? margin : width / 2,
          y,
          size * scale,
          theme.ink,
          ledger ? 'start' : 'middle',
        );
      else if (row.valueLast) c.text(font, parts[0] as string, width - margin, y, size, theme.ink, 'end');
      else c.text(font, parts[0] as string, margin, y, size * scale, theme.ink);
    } else {
      const last = parts.at(-1) as string;
      const lastWidth = widthOf(font, last, size);
      c.text(font, last, width - margin, y, size, theme.ink, 'end');
      let at = width - margin - Math.max(lastWidth + gap, row.style === 'total' ? size * 5.5 : size * 4);
      for (const part of parts.slice(1, -1).reverse()) {
        c.text(font, part, at, y, size, theme.ink, 'end');
        at -= widthOf(font, part, size) + gap;
      }
      const firstWidth = widthOf(font, parts[0] as string, size);
      if (row.style === 'total')
        c.text(font, parts[0] as string, Math.max(at, margin + firstWidth), y, size, theme.ink, 'end');
      else c.text(font, parts[0] as string, margin, y, size, theme.ink);
    }
    if (ledger && row.style === 'item')
      c.line(margin, y + size * 0.35, width - margin, y + size * 0.35, theme.faint, 1);
    y += size * (ledger ? 1.6 : 1.4) * scale;
  }
  close();
  return finish(c, width, y + margin, theme.paper);
}

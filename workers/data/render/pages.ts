/** Layouts: a scene's rows as a page of SVG. Each returns the page and its size in pixels. */
import type { Split } from '../ask/phrase.ts';
import type { Random } from '../random.ts';
import type { Scene, SceneRow } from '../scene/scene.ts';
import { type Canvas, canvas, widthOf } from './ink.ts';
import { makeTheme, type Theme } from './theme.ts';

export interface Page {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  readonly paper: string;
}

const finish = (c: Canvas, width: number, height: number, paper: string): Page => {
  const w = Math.ceil(width);
  const h = Math.ceil(height);
  return {
    width: w,
    height: h,
    paper,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}"><rect width="${w}" height="${h}" fill="${paper}"/>${c.parts.join('')}</svg>`,
  };
};

/** Cells of a row with what is glued to them, as pieces that stand apart. */
function pieces(row: SceneRow): string[] {
  const out: string[] = [];
  row.cells.forEach((cell, i) => {
    if (i > 0 && row.glued?.includes(i - 1)) out[out.length - 1] += ` ${cell}`;
    else out.push(cell);
  });
  return out;
}

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
    else pieces(row).forEach((part, k) => c.text(body.regular, part, margin + k * cell, y, size, theme.ink));
    y += size * (0.6 + theme.leading * 0.5);
  }
  return finish(c, width, y + margin * 0.5, theme.paper);
}

export type { Theme };

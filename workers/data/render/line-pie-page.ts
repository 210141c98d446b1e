/** Line charts over a table of their values, and pies with a legend that says them. */
import type { Split } from '../ask/phrase.ts';
import type { Random } from '../random.ts';
import type { Entry, Scene } from '../scene/scene.ts';
import { type Canvas, canvas, widthOf } from './ink.ts';
import { finish, type Page } from './page.ts';
import { makeTheme, type Theme } from './theme.ts';

const themeOf = (rng: Random, split: Split): Theme =>
  makeTheme(rng, split, rng.pick(['light', 'light', 'warm', 'dark']), ['sans', 'condensed', 'serif'], [18, 28]);

const entriesOf = (scene: Scene): readonly Entry[] => (scene.facts.kind === 'prices' ? scene.facts.entries : []);

/** Title above, and a note below, as far as the scene has them. */
function heading(c: Canvas, scene: Scene, theme: Theme, width: number, y: number): number {
  const [first] = scene.rows;
  if (first?.style !== 'title') return y;
  c.text(theme.head.bold, first.cells[0] ?? '', width / 2, y + theme.size, theme.size * 1.3, theme.ink, 'middle');
  return y + theme.size * 2.6;
}

function note(c: Canvas, scene: Scene, theme: Theme, left: number, y: number): number {
  const last = scene.rows.at(-1);
  if (last?.style !== 'text') return y;
  c.text(theme.body.regular, last.cells[0] ?? '', left, y + theme.size, theme.size * 0.8, theme.ink);
  return y + theme.size * 1.8;
}

const widest = (theme: Theme, texts: readonly string[]): number =>
  Math.max(theme.size * 3, ...texts.map((text) => widthOf(theme.body.bold, text, theme.size)));

/** The width that the page needs for its title and note. */
const lineWidth = (scene: Scene, theme: Theme): number =>
  Math.max(
    0,
    ...scene.rows
      .filter(({ style }) => style === 'title' || style === 'text')
      .map(({ cells }) => widthOf(theme.head.bold, cells[0] ?? '', theme.size * 1.3)),
  );

export function linePage(rng: Random, split: Split, scene: Scene): Page {
  const theme = themeOf(rng, split);
  const { size, body } = theme;
  const c = canvas();
  const margin = size * 1.3;
  const entries = entriesOf(scene);
  const nameWidth = widest(
    theme,
    entries.map(({ name }) => name),
  );
  const valueWidth = widest(
    theme,
    entries.map(({ value }) => value),
  );
  const gap = size * (1.5 + rng.next() * 4);
  const plot = Math.max(size * 14, nameWidth + gap + valueWidth, lineWidth(scene, theme));
  const width = plot + margin * 2;
  let y = heading(c, scene, theme, width, margin);
  const high = size * (6 + rng.next() * 5);
  const most = Math.max(1, ...entries.map(({ amount }) => amount));
  const points = entries.map(({ amount }, i) => [
    margin + (plot * (i + 0.5)) / entries.length,
    y + high - (high * 0.92 * amount) / most,
  ]);
  c.line(margin, y, margin, y + high, theme.ink, 1.5);
  c.line(margin, y + high, margin + plot, y + high, theme.ink, 1.5);
  c.shape(
    `<polyline points="${points.map((p) => p.map((v = 0) => v.toFixed(1)).join(',')).join(' ')}" fill="none" stroke="${theme.accent}" stroke-width="3"/>`,
  );
  if (rng.chance(0.6))
    for (const [px = 0, py = 0] of points)
      c.shape(
        `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="${(size * 0.22).toFixed(1)}" fill="${theme.accent}"/>`,
      );
  y += high + size * 1.2;
  const step = size * (1.5 + theme.leading * 0.2);
  const left = margin + (plot - nameWidth - gap - valueWidth) / 2;
  const ruled = rng.chance(0.5);
  for (const { name, value } of entries) {
    c.text(body.regular, name, left, y + size, size, theme.ink);
    c.text(body.bold, value, left + nameWidth + gap + valueWidth, y + size, size, theme.ink, 'end');
    if (ruled) c.line(left, y + size * 1.35, left + nameWidth + gap + valueWidth, y + size * 1.35, theme.faint);
    y += step;
  }
  y = note(c, scene, theme, margin, y + size * 0.3);
  return finish(c, width, y + margin, theme.paper);
}

/** Colours of slices: told apart by most people who see few colours, too. */
const SLICES = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442', '#7f7f7f', '#882255'];

export function piePage(rng: Random, split: Split, scene: Scene): Page {
  const theme = themeOf(rng, split);
  const { size, body } = theme;
  const c = canvas();
  const margin = size * 1.3;
  const entries = entriesOf(scene);
  const nameWidth = widest(
    theme,
    entries.map(({ name }) => name),
  );
  const valueWidth = widest(
    theme,
    entries.map(({ value }) => value),
  );
  const radius = size * (3.5 + rng.next() * 2.5);
  const step = size * (1.5 + theme.leading * 0.2);
  const legend = nameWidth + valueWidth + size * 4;
  const beside = rng.chance(0.6);
  const width =
    Math.max(beside ? radius * 2 + size * 2 + legend : Math.max(radius * 2, legend), lineWidth(scene, theme)) +
    margin * 2;
  const top = heading(c, scene, theme, width, margin);
  const [cx, cy] = [beside ? margin + radius : width / 2, top + radius];
  const sum = entries.reduce((all, { amount }) => all + amount, 0) || 1;
  let angle = -Math.PI / 2;
  entries.forEach(({ amount }, i) => {
    const end = angle + (2 * Math.PI * amount) / sum;
    const [x0, y0, x1, y1] = [
      cx + radius * Math.cos(angle),
      cy + radius * Math.sin(angle),
      cx + radius * Math.cos(end),
      cy + radius * Math.sin(end),
    ].map((v) => v.toFixed(1));
    c.shape(
      `<path d="M${cx.toFixed(1)} ${cy.toFixed(1)}L${x0} ${y0}A${radius.toFixed(1)} ${radius.toFixed(1)} 0 ${end - angle > Math.PI ? 1 : 0} 1 ${x1} ${y1}Z" fill="${SLICES[i % SLICES.length]}" stroke="${theme.paper}"/>`,
    );
    angle = end;
  });
  if (rng.chance(0.3))
    c.shape(
      `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="${(radius * 0.5).toFixed(1)}" fill="${theme.paper}"/>`,
    );
  const left = beside ? margin + radius * 2 + size * 2 : margin;
  let y = beside ? Math.max(top, cy - (step * entries.length) / 2) : cy + radius + size;
  entries.forEach(({ name, value }, i) => {
    c.rect(left, y + size * 0.25, size * 0.8, size * 0.8, SLICES[i % SLICES.length] as string);
    c.text(body.regular, name, left + size * 1.3, y + size, size, theme.ink);
    c.text(body.bold, value, left + size * 1.3 + nameWidth + size * 1.5 + valueWidth, y + size, size, theme.ink, 'end');
    y += step;
  });
  y = note(c, scene, theme, margin, Math.max(y, cy + radius) + size * 0.4);
  return finish(c, width, y + margin, theme.paper);
}

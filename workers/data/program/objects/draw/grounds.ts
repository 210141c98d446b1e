/** What is behind the things: one picture for each template of ../templates.ts, different each time it is drawn. */
import type { Random } from '../../../random.ts';

type Ground = (rng: Random, width: number, height: number) => string;

const rect = (x: number, y: number, w: number, h: number, fill: string): string =>
  `<rect x="${x.toFixed(0)}" y="${y.toFixed(0)}" width="${w.toFixed(0)}" height="${h.toFixed(0)}" fill="${fill}"/>`;

const fade = (id: string, from: string, to: string): string =>
  `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient>`;

/** Sky above, ground below, both from far to near. */
const open = (
  rng: Random,
  w: number,
  h: number,
  horizon: number,
  sky: readonly [string, string],
  ground: readonly [string, string],
): string =>
  `<defs>${fade('sky', ...sky)}${fade('ground', ...ground)}</defs>${rect(0, 0, w, h * horizon + 1, 'url(#sky)')}${hills(rng, w, h * horizon, ground[0])}${rect(0, h * horizon, w, h, 'url(#ground)')}`;

function hills(rng: Random, w: number, base: number, fill: string): string {
  let d = `M0 ${base.toFixed(0)}`;
  for (let i = 0; i <= 6; i++)
    d += `L${((w * i) / 6).toFixed(0)} ${(base - base * (0.02 + rng.next() * 0.1)).toFixed(0)}`;
  return `<path d="${d}L${w} ${base.toFixed(0)}Z" fill="${fill}"/>`;
}

/** Lines that run together at the horizon: they make the ground go away from the viewer. */
function rays(w: number, h: number, horizon: number, colour: string): string {
  let lines = '';
  for (let i = -8; i <= 8; i++)
    lines += `<path d="M${(w / 2 + (i * w) / 22).toFixed(0)} ${(h * horizon).toFixed(0)}L${(w / 2 + (i * w) / 4).toFixed(0)} ${h}" stroke="${colour}" stroke-width="1.5"/>`;
  return lines;
}

const tufts = (rng: Random, w: number, h: number, horizon: number, colour: string): string => {
  let d = '';
  for (let i = 0; i < 60; i++) {
    const t = rng.next();
    const y = h * (horizon + t * (1 - horizon));
    const s = 2 + t * 7;
    const x = rng.next() * w;
    d += `M${x.toFixed(0)} ${y.toFixed(0)}l${(s / 3).toFixed(1)} -${s.toFixed(1)}`;
  }
  return `<path d="${d}" stroke="${colour}" stroke-width="1.4" fill="none"/>`;
};

const specks = (rng: Random, w: number, h: number, from: number, colours: readonly string[], size: number): string => {
  let all = '';
  for (let i = 0; i < 90; i++)
    all += `<circle cx="${(rng.next() * w).toFixed(0)}" cy="${(h * (from + rng.next() * (1 - from))).toFixed(0)}" r="${(0.6 + rng.next() * size).toFixed(1)}" fill="${rng.pick(colours)}"/>`;
  return all;
};

const grid = (w: number, h: number, step: number, colour: string): string => {
  let d = '';
  for (let x = step; x < w; x += step) d += `M${x.toFixed(0)} 0V${h}`;
  for (let y = step; y < h; y += step) d += `M0 ${y.toFixed(0)}H${w}`;
  return `<path d="${d}" stroke="${colour}" stroke-width="2" fill="none"/>`;
};

export const GROUNDS: Readonly<Record<string, Ground>> = {
  meadow: (rng, w, h) =>
    open(rng, w, h, 0.38, ['#bfe0f2', '#e8f3f6'], ['#b9d79a', '#94bf6c']) + tufts(rng, w, h, 0.4, '#7ba553'),
  beach: (rng, w, h) =>
    open(rng, w, h, 0.4, ['#c8e4f0', '#eef6f7'], ['#efe0bb', '#e4cf9d']) +
    rect(0, h * 0.36, w, h * 0.06, '#a9d3dd') +
    specks(rng, w, h, 0.45, ['#d3bd88', '#f5ead0'], 1.2),
  street: (rng, w, h) =>
    open(rng, w, h, 0.36, ['#cfd9e6', '#e9edf2'], ['#b8babd', '#a4a6aa']) +
    rays(w, h, 0.36, '#c9cacd') +
    houses(rng, w, h * 0.36),
  room: (rng, w, h) =>
    rect(0, 0, w, h, rng.pick(['#f0e6cf', '#e2ecdf', '#dfe6ef'])) +
    rect(0, h * 0.42, w, h, '#d9b98c') +
    rays(w, h, 0.42, '#c6a474') +
    rect(0, h * 0.41, w, h * 0.015, '#fbf7ee'),
  stage: (rng, w, h) =>
    rect(0, 0, w, h, rng.pick(['#e7d9ea', '#d9e3ea', '#e9e4d5'])) +
    curtains(w, h * 0.45) +
    rect(0, h * 0.45, w, h, '#d8cfc0') +
    rays(w, h, 0.45, '#c5baa7'),
  board: (_, w, h) => rect(0, 0, w, h, '#5d8a72') + grid(w, h, h / 6, '#6a967e'),
  paper: (rng, w, h) => rect(0, 0, w, h, rng.pick(['#f3eee0', '#e9eef2', '#f1e8ee'])) + grid(w, h, h / 16, '#e2e0d6'),
  tiles: (rng, w, h) => rect(0, 0, w, h, rng.pick(['#d5dfe4', '#e0dcd3'])) + grid(w, h, h / 7, '#f7f8f8'),
  snow: (rng, w, h) =>
    open(rng, w, h, 0.4, ['#b7c9dc', '#d8e2ec'], ['#eef3f7', '#e1e9f0']) + specks(rng, w, h, 0, ['#ffffff'], 2),
  cork: (rng, w, h) => rect(0, 0, w, h, '#d2a873') + specks(rng, w, h, 0, ['#bd9059', '#e0bd8e', '#a97c47'], 2.4),
  night: (rng, w, h) =>
    open(rng, w, h, 0.4, ['#26304f', '#47537c'], ['#4d5e5c', '#5f7370']) +
    specks(rng, w, h * 0.38, 0, ['#f4f0d0'], 1) +
    tufts(rng, w, h, 0.42, '#74908b'),
  cloth: (_, w, h) => rect(0, 0, w, h, '#e6c3c3') + grid(w, h, h / 10, '#f0d9d9') + grid(w, h, h / 5, '#d9a9a9'),
};

function houses(rng: Random, w: number, base: number): string {
  let all = '';
  for (let x = 0; x < w; ) {
    const across = w * (0.06 + rng.next() * 0.08);
    const high = base * (0.3 + rng.next() * 0.45);
    all += rect(x, base - high, across - 2, high, rng.pick(['#c3ccd8', '#d4cfc6', '#bcc6cf']));
    x += across;
  }
  return all;
}

function curtains(w: number, h: number): string {
  let all = '';
  for (let i = 0; i < 4; i++)
    all += rect(i * w * 0.035, 0, w * 0.03, h, '#c9bfd6') + rect(w - (i + 1) * w * 0.035, 0, w * 0.03, h, '#c9bfd6');
  return all;
}

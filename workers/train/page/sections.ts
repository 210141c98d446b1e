/** The sections of a training's page. One whose facts were never told is left out. */
import { COLOURS } from '../../data/report/chart/palette.ts';
import { type Html, html, number, percent } from '../../data/report/html.ts';
import { curve, type Ground } from './curve.ts';
import type { Progress, TrainingLog } from './log.ts';
import { type Point, short, smooth } from './points.ts';

export type Cell = string | number | boolean | null;

/** Figures of any kind, as JSON: rows of cells below `head`, or rows of fields. */
export interface ResultTable {
  readonly title: string;
  readonly note?: string;
  readonly head?: readonly string[];
  readonly rows: readonly (readonly Cell[] | Readonly<Record<string, Cell>>)[];
}

const ROWS_SHOWN = 400;

export const table = (head: readonly string[], rows: readonly (readonly (Cell | Html | undefined)[])[]): Html =>
  html`<div class="scroll" tabindex="0"><table><thead><tr>${head.map((one) => html`<th scope="col">${one}</th>`)}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((one, i) => (i === 0 ? html`<th scope="row">${shown(one)}</th>` : html`<td>${shown(one)}</td>`))}</tr>`,
  )}</tbody></table></div>`;

const shown = (cell: Cell | Html | undefined): string | Html =>
  cell === undefined || cell === null
    ? '–'
    : typeof cell === 'number'
      ? cell.toLocaleString('en', { maximumSignificantDigits: Math.abs(cell) < 1 ? 4 : 21, maximumFractionDigits: 4 })
      : typeof cell === 'boolean'
        ? String(cell)
        : cell;

/** What all curves stand on: tokens where they were counted, else steps. */
export function groundOf({
  progress,
  evaluations,
  stages,
  resumes,
}: TrainingLog): Ground & { at: (of: { step: number; tokens: number }) => number } {
  const counted = progress.some(({ tokens }) => tokens > 0) || evaluations.some(({ tokens }) => tokens > 0);
  const at = ({ step, tokens }: { step: number; tokens: number }): number => (counted ? tokens : step);
  const high = Math.max(1, ...[progress.at(-1), evaluations.at(-1)].map((one) => (one ? at(one) : 0)));
  const bands = stages.map((stage, n) => ({
    name: stage.name,
    from: at(stage),
    to: Math.min(high, at(stages[n + 1] ?? { step: high, tokens: high })),
  }));
  return { across: counted ? 'tokens' : 'steps', low: 0, high, bands, resumes: resumes.map(at), at };
}

export function headline(log: TrainingLog): Html {
  const last = log.progress.at(-1);
  const tokens = last?.tokens ?? 0;
  const speeds = log.progress.flatMap(({ speed }) => speed ?? []).sort((a, b) => a - b);
  const parameters = log.started.parameters;
  const smoothed = smooth(
    pointsOf(
      log.progress,
      ({ step }) => step,
      ({ loss }) => loss,
    ),
  ).at(-1)?.[1];
  const tiles: (readonly [string, string] | false)[] = [
    [log.state, log.to === '' ? 'state' : `as of ${log.to.slice(0, 16).replace('T', ' ')}`],
    typeof parameters === 'number' && [short(parameters), 'parameters'],
    last !== undefined && [number(last.step), 'steps'],
    tokens > 0 && [short(tokens), log.planned > 0 ? `tokens of ${short(log.planned)} at most` : 'tokens'],
    smoothed !== undefined && [smoothed.toFixed(smoothed < 0.1 ? 4 : 3), 'loss, smoothed'],
    speeds.length > 0 && [short(speeds[Math.floor(speeds.length / 2)] ?? 0), 'tokens a second, median'],
    log.resumes.length > 0 && [
      number(log.resumes.length),
      log.resumes.length === 1 ? 'resume from a checkpoint' : 'resumes from checkpoints',
    ],
  ];
  return html`<ul class="tiles">${tiles.map((tile) => tile !== false && html`<li><strong>${tile[0]}</strong> ${tile[1]}</li>`)}</ul>`;
}

function pointsOf(
  progress: readonly Progress[],
  x: (of: Progress) => number,
  y: (of: Progress) => number | undefined,
): Point[] {
  return progress.flatMap((one) => {
    const value = y(one);
    return value === undefined ? [] : [[x(one), value] as const];
  });
}

export function courses(log: TrainingLog): Html | false {
  const ground = groundOf(log);
  const of = (y: (of: Progress) => number | undefined): Point[] => pointsOf(log.progress, ground.at, y);
  const [loss, norm, lr, speed] = [
    of((one) => one.loss),
    of((one) => one.norm),
    of((one) => one.lr),
    of((one) => one.speed),
  ];
  if (loss.length === 0 && lr.length === 0)
    return html`<section><h2>Course</h2><p>No step has been told of yet.</p></section>`;
  const both = (points: readonly Point[]) => [
    { name: 'as measured', points, faint: true, colour: COLOURS[1] },
    { name: 'smoothed', points: points.length > 1 ? smooth(points) : [], colour: COLOURS[2] },
  ];
  return html`<section><h2>Course</h2>
${log.resumes.length > 0 && html`<p class="note">Dotted upright lines: where it went on from a checkpoint.</p>`}
${curve('Loss', both(loss), ground, { log: true })}
<div class="pair">${curve('Learning rate', [{ name: 'learning rate', points: lr }], ground, { low: 0 })}
${curve('Gradient norm before clipping', both(norm), ground, { log: true })}
${curve('Tokens per second', both(speed), ground, { low: 0 })}</div></section>`;
}

export function evaluations(log: TrainingLog): Html | false {
  if (log.evaluations.length === 0) return false;
  const ground = groundOf(log);
  const shards = [...new Set(log.evaluations.flatMap(({ figures }) => Object.keys(figures)))];
  const names = [
    ...new Set(log.evaluations.flatMap(({ figures }) => Object.values(figures).flatMap(Object.keys))),
  ].filter((name) => name !== 'n');
  const charts = shards.map((shard) => {
    const series = names.map((name) => ({
      name,
      dots: true,
      points: log.evaluations.flatMap((one) => {
        const share = one.figures[shard]?.[name];
        return share === undefined ? [] : [[ground.at(one), share] as const];
      }),
    }));
    return curve(shard, series, ground, {
      low: 0,
      high: 1,
      words: (share) => percent(share, share > 0.9 && share < 1 ? 1 : 0),
    });
  });
  const rows = shards.map((shard) => {
    const all = log.evaluations.filter(({ figures }) => figures[shard] !== undefined);
    const last = all.at(-1)?.figures[shard] ?? {};
    const best = Math.max(...all.map(({ figures }) => figures[shard]?.exact ?? 0));
    return [
      shard,
      ...names.map((name) => (last[name] === undefined ? undefined : percent(last[name]))),
      percent(best),
      last.n,
    ];
  });
  return html`<section><h2>Held-out figures</h2>
<p>Shares of turns that a greedy decoder says exactly; other figures look at the tokens that their shard marks.</p>
<h3>Last figures</h3>${table(['shard', ...names, 'best exact', 'judged'], rows)}
<div class="pair">${charts}</div></section>`;
}

export function results(tables: readonly ResultTable[]): Html | false {
  if (tables.length === 0) return false;
  return html`<section><h2>Results</h2>${tables.map(({ title, note, head, rows }) => {
    const fields = head ?? [...new Set(rows.flatMap((row) => (Array.isArray(row) ? [] : Object.keys(row))))];
    const cells = rows.map((row) =>
      Array.isArray(row)
        ? (row as readonly Cell[])
        : fields.map((name) => (row as Readonly<Record<string, Cell>>)[name]),
    );
    return html`<h3>${title}</h3>${note !== undefined && html`<p class="note">${note}</p>`}${table(fields, cells.slice(0, ROWS_SHOWN))}${
      cells.length > ROWS_SHOWN && html`<p class="note">The first ${ROWS_SHOWN} of ${number(cells.length)} rows.</p>`
    }`;
  })}</section>`;
}

/** @param manifest counts, hashes and seeds of the data: any JSON */
export function origin(log: TrainingLog, recipe: unknown, manifest: unknown): Html {
  const told = Object.entries(log.started).filter(([key]) => !['event', 'n', 'step', 'time', 'tokens'].includes(key));
  const json = (value: unknown): string => JSON.stringify(value, null, 2) ?? '';
  return html`<section><h2>What it was made from</h2>
${
  told.length > 0 &&
  table(
    ['fact', 'value'],
    told.map(([key, value]) => [key.replaceAll('_', ' '), html`<code>${value}</code>`]),
  )
}
${
  log.checkpoints.length > 0 &&
  html`<h3>Checkpoints</h3><p class="note">${number(log.checkpoints.length)} were written; the last of them.</p>${table(
    ['step', 'tokens', 'file', 'SHA-256'],
    log.checkpoints
      .slice(-5)
      .map(({ step, tokens, path, sha256 }) => [step, tokens, path, html`<code>${sha256.slice(0, 16)}…</code>`]),
  )}`
}
${manifest !== undefined && html`<h3>Data</h3><pre>${json(manifest)}</pre>`}
${recipe !== undefined && html`<details><summary>The recipe</summary><pre>${json(recipe)}</pre></details>`}</section>`;
}

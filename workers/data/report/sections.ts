/** The sections of the report but for the chains: figures as charts and tables. A stage that did not run has none. */
import { bars, stackedBars } from './chart/bars.ts';
import { columns } from './chart/columns.ts';
import { OUTCOME_COLOURS } from './chart/palette.ts';
import type { Figures, Surveyed } from './gather.ts';
import { type Html, html, number, percent } from './html.ts';
import { histogram, quantile, ranked } from './tally.ts';

export const table = (
  head: readonly string[],
  rows: readonly (readonly (string | number | Html | undefined)[])[],
): Html =>
  html`<div class="scroll" tabindex="0"><table><thead><tr>${head.map((one) => html`<th scope="col">${one}</th>`)}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((one, i) => (i === 0 ? html`<th scope="row">${one ?? '–'}</th>` : html`<td>${typeof one === 'number' ? number(one) : (one ?? '–')}</td>`))}</tr>`,
  )}</tbody></table></div>`;

const ofRead = ({ tally, rows }: Surveyed, what: string): Html | false =>
  tally.chains < rows &&
  html`<p class="note">Figures of ${number(tally.chains)} ${what}, the first of every file, out of ${number(rows)}.</p>`;

const rate = (share: number | null | undefined): string =>
  share === null || share === undefined ? '–' : percent(share);

export function headline({ made, final, kept, recipe, decided, program }: Figures): Html {
  const right = [...made.tally.outcomes].reduce((sum, [name, count]) => sum + (name.endsWith('pos') ? count : 0), 0);
  const judged = [...made.tally.outcomes].reduce((sum, [name, count]) => sum + (name === 'Direct' ? 0 : count), 0);
  const { tokens } = final.tally;
  const mean = tokens.length === 0 ? 0 : tokens.reduce((sum, one) => sum + one, 0) / tokens.length;
  const tiles: (readonly [string, string] | false)[] = [
    [number(made.rows), 'chains made or brought in'],
    recipe.filter !== undefined && [
      number(kept),
      `kept by the filter${made.rows > 0 ? ` (${percent(kept / made.rows)})` : ''}`,
    ],
    recipe.mix !== undefined && [number(final.rows), 'in the mixture'],
    judged > 0 && [percent(right / judged), 'of answers right, as made'],
    program?.scenes !== undefined && [number(program.scenes), 'scenes'],
    tokens.length > 0 && [number(Math.round(mean)), 'tokens a chain, on average'],
    decided !== undefined && [percent(decided.nearDuplicates.rate, 2), 'near-duplicates'],
  ];
  return html`<ul class="tiles">${tiles.map((tile) => tile !== false && html`<li><strong>${tile[0]}</strong> ${tile[1]}</li>`)}</ul>`;
}

export function outcomes({ made }: Figures): Html {
  const sources = [...made.tally.sources]
    .map(([name, counts]) => ({
      name,
      values: Object.fromEntries(counts),
      total: [...counts.values()].reduce((a, b) => a + b, 0),
    }))
    .sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1));
  const most = sources.slice(0, 40);
  return html`<section><h2>Outcomes of each source</h2>
<p>As made, before the filter. CoTA: at least one tool was called; CoT: none was; pos: the answer is right; Direct: the truth with no chain.</p>
${stackedBars('Outcomes by source', most, OUTCOME_COLOURS, 'chains')}
${sources.length > most.length && html`<p class="note">The ${number(sources.length - most.length)} smallest sources are left out.</p>`}${ofRead(made, 'chains')}
${bars('Who said that answers are right or wrong', ranked(made.tally.verdicts), 'chains', '“checker” is the independent checker of program-made chains; “rule” and “judge” verify answers of models.')}</section>`;
}

export function sourceTables(
  { statistics, program, made }: Figures,
  yields: ReadonlyMap<string, { read: number; kept: number }>,
): Html | false {
  if (statistics.length === 0 && program === undefined && yields.size === 0) return false;
  const rows = statistics.map(
    ({ source, answered, toolRate, accuracy, parseRate, callErrorRate, by, passAt, tokens, cost }) => [
      source,
      answered,
      rate(toolRate),
      rate(accuracy),
      rate(parseRate),
      rate(callErrorRate),
      rate(by.rule),
      rate(by.judge),
      Object.entries(passAt)
        .map(([k, share]) => `${k}: ${percent(share)}`)
        .join(', ') || '–',
      tokens.input + tokens.output,
      cost === null ? '–' : `$${cost.toFixed(2)}`,
    ],
  );
  const confirmed = program?.['checker:confirmed'];
  const chains = program?.chains ?? 0;
  const refusals = Object.entries(program ?? {}).flatMap(([name, value]) =>
    name.startsWith('checker:') && name !== 'checker:confirmed' ? [{ name: name.slice('checker:'.length), value }] : [],
  );
  return html`<section><h2>Sources</h2>
${rows.length > 0 && table(['source', 'answers', 'tool rate', 'accuracy', 'parse rate', 'failed calls', 'by rule', 'by judge', 'pass@k', 'tokens', 'cost'], rows)}
${
  yields.size > 0 &&
  html`<h3>Yield of the filter</h3>${table(
    ['source', 'read', 'kept', 'yield'],
    [...yields].map(([source, { read, kept }]) => [source, read, kept, rate(read === 0 ? null : kept / read)]),
  )}`
}
${confirmed !== undefined && html`<p>The independent checker confirms ${number(confirmed)} of ${number(chains)} program-made chains (${percent(confirmed / Math.max(1, chains), 2)}), before any filter.</p>`}
${
  refusals.length > 0 &&
  bars(
    'Why the checker refused chains',
    refusals.sort((a, b) => b.value - a.value),
    'chains',
  )
}
${made.rows === 0 && html`<p>No chains were made.</p>`}</section>`;
}

export function filter({ funnel, decided, recipe }: Figures): Html | false {
  if (funnel === undefined) return false;
  let left = funnel.read;
  const steps = [{ name: 'read', value: left, words: number(left) }];
  for (const { reason, count } of funnel.dropped) {
    left -= count;
    steps.push({ name: reason, value: left, words: `−${number(count)} → ${number(left)}` });
  }
  const useless = recipe.filter?.action_useless;
  return html`<section><h2>The filter</h2>
${bars('What stays after each rule', steps, 'chains', 'In the order in which the rules are asked; a chain has the first rule that it fails as its reason.')}
${funnel.read > 0 && html`<p>${number(funnel.kept)} of ${number(funnel.read)} chains stay (${percent(funnel.kept / funnel.read)}).</p>`}
${decided && html`<p>Near-duplicates: ${number(decided.nearDuplicates.dropped)} dropped at a similarity of ${decided.nearDuplicates.threshold} or more, of ${number(decided.nearDuplicates.suspects)} that were compared word by word (rate ${percent(decided.nearDuplicates.rate, 3)}).</p>`}
${
  decided &&
  decided.sources.length > 0 &&
  html`<h3>Sources that do better without actions</h3>
<p>${useless ? html`A source is of no use for actions where CoT-pos leads CoTA-pos by more than ${useless.cot_lead} points, or CoTA-neg does by more than ${useless.negative_lead}.` : 'The recipe has no such rule; these are the figures that it would look at.'}</p>
${table(
  ['source', 'verified', 'CoT-pos lead', 'CoTA-neg lead', 'judged'],
  decided.sources.map(({ source, verified, cotLead, negativeLead, judged }) => [
    source,
    verified,
    `${cotLead.toFixed(1)} points`,
    `${negativeLead.toFixed(1)} points`,
    judged,
  ]),
)}`
}</section>`;
}

export function mixture({ manifest }: Figures): Html | false {
  if (manifest === undefined) return false;
  const list = (counts: Readonly<Record<string, number>>) => ranked(new Map(Object.entries(counts)), 15);
  return html`<section><h2>The mixture</h2>
${table(
  ['part', 'rows', 'wanted'],
  manifest.parts.map(({ name, rows, wanted }) => [name, rows, wanted]),
)}
${bars('Rows by source', list(manifest.sources), 'rows')}
${table(
  ['fact', 'value'],
  [
    ['SHA-256', html`<code>${manifest.sha256}</code>`],
    ['recipe', html`${manifest.recipe.name}, seed ${manifest.recipe.seed}, <code>${manifest.recipe.sha256}</code>`],
    ['from', `${number(manifest.chains.rows)} chains in ${number(manifest.chains.files)} files`],
    [`tokens (${manifest.tokenizer})`, manifest.tokens],
    ['turned into Direct chains', manifest.turnedDirect],
    [
      'licences',
      Object.entries(manifest.licences)
        .map(([name, count]) => `${name}: ${number(count)}`)
        .join('; '),
    ],
    ['models and tools', manifest.versions.join(', ') || '–'],
  ],
)}</section>`;
}

export function contents({ final }: Figures): Html {
  const { tally } = final;
  if (tally.chains === 0) return html`<section><h2>What is in the dataset</h2><p>It has no chains.</p></section>`;
  const calls = [...tally.calls.keys()].sort((a, b) => a - b);
  const perChain = Array.from({ length: (calls.at(-1) ?? 0) + 1 }, (_, i) => ({
    name: String(i),
    value: tally.calls.get(i) ?? 0,
  }));
  const folded =
    perChain.length > 16
      ? [
          ...perChain.slice(0, 15),
          { name: '15+', value: perChain.slice(15).reduce((sum, { value }) => sum + value, 0) },
        ]
      : perChain;
  const { tokens } = tally;
  return html`<section><h2>What is in the dataset</h2>${ofRead(final, 'chains')}
<div class="pair">${columns('Tool calls of a chain', folded, 'calls', 'chains')}
${columns('Length of chains', histogram(tokens), 'tokens (o200k_base), from', 'chains')}</div>
${bars('Sequences of tools', ranked(tally.sequences), 'chains', undefined, 'long')}
<p>Half of the chains have ${number(quantile(tokens, 0.5))} tokens or fewer, 95 % ${number(quantile(tokens, 0.95))} or fewer; the longest ${number(quantile(tokens, 1))}. Pictures come on top.</p>
<div class="pair">${bars('Chains that call each tool', ranked(tally.tools, 16), 'chains')}
${tally.families.size > 0 && bars('Question families', ranked(tally.families, 24), 'chains')}
${bars('Skills', ranked(tally.skills), 'chains')}
${bars('Forms of answers', ranked(tally.forms), 'chains')}
${bars('Splits', ranked(tally.splits), 'chains')}
${tally.observed.size > 0 && bars('Where observations are from', ranked(tally.observed), 'chains', 'Of program-made chains: the annotation, noise drawn from measured behaviour, or the tool itself.')}</div></section>`;
}

export function exports({ exports: formats }: Figures): Html | false {
  if (formats.length === 0) return false;
  return html`<section><h2>Exports</h2><p>Each file was read back and compared with its chains.</p>${table(
    ['format', 'files', 'rows', 'megabytes'],
    formats.map(({ format, files, rows, bytes }) => [format, files, rows, bytes / 1e6]),
  )}</section>`;
}

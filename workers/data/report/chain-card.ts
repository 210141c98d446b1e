/** One chain drawn step by step, as a person would go through it. */
import { type Chain, type ChainImage, toolCalls } from '../../../shared/data/chain.ts';
import { boxesOn, pictureOf } from './chain-pictures.ts';
import { inkOn, OUTCOME_COLOURS } from './chart/palette.ts';
import { type Html, html } from './html.ts';

/** Pictures of one chain in the page; further ones are named. */
const MOST_PICTURES = 6;
const MOST_CHARACTERS = 2_500;

const cut = (text: string): string =>
  text.length > MOST_CHARACTERS
    ? `${text.slice(0, MOST_CHARACTERS)}... (${text.length - MOST_CHARACTERS} more characters)`
    : text;

export async function chainCard(bytesOf: (key: string) => Promise<Buffer>, chain: Chain): Promise<Html> {
  let pictures = 0;
  const figures = async (images: readonly ChainImage[]): Promise<Html> => {
    const drawn: Html[] = [];
    for (const image of images) {
      if (pictures >= MOST_PICTURES) {
        drawn.push(
          html`<p class="note">${image.name} (${image.width} × ${image.height} pixels) is not shown here.</p>`,
        );
        continue;
      }
      const boxes = boxesOn(chain, image.name);
      // A picture that a tool would have made and in which nothing was looked for: there is nothing to sketch.
      if (image.key === undefined && boxes.length === 0) {
        drawn.push(html`<p class="note">${image.name} (${image.width} × ${image.height} pixels) was never drawn.</p>`);
        continue;
      }
      pictures++;
      const { svg, sketched } = await pictureOf(bytesOf, image, boxes);
      drawn.push(
        html`<figure class="shown">${svg}<figcaption>${image.name}${sketched && ' · never drawn: a sketch of what was found in it'}</figcaption></figure>`,
      );
    }
    return html`<div class="pictures">${drawn}</div>`;
  };
  const inputs = await figures(chain.images);
  const steps: Html[] = [];
  for (const [t, turn] of chain.turns.entries()) {
    const called = turn.actions.filter(({ name }) => name !== 'Terminate');
    const found: Html[] = [];
    for (const [i, one] of turn.observations.entries()) {
      const name = called[i]?.name ?? 'a call';
      found.push(
        one.ok
          ? html`<details><summary>${name} found ${summary(one.result)}</summary><pre>${cut(JSON.stringify(one.result, undefined, 1))}</pre></details>${await figures(one.images ?? [])}`
          : html`<p class="fault"><strong>${name} failed</strong> (${one.error.code}): ${cut(one.error.message)}</p>`,
      );
    }
    steps.push(html`<li><p class="thought">${cut(turn.thought) || html`<em>no thought</em>`}</p>
${turn.actions.map(({ name, arguments: args }) => html`<pre class="action"><strong>${name}</strong>(${cut(JSON.stringify(args))})</pre>`)}
${turn.problem !== undefined && html`<p class="fault"><strong>Reply ${t + 1} could not be read.</strong> ${cut(turn.problem)}</p>`}${found}</li>`);
  }
  const { outcome, facts, verdict } = chain;
  const colour = OUTCOME_COLOURS[outcome] ?? '#8a8a8a';
  const calls = toolCalls(chain).length;
  const about = [
    facts?.family,
    facts?.observed,
    chain.source,
    chain.split,
    calls === 1 ? '1 tool call' : `${calls} tool calls`,
  ];
  return html`<article class="chain"><h3><span class="badge" style="background:${colour};color:${inkOn(colour)}">${outcome}</span> ${chain.id}</h3>
<p class="note">${about.filter((one) => one !== undefined).join(' · ')}</p>
<p class="question">${cut(chain.question)}</p>${inputs}<ol class="steps">${steps}</ol>
<dl><dt>Answer</dt><dd>${chain.answer ?? html`<em>none</em>`}</dd><dt>Truth</dt><dd>${chain.truth}</dd>${
    facts?.sceneTruth !== undefined &&
    html`<dt>In the scene</dt><dd>${facts.sceneTruth} <span class="note">(what its observations do not show)</span></dd>`
  }${
    verdict !== undefined &&
    html`<dt>Verdict</dt><dd>${verdict.correct ? '✓ right' : '✗ wrong'}, by ${verdict.by === 'none' ? 'nobody' : verdict.by}: ${cut(verdict.why)}</dd>`
  }</dl></article>`;
}

/** What was found, in a few words. */
function summary(result: Readonly<Record<string, unknown>>): string {
  for (const field of ['regions', 'rows', 'objects'] as const) {
    const list = result[field];
    if (Array.isArray(list)) return `${list.length} ${field}`;
  }
  const text = JSON.stringify(result);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Chain, ChainImage } from '../../../shared/data/chain.ts';
import { recipe } from '../../../shared/data/recipe.ts';
import { type ObjectStore, openObjectStore } from '../../../shared/object-store.ts';
import { anyChain, sampleChain, samplePictures } from '../../../test/drawn-chains.ts';
import { writeLines } from '../factory/chain-files.ts';
import { runHere } from '../factory/here.ts';
import { pictureBytesOf } from '../factory/pictures.ts';
import { chainCard } from './chain-card.ts';
import { boxesOn } from './chain-pictures.ts';
import { stackedBars } from './chart/bars.ts';
import { inkOn, OUTCOME_COLOURS } from './chart/palette.ts';
import { html } from './html.ts';
import { Sample } from './sample.ts';
import { reportStage } from './stage.ts';
import { histogram, ranked } from './tally.ts';

let root: string;
let objects: ObjectStore;
let pictures: ChainImage[];
const bytesOf = (key: string): Promise<Buffer> => pictureBytesOf(objects, { tenant: 'here', id: 'data_here' }, key);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cota-report-'));
  objects = await openObjectStore({ driver: 'fs', root, linkSecret: 'x'.repeat(32) });
  pictures = await samplePictures(objects, 3);
});
afterAll(async () => {
  await objects.close();
  await rm(root, { recursive: true });
});

let runs = 0;
async function reported(chains: readonly Chain[]): Promise<string> {
  const file = await writeLines(objects, `t/here/given/chains-${runs++}.jsonl.zst`, chains);
  const asked = recipe.parse({ name: 'looked-at', seed: 3, sources: [{ name: 'given', dataset: 'given' }] });
  const { reports } = await runHere([reportStage], asked, objects, { datasets: { given: [file] } });
  const page = reports.get('report')?.[0]?.files[0];
  return (await objects.get(page?.key ?? '')).bytes.toString('utf8');
}

const HOSTILE = '</style><script>alert(1)</script><img src=x onerror=alert(2)>"\'&\u202e';

describe('the page', () => {
  it('holds its figures, charts and chains, and fetches nothing', async () => {
    const chains = ['CoTA-pos', 'CoTA-neg', 'CoTA-pos'].map((outcome, i) =>
      sampleChain(pictures, { id: `toys/${i}`, outcome: outcome as Chain['outcome'] }),
    );
    const text = await reported(chains);
    expect(text).toMatch(/<strong>3<\/strong> chains made or brought in/);
    expect(text).toMatch(/<strong>66\.7 %<\/strong> of answers right/);
    expect(text).toContain('CoTA-pos 2, CoTA-neg 1');
    expect(text).toContain('LocalizeObjects → ZoomIn → Calculate');
    expect(text.match(/<article class="chain">/g)).toHaveLength(3);
    expect(text).toContain('red ball-2 0.84');
    expect(text).toContain('data:image/webp;base64,');
    expect(text).not.toMatch(/<script|<link|https?:|url\(|@import/);
    // The same dataset gives the same page.
    expect(await reported(chains)).toBe(text);
  });

  it('shows what chains say as text, whatever it is', async () => {
    const hostile = sampleChain(pictures, {
      id: `toys/${HOSTILE}`,
      source: HOSTILE,
      question: HOSTILE,
      answer: HOSTILE,
      truth: HOSTILE,
      tools: [HOSTILE],
      facts: { ...sampleChain(pictures).facts!, family: HOSTILE, sceneTruth: HOSTILE },
      verdict: { by: 'judge', correct: false, why: HOSTILE },
      turns: [
        {
          thought: HOSTILE,
          actions: [
            { name: HOSTILE, arguments: { image: 'image-0', x: HOSTILE } },
            { name: 'OCR', arguments: { image: 'image-0' } },
          ],
          observations: [
            { ok: true, result: { regions: [{ label: HOSTILE, bbox: [0, 0, 1, 1], score: 1 }], [HOSTILE]: HOSTILE } },
            { ok: false, error: { code: HOSTILE, message: HOSTILE } },
          ],
        },
        { thought: '', actions: [], observations: [], problem: HOSTILE },
      ],
    });
    const text = await reported([hostile]);
    expect(text).not.toMatch(/<script|<img|onerror=alert\(2\)>"|\u202e/);
    expect(text.match(/<\/style>/g)).toHaveLength(1);
    expect(text).toContain('&lt;script&gt;');
  });

  it('can be made of any chains, and of none', async () => {
    const chains = fc.sample(anyChain(pictures, 'train'), { numRuns: 60, seed: 5 });
    const text = await reported(chains);
    expect(text.match(/<article class="chain">/g)).toHaveLength(4);
    expect(await reported([])).toContain('It has no chains.');
  });
});

describe('a chain', () => {
  it('that was never drawn is a sketch of what was found in it', async () => {
    const chain = sampleChain(pictures);
    chain.images = chain.images.map(({ name, width, height }) => ({ name, width, height }));
    const { text } = await chainCard(bytesOf, chain);
    expect(text).toContain('never drawn: a sketch');
    expect(boxesOn(chain, 'image-0').map(({ label }) => label)).toEqual([
      'red ball 0.91',
      'red ball-2 0.84',
      'blue cube 0.77',
      'ZoomIn',
    ]);
  });

  it('whose picture is gone is shown all the same', async () => {
    const chain = sampleChain(pictures);
    chain.images = [{ ...chain.images[0]!, key: 't/here/none' }];
    expect((await chainCard(bytesOf, chain)).text).toContain('never drawn');
  });
});

describe('the sample', () => {
  const chains = () =>
    Array.from({ length: 300 }, (_, i) =>
      sampleChain(pictures, {
        id: `toys/${i}`,
        source: `source-${i % 7}`,
        outcome: i % 50 === 0 ? 'CoTA-neg' : 'CoTA-pos',
      }),
    );
  const taken = (from: readonly Chain[]) => {
    const sample = new Sample(1);
    for (const chain of from) sample.add(chain);
    return sample.take(20).map(({ id }) => id);
  };

  it('is of all kinds, and the same whatever the order of the chains', () => {
    const ids = taken(chains());
    expect(new Set(ids).size).toBe(20);
    expect(taken(chains().reverse())).toEqual(ids);
    const mine = chains().filter(({ id }) => ids.includes(id));
    expect(new Set(mine.map(({ source }) => source)).size).toBe(7);
    expect(mine.filter(({ outcome }) => outcome === 'CoTA-neg').length).toBeGreaterThanOrEqual(5);
  });
});

describe('charts', () => {
  it('name every value for those who do not see them', () => {
    const { text } = stackedBars(
      'Outcomes',
      [{ name: 'a<b', values: { 'CoTA-pos': 3, Direct: 1 } }],
      OUTCOME_COLOURS,
      'chains',
    );
    expect(text).toContain('aria-label="a&lt;b: CoTA-pos 3, Direct 1"');
    expect(text).toContain('75 %');
  });

  it('write on each colour with an ink of enough contrast', () => {
    const light = (colour: string): number => {
      const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
      const [r = 0, g = 0, b = 0] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    for (const colour of Object.values(OUTCOME_COLOURS)) {
      const ink = inkOn(colour) === '#000' ? 0 : 1;
      const [high, low] = [Math.max(ink, light(colour)), Math.min(ink, light(colour))];
      expect((high + 0.05) / (low + 0.05), colour).toBeGreaterThan(4.5);
    }
  });

  it('put numbers into round columns and names beyond the most into one', () => {
    const columns = histogram([...Array.from({ length: 990 }, (_, i) => 100 + i), 1_000_000]);
    expect(columns.length).toBeLessThanOrEqual(12);
    expect(columns.reduce((sum, { value }) => sum + value, 0)).toBe(991);
    expect(columns[0]!.name).toBe('100');
    const many = new Map(Array.from({ length: 30 }, (_, i) => [`n${i}`, 30 - i]));
    expect(ranked(many, 5).at(-1)).toEqual({ name: '25 others', value: 325 });
    expect(histogram([])).toEqual([]);
  });

  it('escape everything but HTML that was made as such', () => {
    expect(html`<b title="${'"'}">${['<', html`<i></i>`, false, undefined, 3]}</b>`.text).toBe(
      '<b title="&quot;">&lt;<i></i>3</b>',
    );
  });
});

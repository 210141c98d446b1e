import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Chain } from '../../../shared/data/chain.ts';
import type { ShardReport } from '../../../shared/data/job.ts';
import type { ObjectStore } from '../../../shared/object-store.ts';
import { chainFiles, FILTER_AND_MIX, filterAndMix, openTestStore } from '../../../test/filter-mix.ts';
import { sampleChain } from '../../../test/sample-chains.ts';
import { stage } from '../factory/stage.ts';
import { decideWith } from './decide.ts';
import type { ApplyNotes, DecideNotes } from './reasons.ts';

let objects: ObjectStore;
beforeAll(async () => {
  objects = await openTestStore();
});
afterAll(() => objects.close());

const many = (count: number, options: Parameters<typeof sampleChain>[1] = {}): Chain[] =>
  Array.from({ length: count }, (_, n) => sampleChain(n, options));
const withPicture = (chain: Chain, phash: string, sha = phash): Chain => ({
  ...chain,
  images: chain.images.map((image) => ({ ...image, phash, sha256: sha.padEnd(64, '0'), key: sha })),
});

const notesOf = (reports: ReadonlyMap<string, readonly ShardReport[]>): DecideNotes => {
  const [report] = reports.get('filter.decide') ?? [];
  return report?.notes as unknown as DecideNotes;
};

describe('the filter', () => {
  it('keeps clean chains, byte for byte', async () => {
    const chains = many(250);
    const { kept, dropped, reports } = await filterAndMix(objects, await chainFiles(objects, chains), { filter: {} });
    expect(dropped).toEqual([]);
    expect(kept).toEqual(chains);
    expect(reports.get('filter.apply')).toHaveLength(3);
  });

  it('takes a source of any name for a name', async () => {
    const names = ['__proto__', 'constructor', 'plain'];
    const chains = names.flatMap((source) => [
      { ...sampleChain(0, { source: 'x' }), id: `${source}/0`, source },
      { ...sampleChain(1, { source: 'x', outcome: 'CoTA-neg', origin: 'model' }), id: `${source}/1`, source },
    ]);
    const filter = { duplicates: { exact: false, text: 0 } };
    const { reports, mixed } = await filterAndMix(objects, await chainFiles(objects, chains), {
      ...{ filter, mix: { parts: [{ name: 'all', rows: 1, weights: { plain: 1 } }] } },
    });
    const [report] = reports.get('filter.apply') ?? [];
    const { sources } = (report as ShardReport).notes as unknown as ApplyNotes;
    for (const name of names)
      expect(Object.entries(sources).find(([one]) => one === name)?.[1], name).toEqual({
        ...{ read: 2, kept: 1, dropped: { outcome: 1 } },
      });
    expect(Object.hasOwn(Object.prototype, 'read')).toBe(false);
    expect(mixed.map(({ source }) => source)).toEqual(['plain']);
  });

  it('gives each rule as the reason', async () => {
    const clean = many(12);
    const end = (chain: Chain): Chain['turns'][number] => chain.turns.at(-1) as Chain['turns'][number];
    const broken: [string, Chain][] = [
      ['format', { ...(clean[0] as Chain), id: 'b/format', turns: (clean[0] as Chain).turns.slice(0, -1) }],
      ['checker', { ...(clean[1] as Chain), id: 'b/checker', verdict: { by: 'checker', correct: false, why: 'sum' } }],
      ['outcome', sampleChain(3, { source: 'b', outcome: 'CoTA-neg', origin: 'model' })],
      [
        'unparsable-turn',
        {
          ...(clean[2] as Chain),
          id: 'b/unparsable',
          turns: [{ thought: '', actions: [], observations: [], problem: 'no JSON' }, ...(clean[2] as Chain).turns],
        },
      ],
      [
        'failed-step',
        {
          ...(clean[3] as Chain),
          id: 'b/failed',
          turns: [
            ...(clean[3] as Chain).turns.slice(0, -1),
            {
              thought: 'Closer.',
              actions: [{ name: 'ZoomIn', arguments: { image: 'image-0' } }],
              observations: [{ ok: false, error: { code: 'tool', message: 'bad box' } }],
            },
            end(clean[3] as Chain),
          ],
        },
      ],
      [
        'repeated-step',
        {
          ...(clean[4] as Chain),
          id: 'b/repeated',
          turns: [(clean[4] as Chain).turns[0] as Chain['turns'][number], ...(clean[4] as Chain).turns],
        },
      ],
      [
        'unused-result',
        {
          ...(clean[5] as Chain),
          id: 'b/unused',
          turns: [
            {
              thought: 'Who knows.',
              actions: [{ name: 'OCR', arguments: { image: 'image-0' } }],
              observations: [{ ok: true, result: { text: 'zyxwv qrstu' } }],
            },
            { thought: 'Yes.', actions: [{ name: 'Terminate', arguments: { answer: '5' } }], observations: [] },
          ],
        },
      ],
      ['too-long', { ...(clean[6] as Chain), id: 'b/long', question: `${'word '.repeat(700)}?` }],
      ['licence', { ...(clean[7] as Chain), id: 'b/licence', licence: 'CC-BY-NC-4.0' }],
      ['same-id', { ...sampleChain(90), id: (clean[8] as Chain).id }],
      ['duplicate', { ...(clean[9] as Chain), id: 'z/same words' }],
    ];
    const files = await chainFiles(objects, [...clean, ...broken.map(([, chain]) => chain)]);
    const { dropped, kept, reports } = await filterAndMix(objects, files, {
      filter: { max_tokens: 600, licences: ['CC0-1.0'] },
    });
    expect(dropped.map(({ id, reason }) => [reason, id])).toEqual(broken.map(([reason, { id }]) => [reason, id]));
    expect(kept).toEqual(clean);
    const [report] = reports.get('filter.apply') ?? [];
    expect(report?.counts).toMatchObject({ read: 23, kept: 12, 'dropped:format': 1, 'dropped:duplicate': 1 });
    const { sources } = (report as ShardReport).notes as unknown as ApplyNotes;
    expect(sources.sample).toMatchObject({ read: 22, kept: 12 });
    expect(sources.b).toEqual({ read: 1, kept: 0, dropped: { outcome: 1 } });
  });

  it('drops a near-duplicate and names what stays; other pictures make it another chain', async () => {
    const long = (n: number, word: string): Chain => {
      const chain = sampleChain(n);
      return {
        ...chain,
        id: `${chain.id}-${word}`,
        question: `${'the same few words here again '.repeat(1)}${chain.question} ${many(6)
          .map((c) => c.question)
          .join(' ')} ${word}`,
      };
    };
    const chains = [
      long(1, 'first'),
      long(1, 'second'),
      withPicture(long(2, 'first'), 'aaaaaaaaaaaaaaaa'),
      withPicture(long(2, 'second'), '5555555555555555'),
    ];
    const { dropped } = await filterAndMix(objects, await chainFiles(objects, chains), { filter: {} });
    expect(dropped).toEqual([
      {
        id: chains[1]?.id,
        source: 'sample',
        reason: 'near-duplicate',
        detail: expect.stringMatching(/% like .*-first$/),
      },
    ]);
  });

  it('drops the same question about a picture that looks the same', async () => {
    const base = sampleChain(1);
    const other = sampleChain(2);
    const chains = [
      withPicture(base, '00ff00ff00ff00ff'),
      withPicture({ ...other, question: base.question }, '00ff00ff00ff00fe'),
      withPicture({ ...sampleChain(3), question: base.question }, 'ff00ff00ff00ff00'),
    ];
    const { dropped } = await filterAndMix(objects, await chainFiles(objects, chains), {
      filter: { duplicates: { exact: true, text: 0, image_bits: 3 } },
    });
    expect(dropped).toMatchObject([{ id: other.id, reason: 'same-picture', detail: base.id }]);
  });

  it('drops sources that do better without actions, by the rule and not by a list', async () => {
    const of = (source: string, outcomes: Record<string, number>): Chain[] =>
      Object.entries(outcomes).flatMap(([outcome, count]) =>
        many(count, { source, origin: 'model', outcome: outcome as Chain['outcome'], seed: outcome.length }).map(
          (chain, i) => ({
            ...chain,
            id: `${source}/${outcome}/${i}`,
          }),
        ),
      );
    const chains = [
      ...of('cocoqa', { 'CoTA-pos': 31, 'CoT-pos': 8, 'CoTA-neg': 52, 'CoT-neg': 9 }),
      ...of('chartqa', { 'CoTA-pos': 55, 'CoT-pos': 16, 'CoTA-neg': 22, 'CoT-neg': 7 }),
      ...of('edge', { 'CoTA-pos': 40, 'CoT-pos': 50, 'CoTA-neg': 5, 'CoT-neg': 5 }),
      ...of('small', { 'CoTA-pos': 1, 'CoT-pos': 40 }),
    ];
    const { dropped, kept, reports } = await filterAndMix(objects, await chainFiles(objects, chains), {
      filter: { action_useless: {}, duplicates: { exact: false, text: 0 } },
    });
    const notes = notesOf(reports);
    expect(notes.sources.map(({ source, judged }) => [source, judged])).toEqual([
      ['chartqa', 'useful'],
      ['cocoqa', 'useless'],
      ['edge', 'useful'],
      ['small', 'few'],
    ]);
    expect(notes.sources[1]).toMatchObject({ verified: 100, cotLead: -23, negativeLead: 21 });
    expect(dropped.filter(({ reason }) => reason === 'action-useless').map(({ source }) => source)).toEqual(
      Array.from({ length: 31 }, () => 'cocoqa'),
    );
    expect(kept).toHaveLength(55 + 40 + 1);
  });

  it('lets no skeleton have more than its share of what stays', async () => {
    const chains = many(400);
    const { kept, reports } = await filterAndMix(objects, await chainFiles(objects, chains), {
      filter: { skeleton_share: 0.17, duplicates: { exact: false, text: 0 } },
    });
    const sizes = new Map<string, number>();
    for (const { facts } of kept) sizes.set(facts?.skeleton as string, (sizes.get(facts?.skeleton as string) ?? 0) + 1);
    expect(Math.max(...sizes.values()) / kept.length).toBeLessThanOrEqual(0.17);
    expect(kept.length).toBeGreaterThan(300);
    expect(notesOf(reports).skeletonCap).toBe(Math.max(...sizes.values()));
    await expect(
      filterAndMix(objects, await chainFiles(objects, chains), { filter: { skeleton_share: 0.1 } }),
    ).rejects.toThrow(/6 question skeletons.*takes 10/);
  });

  it('gives the same bytes again, with any number of threads, and others with another seed', async () => {
    const chains = many(300);
    const files = await chainFiles(objects, [...chains, ...chains.slice(0, 40).map((c) => ({ ...c, id: `${c.id}x` }))]);
    const part = { filter: { skeleton_share: 0.2 }, mix: { parts: [{ name: 'all', rows: 100 }], shard_rows: 40 } };
    const once = await filterAndMix(objects, files, part, { id: 'a' });
    const again = await filterAndMix(objects, files, part, { id: 'b' });
    const alone = FILTER_AND_MIX.map((it) =>
      it.name === 'filter.decide' ? stage({ ...it, make: async (_, shard) => await decideWith(shard, 1) }) : it,
    );
    const threads = await filterAndMix(objects, files, part, { id: 'c', stages: alone });
    const other = await filterAndMix(objects, files, { ...part, seed: 8 }, { id: 'd' });
    expect(again.hashes).toEqual(once.hashes);
    expect(threads.hashes).toEqual(once.hashes);
    expect(other.mixed.map(({ id }) => id)).not.toEqual(once.mixed.map(({ id }) => id));
    expect(once.manifest?.files.map(({ rows }) => rows)).toEqual([40, 40, 20]);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Chain, chain } from '../../../shared/data/chain.ts';
import { type Recipe, recipe } from '../../../shared/data/recipe.ts';
import { type ObjectStore, openObjectStore } from '../../../shared/object-store.ts';
import { readChains } from '../factory/chain-files.ts';
import { runHere } from '../factory/here.ts';
import { actHere } from './act-here.ts';
import { make } from './make.ts';

const root = mkdtempSync(join(tmpdir(), 'cota-make-'));
let objects: ObjectStore;
beforeAll(async () => {
  objects = await openObjectStore({ driver: 'fs', root, linkSecret: 'a secret for links of a test' });
});
afterAll(async () => {
  await objects.close();
  rmSync(root, { recursive: true });
});

const TEXTS = { 'look-up': 1, receipt: 1, sums: 1, equations: 1, reading: 1 };

const of = (program: Record<string, unknown>, more: Record<string, unknown> = {}): Recipe =>
  recipe.parse({
    name: 'test',
    seed: 3,
    shard: 100,
    sources: [{ name: 'own', program: { families: TEXTS, ...program } }],
    ...more,
  });

async function run(
  wish: Recipe,
  id: string,
): Promise<{ chains: Chain[]; files: string[]; counts: Record<string, number> }> {
  const act = actHere(objects, `t/here/data/${id}/images/`);
  const { reports } = await runHere([make], wish, objects, { id, services: { act } });
  const chains: Chain[] = [];
  const files: string[] = [];
  const counts: Record<string, number> = {};
  for (const report of reports.get('make') ?? []) {
    for (const [name, n] of Object.entries(report.counts)) counts[name] = (counts[name] ?? 0) + n;
    for (const file of report.files) {
      files.push(`${file.name} ${file.sha256}`);
      for await (const one of readChains(objects, file)) chains.push(one);
    }
  }
  return { chains, files, counts };
}

describe('the make stage', () => {
  it('makes as many chains as are asked for, each whole, with an id of its own, checked', async () => {
    const { chains, files, counts } = await run(of({ chains: 250 }), 'many');
    expect([chains.length, counts.chains, files.length]).toEqual([250, 250, 3]);
    expect(new Set(chains.map(({ id }) => id)).size).toBe(250);
    for (const one of chains) {
      expect(chain.safeParse(one).error?.issues).toBeUndefined();
      expect([one.source, one.origin, one.licence, one.verdict?.by]).toEqual(['own', 'program', 'CC0-1.0', 'checker']);
      for (const { actions } of one.turns)
        for (const { name } of actions) if (name !== 'Terminate') expect(one.made.toolVersions[name]).toBeDefined();
    }
    const ids = new Set(chains.map(({ id }) => id));
    const twins = chains.filter(({ facts }) => facts?.twinOf !== undefined);
    expect(twins.length).toBeGreaterThan(10);
    for (const { facts, question } of twins) {
      const other = chains.find(({ id }) => id === facts?.twinOf);
      expect([ids.has(facts?.twinOf ?? ''), other?.facts?.scene, other?.question]).toEqual([
        true,
        facts?.scene,
        question,
      ]);
    }
  });

  it('keeps the shares of families, splits, observations and multiple choice', async () => {
    const { counts } = await run(
      of(
        {
          chains: 600,
          splits: { train: 0.8, holdout: 0.2 },
          multiple_choice: 0.3,
          observe: { annotation: 1, noise: 1 },
        },
        { shard: 600 },
      ),
      'shares',
    );
    for (const family of Object.keys(TEXTS)) {
      expect(counts[`family:${family}`]).toBeGreaterThan(90);
      expect(counts[`family:${family}`]).toBeLessThan(150);
    }
    expect(counts['split:holdout']).toBeGreaterThan(60);
    expect(counts['split:holdout']).toBeLessThan(190);
    expect(counts['form:multiple-choice']).toBeLessThan(220);
    expect(Math.abs((counts['observed:noise'] ?? 0) - 300)).toBeLessThan(100);
  });

  it('gives the same bytes for the same recipe and others for another seed', async () => {
    const one = await run(of({ chains: 120 }), 'first');
    const two = await run(of({ chains: 120 }), 'second');
    const three = await run(of({ chains: 120 }, { seed: 4 }), 'third');
    expect(two.files).toEqual(one.files);
    expect(three.files.filter((file) => one.files.includes(file))).toEqual([]);
  });

  it('draws pictures and has them really read', async () => {
    const { chains } = await run(of({ chains: 3, families: { 'look-up': 1 }, observe: { tool: 1 } }), 'read');
    for (const { images, turns, facts } of chains) {
      expect(facts?.observed).toBe('tool');
      const [image] = images;
      expect(image?.phash).toMatch(/^[0-9a-f]{16}$/);
      expect((await objects.head(`t/here/data/read/${image?.key}`))?.contentType).toBe(image?.contentType);
      const observation = turns[0]?.observations[0];
      expect(Object.keys(observation?.ok ? observation.result : {})).toEqual(['text', 'rows']);
    }
  });

  it('says in the report what annotation files had, and what of them could not be used', async () => {
    const names = ['dog', 'cat', 'chair', 'cup', 'boat'];
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
    const key = 't/here/inputs/instances.json';
    const instances = {
      images: [...numbers.map((id) => ({ id, width: 640, height: 480 })), { id: 9 }],
      categories: names.map((name, i) => ({ id: i + 1, name })),
      annotations: numbers.flatMap((image_id) =>
        names.map((_, i) => ({
          id: image_id * 10 + i,
          image_id,
          category_id: i + 1,
          bbox: [20 + i * 120, 30 + ((i * 97 + image_id * 13) % 330), 60, 50],
          iscrowd: 0,
        })),
      ),
    };
    await objects.put(key, Buffer.from(JSON.stringify(instances)), { contentType: 'application/json' });
    const annotations = { layout: 'coco', files: { instances: 'instances.json' }, licence: 'CC-BY-4.0' };
    const wish = of({ chains: 12, families: { count: 1, relation: 1 }, annotations }, { shard: 6 });
    const { reports } = await runHere([make], wish, objects, { inputs: { 'instances.json': key } });
    const [first, second] = reports.get('make') ?? [];
    expect(first?.notes).toMatchObject({ annotations: { pictures: 8 } });
    const counts = (first?.notes as { annotations: Record<string, number> } | undefined)?.annotations ?? {};
    // The ninth has no size.
    expect(Object.entries(counts).filter(([reason]) => reason !== 'pictures')).toEqual([[expect.any(String), 1]]);
    expect(second?.notes).not.toHaveProperty('annotations');
  });

  it.each([
    [{ chains: 5, families: { 'shoe-size': 1 } }, 'shoe-size'],
    [{ chains: 5, families: { sums: 0 } }, 'no question family'],
    [{ chains: 5, observe: { annotation: 0, noise: 0, tool: 0 } }, 'observe'],
    [{ chains: 5, splits: { train: 0 } }, 'splits'],
  ])('says what is wrong with %j', async (program, words) => {
    await expect(run(of(program), 'wrong')).rejects.toThrow(words);
  });
});

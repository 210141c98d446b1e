import { describe, expect, test } from 'vitest';
import type { SceneRequest } from '../../world.ts';
import { importWorld } from './annotations.ts';
import { elements } from './json-stream.ts';

/** Bytes in pieces of a few, so that every place is a place where a piece ends. */
async function* pieces(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const opened = (files: Record<string, unknown>) => (name: string) =>
  Promise.resolve(pieces(typeof files[name] === 'string' ? (files[name] as string) : JSON.stringify(files[name])));

const request = (families: readonly string[], index: number, more: Partial<SceneRequest> = {}): SceneRequest => ({
  seed: 1,
  index,
  split: 'train',
  families: Object.fromEntries(families.map((family) => [family, 1])),
  observe: 'annotation',
  multipleChoice: 0.5,
  unanswerable: 0.1,
  wanted: 4,
  ...more,
});

function coco(pictures: number) {
  const names = ['dog', 'cat', 'chair', 'cup', 'sports ball', 'potted plant', 'bird', 'boat'];
  const annotations = Array.from({ length: pictures }, (_, p) =>
    names.slice(0, 5 + (p % 3)).flatMap((_, c) =>
      Array.from({ length: c === 0 ? 1 + (p % 4) : 1 }, (_, k) => ({
        id: p * 100 + c * 10 + k,
        image_id: p,
        category_id: c + 1,
        bbox: [20 + c * 80 + k * 11, 30 + ((c * 97 + k * 90 + p * 13) % 330), 60, 50],
        iscrowd: 0,
      })),
    ),
  ).flat();
  return {
    info: { description: 'made for this test' },
    images: Array.from({ length: pictures }, (_, p) => ({ id: p, width: 640, height: 480, file_name: `${p}.jpg` })),
    annotations,
    categories: names.map((name, i) => ({ id: i + 1, name })),
  };
}

function genome(pictures: number) {
  const names = ['man', 'horse', 'hat', 'fence', 'tree'];
  const ids = Array.from({ length: pictures }, (_, p) => p + 1);
  const object = (id: number, k: number) => ({
    object_id: id * 10 + k,
    x: 30 + k * 120,
    y: 40 + ((k * 83 + id * 7) % 300),
    w: 80,
    h: 70,
    names: [names[k]],
  });
  return {
    images: ids.map((image_id) => ({ image_id, width: 800, height: 600 })),
    objects: ids.map((image_id) => ({ image_id, objects: names.map((_, k) => object(image_id, k)) })),
    attributes: ids.map((image_id) => ({
      image_id,
      attributes: [
        { object_id: image_id * 10, attributes: ['standing'] },
        { object_id: image_id * 10 + 1, attributes: ['brown', 'large'] },
        { object_id: image_id * 10 + 2, attributes: ['red', 'white'] },
        { object_id: image_id * 10 + 3, attributes: ['Gray'] },
      ],
    })),
    relationships: ids.map((image_id) => ({
      image_id,
      relationships: [
        { predicate: 'RIDING', subject: { object_id: image_id * 10 }, object: { object_id: image_id * 10 + 1 } },
        { predicate: 'wearing', subject: { object_id: image_id * 10 }, object: { object_id: image_id * 10 + 2 } },
      ],
    })),
  };
}

describe('annotation files', () => {
  test('elements are told apart wherever a piece of the file ends', async () => {
    const value = { a: [{ x: '],"[{\\"é' }, [1, [2]], 3], 'b"c': { in: [1] }, d: [], e: ['}'] };
    for (const size of [1, 2, 3, 5, 1000]) {
      const seen = [];
      for await (const one of elements(pieces(JSON.stringify(value), size), 'it')) seen.push(one);
      expect(seen).toEqual([...value.a.map((element) => ({ of: 'a', value: element })), { of: 'e', value: '}' }]);
    }
    const bare = [];
    for await (const { value: one } of elements(pieces(' [ {"a":1} , nonsense , 2 ]'), 'it')) bare.push(one);
    expect(bare).toEqual([{ a: 1 }, undefined, 2]);
  });

  test('what is no JSON is refused in words', async () => {
    const read = async (text: string) => {
      for await (const _ of elements(pieces(text), 'The file objects'));
    };
    await expect(read('')).rejects.toThrow('The file objects is empty.');
    await expect(read('[{"a":1},')).rejects.toThrow('ends in the middle');
    await expect(read('<html>')).rejects.toThrow('is no JSON array or object');
  });

  test('COCO: odd records are counted with their reasons and the rest is asked about', async () => {
    const file = coco(24);
    const odd = {
      ...file,
      images: [...file.images, { id: 'x', file_name: 'no size' }, { id: 99, width: 10, height: 10 }, 'what'],
      annotations: [
        ...file.annotations,
        { image_id: 0, category_id: 77, bbox: [1, 1, 50, 50] },
        { image_id: 12345, category_id: 1, bbox: [1, 1, 5, 5] },
        { image_id: 1, category_id: 1 },
        { image_id: 1, category_id: 2, bbox: [700, 10, 20, 20] },
        { image_id: 2, category_id: 3, bbox: [10, 10, 300, 200], iscrowd: 1 },
        { image_id: 3, category_id: 4, bbox: [10, 10, 3, 3] },
      ],
    };
    const { world, counts } = await importWorld('coco', ['instances'], opened({ instances: odd }));
    expect(counts).toEqual({
      pictures: 24,
      'picture:no id, width or height': 1,
      'picture:no object': 1,
      'images:no record': 1,
      'object:its category is not there': 1,
      'object:of a picture that is not there': 1,
      'object:no bbox or image_id': 1,
      'object:no box inside the picture': 1,
      'object:a crowd': 1,
      'object:too small': 1,
    });
    expect(world.families).not.toContain('closer');
    const made = (
      await Promise.all(Array.from({ length: 20 }, (_, i) => world.make(request(world.families, i))))
    ).flat();
    expect(made.length).toBeGreaterThan(40);
    const scenes = new Map<string, string>();
    for (const split of ['train', 'validation', 'holdout'] as const)
      for (let i = 0; i < 10; i++)
        for (const one of await world.make(request(['count', 'exists'], i, { split }))) {
          expect(scenes.get(one.facts!.scene) ?? split).toBe(split);
          scenes.set(one.facts!.scene, split);
        }
    // The crowd of chairs cannot be counted, so nobody is asked to.
    const asked = made.filter(({ facts, question }) => facts?.scene === 'coco/2' && /how many .*chair/i.test(question));
    expect(asked).toEqual([]);
  });

  test('Visual Genome: names, colours and relations of its four files, in any order', async () => {
    const files = genome(20);
    const turned = {
      ...files,
      attributes: files.attributes.toReversed(),
      objects: [...files.objects, { image_id: 555, objects: [] }, { nothing: 1 }],
    };
    const { world, counts } = await importWorld('visual-genome', Object.keys(turned), opened(turned));
    expect(counts).toEqual({ pictures: 20, 'picture:not among the images': 1, 'objects:no record of a picture': 1 });
    const made = (
      await Promise.all(
        Array.from({ length: 40 }, (_, i) => world.make(request(['attribute', 'relation'], i, { unanswerable: 0 }))),
      )
    ).flat();
    const answers = new Set(made.map(({ truth, choices }) => choices?.['ABCD'.indexOf(truth)] ?? truth));
    expect(answers).toContain('brown');
    expect(answers).toContain('grey');
    expect(answers).toContain('riding');
    expect(made.filter(({ facts, question }) => facts?.family === 'attribute' && /\bhat\b/.test(question))).toEqual([]);
  });

  test('files that are missing or empty are said to be so', async () => {
    await expect(importWorld('coco', ['objects'], opened({ objects: [] }))).rejects.toThrow('need the file instances');
    await expect(importWorld('visual-genome', ['objects'], opened({ objects: [] }))).rejects.toThrow(
      'need the file images',
    );
    await expect(importWorld('coco', ['instances'], opened({ instances: { images: [] } }))).rejects.toThrow(
      '0 pictures and 0 categories',
    );
    const files = { objects: [{ image_id: 1, objects: [] }], images: [{ image_id: 1, width: 5, height: 5 }] };
    await expect(importWorld('visual-genome', ['objects', 'images'], opened(files))).rejects.toThrow(
      '1 picture:no object',
    );
  });
});

/** The engines of pulled weights with tiny checkpoints of the same architectures: PyTorch's numbers, and whole calls. */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../shared/contract.ts';
import { closeClip, imageDirections, similarity, textDirections } from '../../workers/tools/engines/clip/engine.ts';
import { tagger } from '../../workers/tools/engines/clip/tagger.ts';
import { closeDepth } from '../../workers/tools/engines/depth/engine.ts';
import { closeGroundingDino, detectAbove, groundingDino } from '../../workers/tools/engines/grounding-dino/engine.ts';
import { prepare, readRecipe } from '../../workers/tools/engines/network-input.ts';
import { decodePicture } from '../../workers/tools/engines/picture.ts';
import { loadTokenizer } from '../../workers/tools/engines/tokenizer.ts';
import { executeTool, findTool, type ToolOutcome } from '../../workers/tools/registry.ts';
import type { ToolContext } from '../../workers/tools/tool.ts';
import { ourPreparation, parityRows } from '../parity.ts';
import { fixture, recorded, useTinyModels } from '../tiny-models.ts';

const expected = recorded();
let tiny: ReturnType<typeof useTinyModels>;
beforeAll(() => {
  tiny = useTinyModels('engines: { detection: grounding-dino, objects: clip }');
});
afterAll(async () => {
  await Promise.all([closeClip(), closeDepth(), closeGroundingDino()]);
  tiny.done();
});

const pictures = [fixture('landscape.png'), fixture('portrait.jpg')];
const taken = (bytes: Buffer) => ({ sha256: createHash('sha256').update(bytes).digest('hex'), bytes });
const limits = { timeLimitMs: 60_000 };

function call(name: string, args: JsonObject, signal = new AbortController().signal): Promise<ToolOutcome> {
  const context: ToolContext = {
    signal,
    async image(image) {
      const bytes = pictures[Number(image.at(-1))] ?? Buffer.from('no picture');
      // image-3 goes by the hash of image-1, but whoever looks at it sees no picture.
      const { sha256 } = taken(image === 'image-3' ? pictures[1]! : bytes);
      const rest = { contentType: 'image/png', width: 1, height: 1, bytes: bytes.length, key: '' };
      return { ref: { name: image, sha256, ...rest }, bytes };
    },
    ask: () => Promise.reject(new Error('nobody to ask')),
    keepImage: async () => 'image-9',
  };
  return executeTool(findTool(name), args, context);
}

async function result(name: string, args: JsonObject): Promise<JsonObject> {
  const outcome = await call(name, args);
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.result;
}

describe('PyTorch', () => {
  test('gives the same numbers from equal tensors and from the file', async () => {
    const rows = await parityRows(expected, ourPreparation);
    expect(rows.filter(({ tensor }) => tensor === 'scores kept').every(({ values }) => values >= 100)).toBe(true);
    for (const row of rows) {
      // A region's mean is taken over the network's cells, by PyTorch's pipeline over pixels in between them.
      const most = row.tensor === 'depth of regions' ? 0.05 : /tokens|phrases/.test(row.tensor) ? 0 : 1e-4;
      expect(row.difference, JSON.stringify(row)).toBeLessThanOrEqual(most);
    }
    expect(new Set(rows.map(({ model }) => model)).size).toBe(3);
  });

  test('resizes pictures to the very same pixels', async () => {
    const all = [
      ...expected['grounding-dino'].map((one) => ({ ...one, repo: 'onnx-community/grounding-dino-tiny-ONNX' })),
      ...expected.depth.map((one) => ({ ...one, repo: 'onnx-community/depth-anything-v2-small' })),
      ...expected.clip.pictures.map((one) => ({ ...one, repo: 'Xenova/clip-vit-base-patch32' })),
    ].filter(({ picture }) => picture !== null);
    expect(all).toHaveLength(6);
    for (const { picture, resized, repo } of all) {
      const ours = prepare(await decodePicture(fixture(picture!)), readRecipe(join(tiny.root, repo)));
      const theirs = await decodePicture(fixture(resized!));
      expect([ours.width, ours.height]).toEqual([theirs.width, theirs.height]);
      expect(Buffer.compare(ours.rgb, theirs.rgb)).toBe(0);
    }
  });
});

describe('Grounding DINO', () => {
  test('finds in its process what PyTorch finds, under the labels that were asked for', async () => {
    for (const [i, bytes] of pictures.entries()) {
      const { labels, box_threshold, text_threshold, scores } = expected['grounding-dino'][i + 1]!;
      const found = await detectAbove({ box: box_threshold, text: text_threshold }, taken(bytes), labels, limits);
      expect(found.length).toBeGreaterThan(20);
      expect(found[0]!.score).toBeCloseTo(Math.max(...scores.values), 4);
      for (const { label, bbox } of found) {
        expect(labels).toContain(label);
        expect(bbox.every((side) => side >= 0 && side <= 1) && bbox[0] < bbox[2] && bbox[1] < bbox[3]).toBe(true);
      }
    }
  });

  test('more labels than one prompt holds are asked in several', async () => {
    const labels = Array.from({ length: 60 }, (_, i) => `striped box number ${i}`);
    const found = await groundingDino.detect(taken(pictures[0]!), [...labels, '...'], limits);
    // The last labels are in another prompt than the first.
    expect(found.some(({ label }) => labels.indexOf(label) < 10)).toBe(true);
    expect(found.some(({ label }) => labels.indexOf(label) > 50)).toBe(true);
  });
});

describe('depth', () => {
  test('smaller is nearer, in the order that PyTorch has reversed', async () => {
    const { regions, predicted_depth } = expected.depth[1]!;
    const ours = await Promise.all(
      regions.map(
        async ({ bbox }) => (await result('EstimateRegionDepth', { image: 'image-0', bbox: [...bbox] })).depth,
      ),
    );
    expect(ours).toEqual(regions.map(({ depth }) => expect.closeTo(depth, 1)));
    // The cell where the network's own number is largest is the nearest one, and its depth is 0.
    const { values, dims } = predicted_depth;
    const [height = 0, width = 0] = dims;
    const at = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
    const [x, y] = [at % width, Math.floor(at / width)];
    const bbox = [x / width, y / height, (x + 1) / width, (y + 1) / height];
    expect(await result('EstimateRegionDepth', { image: 'image-0', bbox })).toEqual({ depth: 0 });
    expect(ours.every((depth) => (depth as number) > 0)).toBe(true);
  });

  test('an object is found and measured; one that is not there is said to be missing', async () => {
    const { depth, bbox } = await result('EstimateObjectDepth', { image: 'image-0', object: 'red circle' });
    expect(depth).toBeGreaterThan(0);
    expect(bbox).toHaveLength(4);
    expect(await call('EstimateObjectDepth', { image: 'image-0', object: '...' })).toMatchObject({
      ok: false,
      error: { code: 'object_not_found', message: expect.stringContaining('No "..." was found in image-0') },
    });
  });

  test('a second region of a picture costs no look at it', async () => {
    const bbox = [0.1, 0.1, 0.3, 0.3];
    const { depth } = await result('EstimateRegionDepth', { image: 'image-1', bbox });
    expect(await result('EstimateRegionDepth', { image: 'image-3', bbox })).toEqual({ depth });
    const other = await result('EstimateRegionDepth', { image: 'image-3', bbox: [0.2, 0.2, 0.9, 0.4], mode: 'mode' });
    expect(other.depth).toBeGreaterThan(0);
    await closeDepth();
    expect(await call('EstimateRegionDepth', { image: 'image-3', bbox })).toMatchObject({
      error: { code: 'unreadable_image' },
    });
  });
});

describe('CLIP', () => {
  test('the three tools of likeness say what PyTorch says', async () => {
    const { texts, pictures: clip, between_pictures } = expected.clip;
    const two = (value: number) => Number(value.toFixed(2));
    const first = [...clip[0]!.similarity.values];
    const best = first.indexOf(Math.max(...first));
    expect(await result('GetImageToTextsSimilarity', { image: 'image-0', texts })).toEqual({
      similarity: first.map((value) => expect.closeTo(two(value), 5)),
      best_text_index: best,
      best_text: texts[best]!.trim(),
    });
    const [a, b] = clip.map(({ similarity: all }) => all.values[1]!);
    expect(await result('GetTextToImagesSimilarity', { text: texts[1]!, images: ['image-0', 'image-1'] })).toEqual({
      similarity: [two(a!), two(b!)],
      best_image_index: Number(b! > a!),
      best_image: b! > a! ? 'image-1' : 'image-0',
    });
    expect(await result('GetImageToImagesSimilarity', { image: 'image-0', other_images: 'image-1, image-0' })).toEqual({
      similarity: [two(between_pictures), 1],
      best_image_index: 1,
      best_image: 'image-0',
    });
  });

  test('what is asked together is what is asked alone, and a picture that cannot be read spoils no other', async () => {
    const texts = Array.from({ length: 40 }, (_, i) => `a photo of ${i} cats and ${'very '.repeat(i)}red dogs`);
    const together = await textDirections(texts, limits);
    await closeClip();
    for (const i of [0, 7, 39]) {
      const [alone] = await textDirections([texts[i]!], limits);
      expect(similarity(alone!, together[i]!)).toBeCloseTo(1, 5);
    }
    const [good, bad] = await Promise.allSettled([
      imageDirections([taken(pictures[0]!)], limits),
      call('GetImageToImagesSimilarity', { image: 'image-0', other_images: ['image-2'] }),
    ]);
    expect(good).toMatchObject({ status: 'fulfilled' });
    expect(bad).toMatchObject({
      value: { ok: false, error: { code: 'unreadable_image', message: expect.stringContaining('image-2: ') } },
    });
  });

  test('names objects from its list, surest first', async () => {
    const tags = await tagger.tag(taken(pictures[0]!), limits);
    expect(tags.length).toBeGreaterThan(0);
    expect(tags.map(({ score }) => score)).toEqual(tags.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(new Set(tags.map(({ label }) => label)).size).toBe(tags.length);
  });
});

describe('what is missing', () => {
  test('a tokenizer that is not there is not looked for elsewhere', async () => {
    await expect(loadTokenizer(tiny.root, 'nobody/nothing')).rejects.toThrow(/nobody\/nothing.*missing/);
  });

  test('weights that are not there: the model is told, and the operator what to run', async () => {
    rmSync(join(tiny.root, 'onnx-community/depth-anything-v2-small/onnx/model.onnx'));
    tiny.done();
    tiny = useTinyModels();
    rmSync(join(tiny.root, 'onnx-community/depth-anything-v2-small'), { recursive: true });
    expect(findTool('EstimateRegionDepth').status?.()).toMatchObject({
      ready: false,
      remedy: 'cota models pull depth-anything-v2-small',
    });
    expect(findTool('EstimateRegionDepth').engine).toBe('depth-anything-v2-small@missing');
    expect(await call('EstimateRegionDepth', { image: 'image-0', bbox: [0, 0, 1, 1] })).toMatchObject({
      ok: false,
      error: { code: 'tool_not_ready' },
    });
    expect(findTool('GetTextToImagesSimilarity').status?.()).toEqual({ ready: true });
  });
});

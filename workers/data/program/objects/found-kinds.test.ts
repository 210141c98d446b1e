import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CANNOT_TELL } from '../../../../shared/data/chain.ts';
import { random } from '../../random.ts';
import type { SceneRequest, WorldChain } from '../world.ts';
import { kindsFound, samples } from './found-kinds.ts';
import { makePicture, makeSet } from './generate.ts';
import type { ScenePicture } from './scene.ts';
import { kindsFor } from './words/kinds.ts';
import { objectWorld } from './world.ts';

const keep: NonNullable<SceneRequest['keep']> = async (png) => {
  const sha256 = createHash('sha256').update(png).digest('hex');
  return { key: sha256, sha256, contentType: 'image/png' };
};

/** A detector that knows the sample pictures, in the order in which they are shown, and has no word for some kinds. */
function detector(pictures: readonly ScenePicture[], blind: readonly string[] = []) {
  let calls = 0;
  const act: NonNullable<SceneRequest['act']> = async ({ action }) => {
    const { objects } = pictures[calls++]!;
    const asked = action.arguments.objects as string[];
    const regions = objects
      .filter(({ label }) => asked.includes(label) && !blind.includes(label))
      .map(({ label, box }) => ({ label, bbox: [...box], score: 0.8 }));
    return { observation: { ok: true, result: { image: 'image-0', regions } }, toolVersion: '1' };
  };
  return act;
}

const request = (act: NonNullable<SceneRequest['act']>): SceneRequest => ({
  seed: 5,
  index: 0,
  split: 'train',
  families: { count: 1 },
  observe: 'tool',
  multipleChoice: 0.5,
  unanswerable: 0.12,
  wanted: 2,
  keep,
  act,
});

describe('kinds that the detector of a cluster finds', () => {
  test('sample pictures show each kind three times, and those that are found nearly always are taken', async () => {
    const pictures = samples('train');
    const shown = pictures.flatMap(({ objects }) => objects.map(({ label }) => label));
    for (const kind of kindsFor('train')) expect(shown.filter((one) => one === kind).length, kind).toBeGreaterThan(1);
    expect(await kindsFound(pictures, 'train', { keep, act: detector(pictures) })).toEqual(kindsFor('train'));
    const found = await kindsFound(pictures, 'train', { keep, act: detector(pictures, ['box', 'tree']) });
    expect(found).toEqual(kindsFor('train').filter((kind) => kind !== 'box' && kind !== 'tree'));
  });

  test('a cluster that finds hardly any of them gets no chains that tell nothing, but an error that says what to do', async () => {
    const act: NonNullable<SceneRequest['act']> = async () => ({
      observation: { ok: true, result: { image: 'image-0', regions: [] } },
      toolVersion: '1',
    });
    await expect(objectWorld.make(request(act))).rejects.toThrow(/0 of 28 kinds.*grounding-dino/);
  });

  test('a tool that fails is no proof that it finds nothing: the shard is tried again', async () => {
    const act: NonNullable<SceneRequest['act']> = async () => ({
      observation: { ok: false, error: { code: 'tool_timeout', message: 'too slow' } },
      toolVersion: '1',
    });
    await expect(objectWorld.make(request(act))).rejects.toThrow(/tool_timeout: too slow/);
  });

  test('scenes show and name no other kinds', () => {
    const words = kindsFor('train').slice(0, 13);
    for (let i = 0; i < 30; i++)
      for (const { pictures, labels } of [
        makePicture(random(i, 'a'), 'train', words),
        makeSet(random(i, 'b'), 'train', 3, words),
      ]) {
        expect(labels).toEqual(words);
        for (const { objects } of pictures) for (const { label } of objects) expect(words).toContain(label);
      }
  });

  test('where all is found, chains are made and told', async () => {
    const pictures = samples('train');
    const known = detector(pictures);
    let sampled = 0;
    // After the samples: a picture with three of whatever is asked for first.
    const act: NonNullable<SceneRequest['act']> = async (call) => {
      if (sampled++ < pictures.length) return known(call);
      const label = (call.action.arguments.objects as string[])[0]!;
      const regions = [0, 1, 2].map((i) => ({
        label: i === 0 ? label : `${label}-${i + 1}`,
        bbox: [0.3 * i, 0.4, 0.3 * i + 0.2, 0.6],
        score: 0.9,
      }));
      return { observation: { ok: true, result: { image: 'image-0', regions } }, toolVersion: '1' };
    };
    let told: WorldChain | undefined;
    for (let index = 0; index < 25 && !told; index++)
      told = (await objectWorld.make({ ...request(act), index })).find(({ truth }) => truth !== CANNOT_TELL);
    expect(sampled).toBeGreaterThan(pictures.length);
    expect(told).toMatchObject({ facts: { observed: 'tool' }, made: { toolVersions: { LocalizeObjects: '1' } } });
  });
});

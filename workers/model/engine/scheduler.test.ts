import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Decoder, openDecoder } from './decoder.ts';
import { bytesPerToken } from './decoder-config.ts';
import { BLOCK, openPrefixCache } from './prefix-cache.ts';
import { type Job, openScheduler, type Scheduler } from './scheduler.ts';

const tiny = (name: string) => join(import.meta.dirname, '../../../test/fixtures/tiny-decoder', name);
const open = (name: string, tokens: number, dtype: 'fp32' | 'int8' = 'fp32') =>
  openDecoder({
    folder: tiny(name),
    dtype,
    provider: 'cpu',
    threads: 1,
    slotBytes: tokens * bytesPerToken(shapeOf(name)),
  });
const shapeOf = (name: string) => ({ layers: 2, kvHeads: name === 'grouped' ? 1 : 2, headDim: 16 });

/** Prompt number n: a beginning that all share, and then its own. */
const prompt = (n: number, length = 20 + 7 * (n % 5)) =>
  Array.from({ length }, (_, at) => (at < 6 ? at + 3 : (at * 7 + n * 11 + at * n) % 40));

interface Heard extends Job {
  readonly result: Promise<{ said: readonly number[]; cached: number }>;
  readonly tokens: number[];
}

function job(
  ids: readonly number[],
  more: { session?: string; owner?: string; limit?: number; onToken?: (id: number) => void } = {},
): Heard {
  const { promise, resolve, reject } = Promise.withResolvers<{ said: readonly number[]; cached: number }>();
  const tokens: number[] = [];
  const onToken = (id: number) => {
    tokens.push(id);
    more.onToken?.(id);
  };
  return {
    owner: more.owner ?? 'a',
    session: more.session ?? 's',
    prompt: ids,
    turn: { limit: more.limit ?? 24, end: [], mask: undefined, sampler: undefined, branches: 1, onToken },
    done: (said, cached) => resolve({ said, cached }),
    failed: reject,
    result: promise,
    tokens,
  };
}

function run(scheduler: Scheduler, until = () => !scheduler.busy): void {
  for (let ticks = 0; !until(); ticks++) {
    if (ticks > 5_000) throw new Error('the scheduler does not come to an end');
    scheduler.tick();
  }
}

describe.each(['grouped', 'shared', 'plain'])('sequences of %s', (name) => {
  let decoder: Decoder;
  let alone: (readonly number[])[];
  const fresh = (bytes = 0, batch?: number) => openScheduler(decoder, openPrefixCache(decoder.slots, bytes), batch);

  beforeAll(async () => {
    decoder = await open(name, 16 * 128);
    alone = [];
    for (let n = 0; n < 16; n++) {
      const scheduler = fresh();
      const one = job(prompt(n));
      scheduler.add(one);
      run(scheduler);
      alone.push((await one.result).said);
    }
  });
  afterAll(() => decoder.close());

  it('say different things at all, so that the comparisons mean something', () => {
    expect(new Set(alone.map((said) => said.join())).size).toBeGreaterThan(12);
    expect(new Set(alone.flat()).size).toBeGreaterThan(15);
  });

  it('say the same in a batch that others join and leave', async () => {
    const scheduler = fresh();
    const jobs = Array.from({ length: 16 }, (_, n) => job(prompt(n), { limit: n % 3 === 0 ? 9 : 24 }));
    for (const [n, one] of jobs.entries()) {
      scheduler.add(one);
      for (let ticks = 0; ticks < n % 4; ticks++) scheduler.tick();
    }
    run(scheduler);
    for (const [n, one] of jobs.entries())
      expect((await one.result).said).toEqual(alone[n]?.slice(0, n % 3 === 0 ? 9 : 24));
    expect(scheduler.stats.stepTokens / scheduler.stats.steps).toBeGreaterThan(4);
  });

  it('say the same after what was kept, and feed only what is new', async () => {
    const scheduler = fresh(2 ** 20);
    for (let n = 0; n < 16; n++) {
      const first = job(prompt(n).slice(0, 15), { session: `s${n}`, limit: 3 });
      scheduler.add(first);
      run(scheduler);
      const again = job(prompt(n), { session: `s${n}` });
      scheduler.add(again);
      run(scheduler);
      const { said, cached } = await again.result;
      expect(said).toEqual(alone[n]);
      expect(cached).toBeGreaterThanOrEqual(15);
    }
    expect(scheduler.stats.ownHits).toBe(16);
    expect(scheduler.stats.sharedHits).toBe(15);
    expect(scheduler.stats.sharedTokens).toBeGreaterThanOrEqual(15 * 6);
  });

  it('share nothing with another owner', async () => {
    const scheduler = fresh(2 ** 20);
    for (const owner of ['a', 'b']) {
      const one = job(prompt(1), { owner });
      scheduler.add(one);
      run(scheduler);
      expect(await one.result).toEqual({ said: alone[1], cached: 0 });
    }
  });
});

describe('a scheduler with little memory', () => {
  it('lets sequences wait, takes slots from the youngest, and brings all to the same end', async () => {
    const decoder = await open('grouped', 300);
    const alone = await Promise.all(
      [0, 1, 2, 3, 4].map((n) => {
        const scheduler = openScheduler(decoder, openPrefixCache(decoder.slots, 0));
        const one = job(prompt(n, 90), { limit: 100 });
        scheduler.add(one);
        run(scheduler);
        return one.result;
      }),
    );
    for (const kept of [0, 2 ** 17]) {
      const scheduler = openScheduler(decoder, openPrefixCache(decoder.slots, kept));
      const jobs = [0, 1, 2, 3, 4].map((n) => job(prompt(n, 90), { limit: 100, session: `${n}` }));
      for (const one of jobs) scheduler.add(one);
      scheduler.tick();
      expect([scheduler.stats.active, scheduler.stats.waiting]).toEqual([2, 3]);
      run(scheduler);
      for (const [n, one] of jobs.entries()) expect((await one.result).said).toEqual(alone[n]?.said);
      expect(scheduler.stats.preempted).toBeGreaterThan(0);
      expect(scheduler.stats.keptBytes).toBeLessThanOrEqual(kept);
    }
    decoder.close();
  });

  it('reads no longer prompts than there is memory for, and none at all with less than two tokens', async () => {
    const decoder = await open('grouped', 70);
    expect(decoder.longest).toBe(70);
    const scheduler = openScheduler(decoder, openPrefixCache(decoder.slots, 0));
    const one = job(prompt(2, 60), { limit: 10 });
    scheduler.add(one);
    run(scheduler);
    expect((await one.result).said).toHaveLength(10);
    decoder.close();
    await expect(open('grouped', 1)).rejects.toThrow('raise COTA_ONNX_KV_BYTES');
  });
});

describe('a cancelled sequence', () => {
  it('says nothing more, frees its slot, and leaves the others what they are', async () => {
    const decoder = await open('grouped', 1024);
    const scheduler = openScheduler(decoder, openPrefixCache(decoder.slots, 0));
    const undisturbed = job(prompt(5));
    scheduler.add(undisturbed);
    run(scheduler);
    const gone = job(prompt(3), {
      onToken() {
        if (gone.tokens.length === 4) scheduler.cancel(gone);
      },
    });
    const waits = job(prompt(4));
    const stays = job(prompt(5));
    for (const one of [gone, waits, stays]) scheduler.add(one);
    scheduler.cancel(waits);
    run(scheduler);
    expect(gone.tokens).toHaveLength(4);
    expect(waits.tokens).toHaveLength(0);
    expect((await stays.result).said).toEqual((await undisturbed.result).said);
    decoder.close();
  });

  it('is only that one when a mask fails', async () => {
    const decoder = await open('grouped', 1024);
    const scheduler = openScheduler(decoder, openPrefixCache(decoder.slots, 0));
    const good = job(prompt(1));
    const bad = job(prompt(2));
    const mask = () => {
      throw new Error('no such word');
    };
    scheduler.add({ ...bad, turn: { ...bad.turn, mask } });
    scheduler.add(good);
    run(scheduler);
    await expect(bad.result).rejects.toThrow('no such word');
    expect((await good.result).said).toHaveLength(24);
    decoder.close();
  });
});

describe('the prefix cache', () => {
  it('gives up what was not used for longest, and never more than its bytes', async () => {
    const decoder = await open('grouped', 512);
    const { slots } = decoder;
    slots.resize(128, []);
    const block = BLOCK * bytesPerToken(slots.shape);
    const cache = openPrefixCache(slots, 4 * block + 7);
    const ids = (n: number, length: number) => Array.from({ length }, (_, at) => 1000 * n + at);
    cache.keep('a', 'x', ids(1, 40), 0);
    expect(cache.usedBytes).toBe(3 * block);
    expect(cache.find('a', 'x', ids(1, 60), 1)).toEqual({ tokens: 40, own: true });
    cache.keep('a', 'y', ids(2, 20), 0);
    expect(cache.usedBytes).toBe(4 * block);
    // The end of the first gave way to the second; its beginning is there.
    expect(cache.find('a', 'z', ids(1, 60), 1)).toEqual({ tokens: 32, own: false });
    expect(cache.find('a', 'y', ids(2, 60), 1)).toEqual({ tokens: 20, own: true });
    expect(cache.find('b', 'y', ids(2, 60), 1).tokens).toBe(0);
    // A prompt longer than all memory keeps its beginning.
    cache.keep('a', 'x', ids(3, 100), 0);
    expect(cache.find('a', 'x', ids(3, 100), 1).tokens).toBe(64);
    expect(cache.usedBytes).toBe(cache.bytes);
    decoder.close();
  });

  it('holds keys and values, not only names: block by block, from any place on', async () => {
    const decoder = await open('shared', 512);
    const { slots } = decoder;
    slots.resize(128, []);
    const cache = openPrefixCache(slots, 2 ** 20);
    const floats = slots.shape.kvHeads * slots.length * slots.shape.headDim;
    for (const [n, array] of slots.arrays.entries()) for (let at = 0; at < floats; at++) array[at] = at + n / 8;
    const ids = prompt(1, 53);
    // In two parts, of which the second completes a block that the first began.
    cache.keep('a', 'x', ids.slice(0, 21), 0);
    cache.keep('a', 'x', ids, 0);
    expect(cache.find('a', 'x', [...ids.slice(0, 50), 999], 2, 5)).toEqual({ tokens: 50, own: true });
    for (const array of slots.arrays) {
      for (let head = 0; head < slots.shape.kvHeads; head++) {
        const at = (slot: number) => (slot * slots.shape.kvHeads + head) * slots.length * slots.shape.headDim;
        const part = (slot: number, from: number, to: number) =>
          array.subarray(at(slot) + from * slots.shape.headDim, at(slot) + to * slots.shape.headDim);
        expect(part(2, 5, 50)).toEqual(part(0, 5, 50));
        expect(part(2, 0, 5).every((value) => value === 0)).toBe(true);
        expect(part(2, 50, 60).every((value) => value === 0)).toBe(true);
      }
    }
    decoder.close();
  });
});

it('graphs of plain operators and of ours say the same from the same weights, and 8-bit ones nearly', async () => {
  const said = async (name: string, dtype: 'fp32' | 'int8' = 'fp32') => {
    const decoder = await open(name, 512, dtype);
    const scheduler = openScheduler(decoder, openPrefixCache(decoder.slots, 0));
    const jobs = Array.from({ length: 4 }, (_, n) => job(prompt(n), { limit: 8 }));
    for (const one of jobs) scheduler.add(one);
    run(scheduler);
    decoder.close();
    return Promise.all(jobs.map(async ({ result }) => (await result).said));
  };
  expect(await said('plain')).toEqual(await said('shared'));
  const [floats, integers] = [await said('grouped'), await said('grouped', 'int8')];
  expect(integers.filter((one, n) => one[0] === floats[n]?.[0]).length).toBeGreaterThanOrEqual(3);
});

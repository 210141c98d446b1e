/** Files below HTTP, on both stores: content first, document last, and nothing left of what ended half-way. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newDocumentId } from '../../shared/documents.ts';
import { CotaError } from '../../shared/errors.ts';
import { type Files, openFiles } from '../../shared/files/files.ts';
import { keys, paths } from '../../shared/keys.ts';
import { ObjectMissing, type ObjectStore, openObjectStore } from '../../shared/object-store.ts';
import { ownRedis } from '../own-redis.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

const own = ownRedis();
const HOUR = 3_600;
const about = { filename: 'a.jsonl', purpose: 'batch', contentType: 'application/jsonl' } as const;
const limit = { maxBytes: 50_000_000 };

describe.each(['fs', 's3'] as const)('on %s', (driver) => {
  let objects: ObjectStore;
  let dir: string;
  let server: S3Server | undefined;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cota-files-'));
    if (driver === 's3') {
      server = await startS3Server('files');
      const { endpoint, accessKeyId, secretAccessKey } = server;
      objects = await openObjectStore({
        driver,
        bucket: 'files',
        endpoint,
        accessKeyId,
        secretAccessKey,
        forcePathStyle: true,
        checksums: 'when_required',
      });
    } else {
      objects = await openObjectStore({ driver, root: join(dir, 'store'), linkSecret: 'x'.repeat(32) });
    }
  });
  afterAll(async () => {
    await objects?.close();
    await server?.close();
    await rm(dir, { recursive: true, force: true });
  });

  let now: number;
  let files: Files;
  /** What the meter was told. */
  let metered: number;
  let quota: number;
  beforeEach(async () => {
    now = 1_800_000_000_000;
    metered = 0;
    quota = Number.POSITIVE_INFINITY;
    await own.redis.flushall();
    await objects.deletePrefix('t/');
    const meter = {
      assertRoom: async (_tenant: string, more: number) => {
        if (metered + more > quota) throw new CotaError('insufficient_quota', 'full');
      },
      add: async (_tenant: string, bytes: number) => {
        metered += bytes;
      },
    };
    files = openFiles({ redis: own.redis, objects, meter, now: () => now });
  });

  const left = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of objects.list('t/')) found.push(key);
    return found.sort();
  };
  const due = () => own.redis.zrange(keys.filesDue, '0', '-1');
  const upload = (text: string, expiresAt: number | null = null) =>
    files.create('acme', { ...about, expiresAt }, Readable.from([Buffer.from(text)]), limit);
  const text = async (stream: Promise<Readable>) => (await buffer(await stream)).toString();

  test('what was uploaded is there, for its tenant only, until it is removed', async () => {
    const file = await upload('{"a":1}\n');
    expect(await files.get('acme', file.id)).toEqual(file);
    expect(file).toMatchObject({ bytes: 8, createdAt: 1_800_000_000, expiresAt: null, purpose: 'batch' });
    expect(await text(files.stream(file))).toBe('{"a":1}\n');
    expect(await files.get('other', file.id)).toBeUndefined();
    expect(await files.remove('other', file.id)).toBe(false);
    expect(metered).toBe(8);
    expect(await due()).toEqual([]);
    expect(await files.remove('acme', file.id)).toBe(true);
    expect(await files.remove('acme', file.id)).toBe(false);
    expect(await files.get('acme', file.id)).toBeUndefined();
    expect([await left(), await due(), metered]).toEqual([[], [], 0]);
  });

  test('a file that has expired is gone at once, and its bytes with the next sweep', async () => {
    const file = await upload('soon over', now / 1000 + HOUR);
    const kept = await upload('stays');
    now += (HOUR - 1) * 1000;
    expect(await files.sweepExpired(10)).toBe(0);
    expect(await files.get('acme', file.id)).toEqual(file);
    now += 1000;
    expect(await files.get('acme', file.id)).toBeUndefined();
    expect((await files.list('acme', { limit: 10, order: 'asc' })).data).toEqual([kept]);
    expect(await files.remove('acme', file.id)).toBe(false);
    expect(await left()).toHaveLength(4);
    expect(await files.sweepExpired(10)).toBe(1);
    expect(await left()).toEqual([paths.content('acme', kept.id), paths.document('acme', 'files', kept.id)]);
    expect([await due(), metered]).toEqual([[], 5]);
  });

  test('a file whose time Redis has lost is found again when it is looked at', async () => {
    const file = await upload('lost', now / 1000 + HOUR);
    await own.redis.flushall();
    now += HOUR * 1000;
    expect(await files.sweepExpired(10)).toBe(0);
    expect((await files.list('acme', { limit: 10, order: 'asc' })).data).toEqual([]);
    expect(await files.sweepExpired(10)).toBe(1);
    expect(await left()).toEqual([]);
    expect(await files.get('acme', file.id)).toBeUndefined();
  });

  test.each([
    ['a source that fails', 20_000_000],
    ['a source that fails at once', 0],
  ])('%s leaves nothing behind', async (_name, bytes) => {
    async function* failing() {
      for (let sent = 0; sent < bytes; sent += 1_000_000) yield Buffer.alloc(1_000_000);
      throw new Error('hung up');
    }
    const body = Readable.from(failing(), { objectMode: false });
    await expect(files.create('acme', about, body, limit)).rejects.toThrow('hung up');
    expect([await left(), await due(), metered]).toEqual([[], [], 0]);
  });

  test('a file that is too large ends its source, and leaves nothing behind', async () => {
    let taken = 0;
    async function* large() {
      for (; taken < 200; taken++) yield Buffer.alloc(1_000_000);
    }
    const body = Readable.from(large(), { objectMode: false });
    const creating = files.create('acme', about, body, { maxBytes: 20_000_000 });
    await expect(creating).rejects.toMatchObject({ code: 'body_too_large', message: /20,000,000 bytes.*split/ });
    expect(taken).toBeLessThan(30);
    expect([await left(), await due(), metered]).toEqual([[], [], 0]);
  });

  test('a file that is above the quota leaves nothing behind', async () => {
    await upload('12345');
    quota = 10;
    await expect(upload('6789abc')).rejects.toMatchObject({ code: 'insufficient_quota' });
    expect(await left()).toHaveLength(2);
    expect([await due(), metered]).toEqual([[], 5]);
    quota = 5;
    await expect(upload('6')).rejects.toMatchObject({ code: 'insufficient_quota' });
  });

  test('a process that dies between content and document leaves what the sweep removes a day later', async () => {
    const staged = await files.stage('acme', 'text/plain', Readable.from([Buffer.from('orphan')]), limit);
    expect(await left()).toEqual([paths.content('acme', staged.id)]);
    now += HOUR * 1000;
    await files.sweepExpired(10);
    expect(await left()).toHaveLength(1);
    now += 24 * HOUR * 1000;
    await files.sweepExpired(10);
    expect([await left(), await due(), metered]).toEqual([[], [], 0]);
  });

  test('a process that dies while it removes a file leaves what nobody sees and the sweep removes', async () => {
    const file = await upload('half gone');
    const dying = openFiles({
      redis: own.redis,
      objects: { ...objects, delete: async () => Promise.reject(new Error('killed')) },
      now: () => now,
    });
    await expect(dying.remove('acme', file.id)).rejects.toThrow('killed');
    expect(await files.get('acme', file.id)).toBeUndefined();
    expect(await left()).toHaveLength(2);
    await files.sweepExpired(10);
    expect([await left(), await due(), metered]).toEqual([[], [], 0]);
  });

  test('a file of objects that are there already is read as one, and takes them along when it goes', async () => {
    const parts: { key: string; bytes: number }[] = [];
    for (const [index, content] of ['first\n', '', 'second\n', 'third\n'].entries()) {
      const key = `t/acme/parts/output-${index}`;
      await objects.put(key, Buffer.from(content), { contentType: 'application/jsonl' });
      parts.push({ key, bytes: content.length });
    }
    const id = newDocumentId('file-');
    const output = { ...about, id, purpose: 'batch_output' } as const;
    const file = await files.createFromParts('acme', output, parts);
    now += 60_000;
    expect(await files.createFromParts('acme', output, parts)).toEqual(file);
    expect([file.bytes, metered]).toEqual([19, 19]);
    const all = 'first\nsecond\nthird\n';
    expect(await text(files.stream(file))).toBe(all);
    for (let start = 0; start < all.length; start++) {
      for (const end of [start, start + 1, start + 6, undefined]) {
        // s3rver takes a range that ends at byte 0 of an object for one without an end.
        if (driver === 's3' && (end === 0 || end === 6 || end === 13)) continue;
        const range = end === undefined ? { start } : { start, end };
        expect(await text(files.stream(file, range))).toBe(all.slice(start, end === undefined ? undefined : end + 1));
      }
    }
    await expect(files.stream(file, { start: 19 })).rejects.toThrow(RangeError);
    expect(await files.remove('acme', id)).toBe(true);
    expect([await left(), metered]).toEqual([[], 0]);
  });

  test('a file without its content is an error before any byte flows; a lost part ends the stream with one', async () => {
    const file = await upload('gone');
    await objects.delete(paths.content('acme', file.id));
    await expect(files.stream(file)).rejects.toBeInstanceOf(ObjectMissing);
    const two = { ...file, parts: [{ key: paths.document('acme', 'files', file.id), bytes: 5 }, ...file.parts] };
    await expect(text(files.stream(two))).rejects.toBeInstanceOf(ObjectMissing);
  });

  test('lists go on where a page ended, by purpose too, and pass over what is gone', async () => {
    const made: string[] = [];
    for (let index = 0; index < 7; index++) {
      const purpose = index % 3 === 0 ? 'vision' : 'batch';
      const body = Readable.from([Buffer.from('x')]);
      made.push((await files.create('acme', { ...about, purpose }, body, limit)).id);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const walk = async (order: 'asc' | 'desc', purpose?: 'vision') => {
      const seen: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = await files.list('acme', { limit: 2, after, order, purpose });
        seen.push(...page.data.map((file) => file.id));
        if (!page.hasMore) return seen;
        after = seen.at(-1);
      }
    };
    expect(await walk('asc')).toEqual(made);
    expect(await walk('desc')).toEqual([...made].reverse());
    expect(await walk('asc', 'vision')).toEqual([made[0], made[3], made[6]]);
    await files.remove('acme', made[3] ?? '');
    expect(await walk('desc', 'vision')).toEqual([made[6], made[0]]);
  });
});

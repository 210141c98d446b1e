import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelStep, StepJob } from '../../shared/contract.ts';
import { keys, newRunId } from '../../shared/keys.ts';
import { openRedis } from '../../shared/redis.ts';
import { next } from '../../shared/run/run-machine.ts';
import { advanced } from '../../shared/run/run-record.ts';
import { openRunStore, type RunStore } from '../../shared/run/run-store.ts';
import { testConfig } from '../harness.ts';
import { type RedisServer, startRedis } from '../redis-server.ts';

let dir: string;
let server: RedisServer;
let redis: Redis;
let runs: RunStore;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-store-'));
  server = await startRedis({ dir, appendonly: false });
  redis = openRedis(server.url);
  runs = openRunStore(redis, 100);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

const LEASE = { quarantineAt: 2 };
const reply: ModelStep = {
  kind: 'model',
  text: 't',
  thought: 'th',
  actions: [{ name: 'Calculate', arguments: { expression: '1+1' } }],
  finishReason: 'stop',
  usage: { inputTokens: 1, outputTokens: 1, cachedTokens: 0 },
};

async function started(): Promise<StepJob> {
  const id = newRunId();
  await runs.create({ id, tenant: 'default', config: testConfig({}) });
  await runs.start(id);
  return { runId: id, step: 0, epoch: 0 };
}
async function begunRun(job: StepJob) {
  const begun = await runs.begin(job, LEASE);
  if (begun.is !== 'ok') throw new Error(`begin: ${begun.is}`);
  return begun;
}
async function advance(job: StepJob) {
  const { run, now } = await begunRun(job);
  return runs.advance(job, next(run, { type: 'replied', step: reply, modelMs: 1 }, now));
}

describe('the run record', () => {
  it('is created once', async () => {
    const id = newRunId();
    expect(await runs.create({ id, tenant: 'a', config: testConfig({}) })).toBe(true);
    expect(await runs.create({ id, tenant: 'b', config: testConfig({}) })).toBe(false);
    expect(await runs.read(id)).toMatchObject({ tenant: 'a', status: 'pending', step: 0, kind: 'model' });
  });

  it('is not created again where its run was deleted', async () => {
    const id = newRunId();
    await redis.set(keys.deleted(id), '1');
    expect(await runs.create({ id, tenant: 'a', config: testConfig({}) })).toBe(false);
    expect(await runs.read(id)).toBeUndefined();
    expect(await redis.zscore(keys.due(id), id)).toBeNull();
    expect(await redis.exists(keys.events(id))).toBe(0);
  });

  it('asks at once for the answer where only one reply is allowed', async () => {
    const id = newRunId();
    await runs.create({ id, tenant: 'a', config: testConfig({ budgets: { replies: 1, turnTokens: 100 } }) });
    expect(await runs.read(id)).toMatchObject({ answerNow: 'replies' });
    await runs.start(id);
    const { run, now } = await begunRun({ runId: id, step: 0, epoch: 0 });
    expect(next(run, { type: 'replied', step: reply, modelMs: 1 }, now)).toMatchObject({
      status: 'finalizing',
      outcome: { status: 'incomplete', stopReason: 'budget_replies' },
    });
  });

  it('is looked at when its deadline has come, however long its steps are to be left in peace', async () => {
    const patient = openRunStore(redis, 60_000);
    const id = newRunId();
    const [seconds] = await redis.time();
    const deadline = Number(seconds) * 1000 + 20_000;
    const due = async () => Number(await redis.zscore(keys.due(id), id));
    await patient.create({ id, tenant: 'a', config: testConfig({ deadline }) });
    expect(await due()).toBe(deadline);
    await patient.start(id);
    expect(await due()).toBe(deadline);
    const job = { runId: id, step: 0, epoch: 0 };
    await patient.release(job, { spend: true, waitMs: 5_000 });
    expect(await due()).toBe(deadline);
    await redis.zadd(keys.due(id), 0, id);
    await patient.postpone(id, 60_000);
    expect(await due()).toBe(deadline);
    const begun = await patient.begin(job, LEASE);
    if (begun.is !== 'ok') throw new Error(begun.is);
    await patient.advance(job, next(begun.run, { type: 'replied', step: reply, modelMs: 1 }, begun.now));
    expect(await due()).toBe(deadline);
    // Once it has ended, its deadline is nothing to the sweeper.
    await patient.end(id, { status: 'cancelled', stopReason: 'cancelled' });
    expect(await due()).toBeGreaterThan(deadline);
  });

  it('counts for each step how often it was handed out anew', async () => {
    const job = await started();
    let seen = await runs.look(job.runId);
    for (let time = 1; time <= 3; time++) {
      await redis.zadd(keys.due(job.runId), 0, job.runId);
      seen = await runs.look(job.runId);
      if (seen.is !== 'ok') throw new Error(seen.is);
      seen = await runs.reissue(job.runId, seen.position, 0);
      expect(seen).toMatchObject({ is: 'ok', reissued: time });
    }
    await advance({ ...job, epoch: 3 });
    await redis.zadd(keys.due(job.runId), 0, job.runId);
    expect(await runs.look(job.runId)).toMatchObject({ is: 'ok', reissued: 0, position: { step: 1, epoch: 3 } });
  });

  it('advances, and keeps the step with its times', async () => {
    const job = await started();
    expect(await advance(job)).toMatchObject({ is: 'ok' });
    const run = await runs.read(job.runId);
    expect(run).toMatchObject({
      step: 1,
      kind: 'action',
      starts: 0,
      steps: [{ text: 't', startedAt: expect.any(Number) }],
    });
  });

  it('is after an advance what the worker knows of it without reading it again', async () => {
    const job = await started();
    for (const text of ['first', 'second']) {
      const at = await runs.read(job.runId);
      const { run, now } = await begunRun({ ...job, step: at?.step ?? 0 });
      // A reply without actions is asked again, a second one with Terminate ends the run.
      const actions = text === 'first' ? [] : [{ name: 'Terminate', arguments: { answer: 'ü\n"2"' } }];
      const transition = next(run, { type: 'replied', step: { ...reply, text, actions }, modelMs: 1.5 }, now);
      const done = await runs.advance({ ...job, step: run.step }, transition);
      if (done.is !== 'ok') throw new Error(done.is);
      const known = advanced(run, transition, done.begunAt, done.now);
      expect(JSON.stringify(known)).toBe(JSON.stringify(await runs.read(job.runId)));
    }
    expect(await runs.read(job.runId)).toMatchObject({ status: 'finalizing', endedAt: expect.any(Number) });
  });

  it('takes thousands of refused actions of one turn', async () => {
    const job = await started();
    const { run, now } = await begunRun(job);
    const actions = Array.from({ length: 3_000 }, () => ({ name: 'Nonsense', arguments: {} }));
    const transition = next(run, { type: 'replied', step: { ...reply, actions }, modelMs: 1 }, now);
    expect(await runs.advance(job, transition)).toMatchObject({ is: 'ok' });
    expect(await runs.read(job.runId)).toMatchObject({ step: 3_001, kind: 'model', starts: 0 });
    const after = await begunRun({ ...job, step: 3_001 });
    expect(after.run.steps).toHaveLength(3_001);
    expect(JSON.stringify(after.run.steps)).toBe(JSON.stringify((await runs.read(job.runId))?.steps));
  });

  it('refuses a second advance of the same step: a frozen worker cannot overwrite', async () => {
    const job = await started();
    const { run, now } = await begunRun(job);
    await advance(job);
    expect(
      await runs.advance(job, next(run, { type: 'replied', step: { ...reply, text: 'late' }, modelMs: 1 }, now)),
    ).toEqual({ is: 'stale' });
    expect((await runs.read(job.runId))?.steps[0]).toMatchObject({ text: 't' });
  });

  it('tells a worker with a stale job where the run is', async () => {
    const job = await started();
    await advance(job);
    expect(await runs.begin(job, LEASE)).toEqual({
      is: 'stale',
      position: { status: 'running', kind: 'action', step: 1, epoch: 0 },
    });
  });

  it('sends a step to quarantine after two starts without a report', async () => {
    const job = await started();
    await begunRun(job);
    await begunRun(job);
    expect(await runs.begin(job, LEASE)).toEqual({ is: 'quarantine' });
    expect(await runs.begin(job, { ...LEASE, quarantineAt: 0 })).toMatchObject({ is: 'ok' });
  });

  it('does not count a start that was given back', async () => {
    const job = await started();
    for (let i = 0; i < 5; i++) {
      await begunRun(job);
      expect(await runs.release(job, { spend: false, waitMs: 0 })).toBe(0);
    }
    await begunRun(job);
    expect(await runs.release(job, { spend: true, waitMs: 0 })).toBe(1);
  });

  it('ends by cancel; what comes later is refused as cancelled, and nothing is created', async () => {
    const job = await started();
    const { run, now } = await begunRun(job);
    expect(await runs.end(job.runId, { status: 'cancelled', stopReason: 'cancelled' }, { tenant: 'other' })).toEqual({
      is: 'gone',
    });
    expect(
      await runs.end(job.runId, { status: 'cancelled', stopReason: 'cancelled' }, { tenant: 'default' }),
    ).toMatchObject({ is: 'ok', before: 'running' });
    const late = next(run, { type: 'replied', step: reply, modelMs: 1 }, now);
    expect(await runs.advance(job, late)).toEqual({ is: 'cancelled' });
    const missing = newRunId();
    expect(await runs.advance({ ...job, runId: missing }, late)).toEqual({ is: 'gone' });
    expect(await redis.exists(keys.run(missing))).toBe(0);
  });

  it('is found by the sweeper when it is overdue, and its epoch rises when it is handed out anew', async () => {
    const job = await started();
    await new Promise((resolve) => setTimeout(resolve, 150));
    const shard = Number.parseInt(job.runId.slice(4, 6), 16);
    expect(await runs.overdue([shard], 10)).toContain(job.runId);
    const seen = await runs.look(job.runId);
    if (seen.is !== 'ok') throw new Error(seen.is);
    expect(await runs.reissue(job.runId, seen.position, 1_000)).toMatchObject({ is: 'ok', position: { epoch: 1 } });
    expect(await runs.begin(job, LEASE)).toMatchObject({ is: 'stale' });
    expect(await runs.overdue([shard], 10)).not.toContain(job.runId);
  });

  it('closes only a run that has ended, and leaves the due index', async () => {
    const job = await started();
    expect(await runs.close(job.runId, 60)).toBe('open');
    await runs.end(job.runId, { status: 'failed', stopReason: 'error', error: { code: 'poison', message: 'm' } });
    expect(await runs.close(job.runId, 60)).toBe('ok');
    expect(await runs.close(job.runId, 60)).toBe('closed');
    expect(await redis.zscore(keys.due(job.runId), job.runId)).toBeNull();
    expect(await redis.ttl(keys.run(job.runId))).toBeGreaterThan(0);
  });

  it('numbers its events from 1, without gaps', async () => {
    const job = await started();
    await advance(job);
    const entries = await redis.xrange(keys.events(job.runId), '-', '+');
    expect(entries.map(([id]) => id)).toEqual(['1-0', '2-0', '3-0']);
  });
});

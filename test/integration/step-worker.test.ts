/** The wrapper around every worker, in this process: what it does when jobs come twice, steps wait, and it must stop. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../shared/cluster.ts';
import type { RunConfig, StepJob } from '../../shared/contract.ts';
import { CotaError } from '../../shared/errors.ts';
import { keys, newRunId, paths } from '../../shared/keys.ts';
import { FINALIZE, modelQueue, versionQueue } from '../../shared/queues.ts';
import { deleteRun } from '../../shared/run/end-run.ts';
import { finalize } from '../../shared/run/finalize.ts';
import { next } from '../../shared/run/run-machine.ts';
import { runStep, type StepHandler, Stop } from '../../shared/run/run-step.ts';
import { traceOf } from '../../shared/run/trace.ts';
import { BelongsElsewhere } from '../../shared/versions.ts';
import { startStepWorkers } from '../../shared/worker.ts';
import { testConfig } from '../harness.ts';
import { startTestClusters, type TestClusters } from '../test-clusters.ts';

const GRACE_MS = 3_000;

let clusters: TestClusters;
let cluster: Cluster;
beforeAll(async () => {
  clusters = await startTestClusters('steps', {
    COTA_API_KEY: 'test-key-0123456789abcdef',
    COTA_GRACE_MS: String(GRACE_MS),
  });
  cluster = await clusters.open();
});
afterAll(async () => {
  await cluster.lifecycle.stop('test is over');
  await clusters.stop();
});

async function started(change: Partial<RunConfig> = {}): Promise<StepJob> {
  const id = newRunId();
  await cluster.runs.create({ id, tenant: 'default', config: testConfig(change) });
  await cluster.runs.start(id);
  return { runId: id, step: 0, epoch: 0 };
}
const step = (job: StepJob, handle: StepHandler) =>
  runStep(cluster, handle, job, modelQueue('replayed'), new AbortController(), { quarantined: false });

describe('a step', () => {
  it('is not done again when its job comes back after the run has failed', async () => {
    const job = await started();
    const begun = await cluster.runs.begin(job, { quarantineAt: 2 });
    if (begun.is !== 'ok') throw new Error(begun.is);
    // The worker dies here: the end is in the record, the trace is not in the store, the job is handed out again.
    await cluster.runs.advance(
      job,
      next(begun.run, { type: 'failed', error: { code: 'model_refused', message: 'no' } }, begun.now),
    );
    let calls = 0;
    const verdict = await step(job, async () => {
      calls += 1;
      throw new CotaError('server_error', 'must not be called');
    });
    expect(verdict).toBe('stale');
    expect(calls).toBe(0);
    expect(await cluster.queues.holds(FINALIZE, job)).toBe(true);
  });

  it.each([false, true])('writes what the record says into the trace; begun twice: %s', async (twice) => {
    const job = await started();
    await step(job, async () => {
      if (twice) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        await cluster.runs.begin(job, { quarantineAt: 0 });
      }
      const terminate = { name: 'Terminate', arguments: { answer: '2' } };
      const usage = { inputTokens: 1, outputTokens: 1, cachedTokens: 0 };
      const turn = { kind: 'model', text: 't', thought: 'th', finishReason: 'stop', usage } as const;
      return { type: 'replied', step: { ...turn, actions: [terminate] }, modelMs: 1 };
    });
    const run = await cluster.runs.read(job.runId);
    if (!run) throw new Error('the record is gone');
    const stored = await cluster.objects.get(paths.trace('default', job.runId));
    expect(JSON.parse(stored.bytes.toString())).toEqual(JSON.parse(JSON.stringify(traceOf(run))));
  });

  it('ends as "deadline" when its run is too late', async () => {
    const job = await started({ deadline: 1 });
    await step(job, () => Promise.reject(new Error('must not be called')));
    expect((await cluster.runs.read(job.runId))?.outcome).toMatchObject({
      status: 'failed',
      stopReason: 'deadline',
      error: { code: 'deadline_exceeded' },
    });
  });

  it('tries again when a server said that it may, not before', async () => {
    const busy: StepHandler = () =>
      Promise.reject(new CotaError('server_error', 'the host of the image is busy', { retryAfterMs: 20_000 }));
    expect(await step(await started(), busy)).toEqual({ delayMs: 20_000 });
    const verdict = await step(await started({ deadline: Date.now() + 5_000 }), busy);
    expect((verdict as { delayMs: number }).delayMs).toBeLessThanOrEqual(5_001);
  });

  it('waits no longer than ten minutes at a time, whatever a server asks for, and not past its deadline', async () => {
    const away: StepHandler = () =>
      Promise.reject(new CotaError('tool_away', 'come back tomorrow', { retryAfterMs: 86_400_000 }));
    expect(await step(await started(), away)).toEqual({ delayMs: 600_000 });
    const verdict = await step(await started({ deadline: Date.now() + 20_000 }), away);
    expect((verdict as { delayMs: number }).delayMs).toBeLessThanOrEqual(20_001);
  });
});

describe('a step that does not hear', () => {
  it('holds its place no longer than a few seconds past its time', async () => {
    const job = await started();
    const control = new AbortController();
    const deaf = runStep(cluster, () => new Promise(() => undefined), job, modelQueue('replayed'), control, {
      quarantined: false,
    });
    await expect.poll(async () => (await cluster.runs.read(job.runId))?.starts).toBe(1);
    control.abort(new Stop('shutdown'));
    expect(await deaf).toBe('back');
    expect(await cluster.runs.read(job.runId)).toMatchObject({ status: 'running', starts: 0 });
  }, 15_000);
});

describe('a run that was deleted', () => {
  it('leaves nothing in the store, whatever its step was writing meanwhile', async () => {
    const job = await started();
    const run = await cluster.runs.read(job.runId);
    if (!run) throw new Error('no run');
    const sha256 = '0'.repeat(64);
    const [image, pointer] = [paths.image('default', job.runId, sha256), paths.artifact('default', sha256, job.runId)];
    await step(job, async () => {
      await cluster.objects.put(image, Buffer.from('before'), { contentType: 'image/png' });
      expect(await deleteRun(cluster, 'default', job.runId, 60)).toBe(true);
      await cluster.objects.put(image, Buffer.from('after'), { contentType: 'image/png' });
      await cluster.objects.put(pointer, Buffer.from('{}'), { contentType: 'application/json' });
      return { type: 'failed', error: { code: 'model_refused', message: 'no' } };
    });
    expect(await cluster.objects.head(image)).toBeUndefined();
    expect(await cluster.objects.head(pointer)).toBeUndefined();
  });

  it('leaves nothing of an intake that did not get to its end', async () => {
    const job = await started();
    const bytes = Buffer.from('not a picture');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const pointer = paths.artifact('default', sha256, job.runId);
    await cluster.objects.put(paths.upload('default', job.runId, 0), bytes, { contentType: 'image/png' });
    await cluster.objects.put(pointer, Buffer.from('{}'), { contentType: 'application/json' });
    expect(await deleteRun(cluster, 'default', job.runId, 60)).toBe(true);
    expect(await cluster.objects.head(pointer)).toBeUndefined();
  });

  it('ends its line of a batch, though whoever was to finalize it has died', async () => {
    const batch = { id: 'batch_of_this_test', window: 0, customId: 'a', endpoint: '/v1/responses' } as const;
    const bits = (key: string) => Promise.all([0, 1].map((index) => cluster.redis.getbit(key, index)));
    for (const [index, status] of (['completed', 'failed'] as const).entries()) {
      const job = await started({ batch: { ...batch, index } });
      await cluster.runs.end(job.runId, { status, stopReason: status === 'completed' ? 'terminate' : 'error' });
      expect(await deleteRun(cluster, 'default', job.runId, 60)).toBe(true);
    }
    expect(await bits(keys.windowOk(batch.id, 0))).toEqual([1, 0]);
    expect(await bits(keys.windowBad(batch.id, 0))).toEqual([0, 1]);
  });

  it('does not come back by a trace that was on its way', async () => {
    const job = await started();
    await cluster.runs.end(job.runId, { status: 'cancelled', stopReason: 'cancelled' });
    const run = await cluster.runs.read(job.runId);
    if (!run) throw new Error('no run');
    expect(await deleteRun(cluster, 'default', job.runId, 60)).toBe(true);
    await finalize(run, cluster.finalizing);
    expect(await cluster.objects.head(paths.trace('default', job.runId))).toBeUndefined();
  });
});

describe('a step of another version', () => {
  it('is handed on as it is: no start, no attempt, its turn as before', async () => {
    const job = await started({ priority: 'batch' });
    const queue = versionQueue(modelQueue('replayed'), 'other');
    expect(await step(job, () => Promise.reject(new BelongsElsewhere(queue)))).toBe('done');
    expect(await cluster.runs.read(job.runId)).toMatchObject({ status: 'running', starts: 0, fails: 0, epoch: 0 });
    const [handedOn] = await cluster.queues.get(queue).getJobs(['prioritized']);
    expect(handedOn).toMatchObject({ data: job, opts: { priority: 3 } });
  });
});

describe('a stopping process', () => {
  /** Works until it is told to stop; says when that was. */
  function endless(stoppedAt: number[]): StepHandler {
    return ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stoppedAt.push(performance.now());
          reject(signal.reason);
        });
      });
  }
  async function busy(worker: Cluster, model: string, stoppedAt: number[]) {
    const queue = modelQueue(model);
    const workers = await startStepWorkers(worker, {
      queues: [{ name: queue, concurrency: 2 }],
      handle: endless(stoppedAt),
      entry: '',
    });
    const job = await started({ model });
    await cluster.queues.enqueue({ queue, priority: 0 }, job);
    await expect.poll(async () => (await cluster.runs.read(job.runId))?.starts, { timeout: 10_000 }).toBe(1);
    return { workers, job, queue };
  }

  it('gives steps back at the end of the grace, also when its queue is closed because the engine is away', async () => {
    const worker = await clusters.open();
    const stoppedAt: number[] = [];
    const { workers, job, queue } = await busy(worker, 'paused', stoppedAt);
    await workers.pause();
    await worker.lifecycle.stop('test');
    expect(stoppedAt).toHaveLength(1);
    expect(await cluster.queues.counts(queue)).toMatchObject({ waiting: 1, active: 0 });
    expect(await cluster.runs.read(job.runId)).toMatchObject({ starts: 0, fails: 0 });
  }, 15_000);

  it('drains all of its models within one grace', async () => {
    const worker = await clusters.open();
    const first: number[] = [];
    const second: number[] = [];
    await busy(worker, 'one', first);
    await busy(worker, 'two', second);
    await worker.lifecycle.stop('test');
    expect(Math.abs((first[0] ?? 0) - (second[0] ?? 0))).toBeLessThan(GRACE_MS / 2);
  }, 20_000);
});

/** Two versions of a model side by side, as in a rolling deploy. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadModels } from '../../shared/models.ts';
import { othersWithModel } from '../../shared/versions.ts';
import { type Proc, replayModels, startTestCluster, type TestCluster } from '../harness.ts';

const MODEL = 'workers/model/main.ts';
const TURNS = 4;

let cluster: TestCluster;
let older: Proc;
let newerPath: string;
let versions: { readonly older: string; readonly newer: string };

beforeAll(async () => {
  cluster = await startTestCluster({ models: replayModels({ turns: TURNS, delayMs: 200 }) });
  newerPath = join(cluster.dir, 'newer.yaml');
  await writeFile(newerPath, replayModels({ turns: TURNS, delayMs: 201 }));
  const versionIn = (path: string): string => loadModels(path).get('replayed')?.version ?? '';
  versions = { older: versionIn(cluster.env.COTA_MODELS), newer: versionIn(newerPath) };
  for (const entry of ['workers/tools/main.ts', 'services/scheduler/main.ts']) cluster.start(entry);
  older = cluster.start(MODEL);
  cluster.start(MODEL, { COTA_MODELS: newerPath });
  await cluster.until('both model workers are there', async () => {
    await cluster.shared.fleet.refresh();
    const { fleet } = cluster.shared;
    return Object.values(versions).every((version) => othersWithModel(fleet, 'replayed', version) !== undefined);
  });
  // The workers know of each other at their next look.
  await new Promise((resolve) => setTimeout(resolve, 2 * cluster.env.COTA_HEARTBEAT_MS));
});
afterAll(() => cluster?.stop());

/** The version that said each turn, as the trace has it. */
async function spoken(runId: string): Promise<(string | undefined)[]> {
  await cluster.closed(runId);
  const { steps, status } = await cluster.trace(runId);
  expect(status).toBe('completed');
  return steps.flatMap((step) => (step.kind === 'model' ? [step.modelVersion] : []));
}

it('a run stays with the version that it was created for, while a worker of that lives', async () => {
  expect(versions.older).not.toBe(versions.newer);
  for (const modelVersion of [versions.older, versions.newer]) {
    const runs = await Promise.all(Array.from({ length: 6 }, () => cluster.submit({ modelVersion })));
    const turns = (await Promise.all(runs.map(spoken))).flat();
    expect(turns).toHaveLength(6 * TURNS);
    expect([...new Set(turns)]).toEqual([modelVersion]);
  }
});

it('a run that outlives its version goes on with the one that is there, and its trace says from where on', async () => {
  const run = await cluster.submit({ modelVersion: versions.older });
  await cluster.until('it has begun', async () => ((await cluster.shared.runs.read(run))?.steps.length ?? 0) > 0);
  older.kill('SIGKILL');
  const turns = await spoken(run);
  expect(turns.at(0)).toBe(versions.older);
  expect(turns.at(-1)).toBe(versions.newer);
});

/** OCR runs native code, which no process can stop inside itself: a tool worker must outlive both a cancel and its own end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newRunId, paths } from '../../shared/keys.ts';
import { cancelRun } from '../../shared/run/end-run.ts';
import { type Proc, replayModels, startTestCluster, type TestCluster, testConfig } from '../harness.ts';

let cluster: TestCluster;
let tools: Proc;
beforeAll(async () => {
  const turn = { thought: 'Read it.', actions: [{ name: 'OCR', arguments: { image: 'image-0' } }] };
  const answer = { thought: 'Done.', actions: [{ name: 'Terminate', arguments: { answer: '1' } }] };
  const { replayed, ...rest } = (JSON.parse(replayModels()) as { models: { replayed: object } }).models;
  const turns = [turn, answer].map((said) => ({ text: JSON.stringify(said) }));
  cluster = await startTestCluster({
    models: JSON.stringify({ default: 'replayed', models: { ...rest, replayed: { ...replayed, turns } } }),
    env: { COTA_POOLS: 'cpu,vision', COTA_LOCK_MS: '15000', COTA_DUE_MS: '60000', COTA_GRACE_MS: '500' },
  });
  cluster.start('workers/model/main.ts');
  cluster.start('services/scheduler/main.ts');
  tools = cluster.start('workers/tools/main.ts');
  await cluster.until('the tool worker is up', async () => {
    await cluster.shared.fleet.refresh();
    return cluster.shared.fleet.workers().some(({ kind }) => kind === 'tools');
  });
});
afterAll(() => cluster.stop());

/** A page full of bars, which take as long to find and to read as lines of text. No two pages are equal. */
async function page(number: number): Promise<Buffer> {
  const bars = Array.from({ length: 40 }, (_, row) =>
    Array.from({ length: 16 }, (_, at) => {
      const high = 12 + ((row * 7 + at * 5 + number) % 12);
      return `<rect x="${40 + at * 44 + (at % 3) * 6}" y="${30 + row * 38}" width="${at % 2 ? 8 : 22}" height="${high}"/>`;
    }).join(''),
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="1600"><rect width="100%" height="100%" fill="white"/>${bars.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

async function submit(number: number): Promise<string> {
  const { objects, runs, admission } = cluster.shared;
  const id = newRunId();
  const key = paths.upload('default', id, 0);
  const bytes = await page(number);
  await objects.put(key, bytes, { contentType: 'image/png' });
  const [tool] = testConfig({}).tools;
  const config = testConfig({
    sources: [{ from: 'store', key, bytes: bytes.length }],
    tools: [{ ...tool!, name: 'OCR', version: '1', pool: 'vision' }],
  });
  await runs.create({ id, tenant: 'default', config });
  await admission.enter({ id, tenant: 'default', config });
  return id;
}

const begun = (id: string) =>
  cluster.until('OCR began', async () => {
    const run = await cluster.shared.runs.read(id);
    return run?.kind === 'action' && run.starts > 0;
  });
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('cancelling runs while their pictures are read leaves the worker alive, and it reads the next', {
  timeout: 120_000,
}, async () => {
  const { redis, runs, objects, finalizing, log } = cluster.shared;
  // At different moments: while it decodes, while it looks for lines, while it reads them.
  for (const [number, ms] of [100, 400, 900, 1_500].entries()) {
    const id = await submit(number);
    await begun(id);
    await wait(ms);
    await cancelRun({ redis, runs, objects, finalizing, log }, 'default', id);
    expect((await cluster.closed(id, 5_000)).outcome?.status).toMatch(/cancelled|completed/);
    await wait(500);
    expect(tools.child.signalCode, logOf(tools)).toBeNull();
  }
  const run = await cluster.closed(await submit(9), 60_000);
  expect(run.steps[1]).toMatchObject({ kind: 'action', observation: { ok: true }, cached: false });
  expect(tools.child.exitCode ?? tools.child.signalCode, logOf(tools)).toBeNull();
});

it('SIGTERM while a picture is read ends the worker in order', { timeout: 60_000 }, async () => {
  const id = await submit(20);
  await begun(id);
  await wait(200);
  tools.kill('SIGTERM');
  expect(await tools.exited, logOf(tools)).toBe(0);
});

const logOf = ({ name }: Proc) => readFileSync(join(cluster.dir, `${name}.log`), 'utf8').slice(-1_000);

/**
 * The official Python client against a real cluster: each script of openai-python/ is run with the base URL and the key.
 * The client is installed once per machine, under the folder for temporary files; where there is no Python, no pip or no
 * package index, these tests are skipped and say why.
 */
import { execFile } from 'node:child_process';
import { access, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_KEY } from '../api-harness.ts';
import type { FakeServer } from '../fake-openai-server.ts';
import { replayModels, startTestCluster, type TestCluster } from '../harness.ts';
import { freePort } from '../redis-server.ts';
import { speakingModel, startSpeaker } from '../slow-speaker.ts';

const CLIENT = 'openai==3.57.0';
const SCRIPTS = join(import.meta.dirname, 'openai-python');
const run = promisify(execFile);

/** @returns the interpreter of an environment that has the client, or why there is none */
async function python(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const folder = join(tmpdir(), `cota-${CLIENT.replace('==', '-')}-python`);
  const [path, done] = [join(folder, 'bin/python'), join(folder, 'installed')];
  if (
    await access(done).then(
      () => true,
      () => false,
    )
  )
    return { path };
  try {
    await rm(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder], { timeout: 120_000 });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1', CLIENT];
    await run(path, pip, { timeout: 300_000 });
    await writeFile(done, CLIENT);
    return { path };
  } catch (error) {
    return { missing: error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error) };
  }
}

const found = await python();
if ('missing' in found) process.stderr.write(`the Python client is not tested: ${found.missing}\n`);
const scripts = (await readdir(SCRIPTS)).filter((name) => name.endsWith('.py')).sort();

let cluster: TestCluster | undefined;
let speaker: FakeServer | undefined;
let baseUrl = '';
beforeAll(async () => {
  if ('missing' in found) return;
  speaker = await startSpeaker();
  const port = await freePort();
  const started = await startTestCluster({
    models: models(speaker.baseUrl),
    env: { COTA_CHAT_WAIT_MS: '3000', COTA_PORT: String(port) },
  });
  cluster = started;
  for (const entry of ['api', 'scheduler']) started.start(`services/${entry}/main.ts`);
  for (const entry of ['model', 'tools']) started.start(`workers/${entry}/main.ts`, { COTA_PORT: '0' });
  baseUrl = `http://127.0.0.1:${port}/v1`;
  const get = (path: string) => fetch(`${baseUrl}/${path}`, { headers: { authorization: `Bearer ${API_KEY}` } });
  await started.until('the cluster is there', async () => {
    const tools = await get('tools').catch(() => undefined);
    const served = await get('models/slow').catch(() => undefined);
    if (!tools?.ok || !served?.ok) return false;
    return (await tools.text()).includes('"Calculate"') && (await served.text()).includes('"served":true');
  });
});
afterAll(async () => {
  await cluster?.stop();
  await speaker?.stop();
});

/** The three turns of `replayed`, a model that thinks for a minute, and one that speaks slowly. */
function models(speakingAt: string): string {
  const document = JSON.parse(replayModels()) as { models: Record<string, { turns: { text: string }[] }> };
  const turns = (document.models.replayed?.turns ?? []).map((turn) => ({ ...turn, delay_ms: 60_000 }));
  const slow = { ...document.models.replayed, turns };
  return JSON.stringify({ ...document, models: { ...document.models, slow, speaking: speakingModel(speakingAt) } });
}

test.skipIf('missing' in found).each(scripts)('%s', async (script) => {
  if ('missing' in found) return;
  const told = await run(found.path, [join(SCRIPTS, script), baseUrl, API_KEY], { timeout: 55_000 }).then(
    () => '',
    (error: { stderr?: string; message?: string }) => error.stderr || error.message || 'it failed',
  );
  expect(told, told).toBe('');
});

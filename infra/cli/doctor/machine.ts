/** This machine's programs, models.yaml, and the object store. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { storeConfig } from '../../../shared/cluster.ts';
import { childPath, type Env } from '../../../shared/env.ts';
import { loadModels, type Models } from '../../../shared/models.ts';
import { type ObjectStore, openObjectStore } from '../../../shared/object-store.ts';
import { loadToolsConfig } from '../../../shared/tools-config.ts';
import { requireModels } from '../../stack/preflight.ts';
import { findRedisProgram, NO_REDIS } from '../../stack/redis-server.ts';
import { plural } from '../terminal.ts';
import { type Finding, wordsOf } from './finding.ts';

const LEAST_NODE = 24;
const STORE_MS = 15_000;

/** @param hasRedis a Redis is named or runs already, so that the program is not needed */
export async function* checkPrograms(hasRedis: boolean): AsyncGenerator<Finding> {
  const version = process.versions.node;
  const old = Number.parseInt(version, 10) < LEAST_NODE;
  const advice = 'run `./cota`, which uses the Node that npm ci installed';
  yield old
    ? { level: 'fail', what: 'node', found: `${version}; ${LEAST_NODE} or newer is needed`, advice }
    : { level: 'ok', what: 'node', found: version };
  const program = await findRedisProgram();
  if (program) yield { level: 'ok', what: program.command, found: program.version };
  else
    yield {
      level: hasRedis ? 'ok' : 'fail',
      what: 'redis-server',
      found: hasRedis ? 'not here, and not needed' : NO_REDIS,
    };
}

export function checkModels(env: Env): { models: Models | undefined; findings: Finding[] } {
  const what = 'models.yaml';
  try {
    const models = loadModels(env.COTA_MODELS);
    requireModels(env.COTA_MODELS);
    const found = `${plural(models.ids.length, 'model')}, default ${models.default ?? 'none'}: ${env.COTA_MODELS}`;
    return { models, findings: [{ level: 'ok', what, found }] };
  } catch (error) {
    const advice = 'docs/models.md explains the file';
    return { models: undefined, findings: [{ level: 'fail', what, found: inOneLine(error), advice }] };
  }
}

export function checkTools(env: Env): Finding {
  const what = 'tools.yaml';
  try {
    const { tools, mcp } = loadToolsConfig(env.COTA_TOOLS);
    const added = `${plural(tools.length, 'tool')} of your own, ${plural(Object.keys(mcp).length, 'MCP server')}`;
    return { level: 'ok', what, found: `${added}: ${env.COTA_TOOLS}` };
  } catch (error) {
    return { level: 'fail', what, found: inOneLine(error), advice: 'docs/tools.md explains the file' };
  }
}

const ASK_MS = 15_000;
/** Modules of workers/train/python/requirements.txt, found without loading them, which takes seconds. */
const ASK = `import importlib.util as u, importlib.metadata as m
names = ["torch", "onnx", "onnxruntime", "numpy"]
lost = [n for n in names if u.find_spec(n) is None]
print("lacks " + ", ".join(lost) if lost else "has torch " + m.version("torch"))`;

const ANY_PYTHON = 'python3';

/** Whoever trains nothing needs none of it: it is amiss only where a Python was named for it. */
export async function checkTrainer({ COTA_TRAIN_PYTHON: python }: Env): Promise<Finding> {
  const what = 'trainer';
  const advice = `needed for \`cota train\` alone: ${python} -m pip install -r workers/train/python/requirements.txt, or name another Python with COTA_TRAIN_PYTHON`;
  const level = python === ANY_PYTHON ? 'ok' : 'warn';
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', ASK], { timeout: ASK_MS, env: childPath() });
    const found = `${python} ${stdout.trim()}`;
    return stdout.startsWith('has') ? { level: 'ok', what, found } : { level, what, found, advice };
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be asked for its modules';
    return { level, what, found: `${python} ${why}`, advice };
  }
}

/** A SettingsError has a line for each thing that is wrong. */
const inOneLine = (error: unknown): string =>
  (error as Error).message.replace(/:\n\s*/, ': ').replaceAll(/\n\s*/g, '; ');

/** Writes, reads and deletes a small object. */
export async function checkStore(env: Env): Promise<{ finding: Finding; objects: ObjectStore | undefined }> {
  const where =
    env.COTA_STORE === 'fs'
      ? `folder ${env.COTA_STORE_ROOT}`
      : `bucket ${env.COTA_S3_BUCKET} at ${env.COTA_S3_ENDPOINT ?? 'Amazon'}`;
  const what = `store (${env.COTA_STORE})`;
  const startedAt = performance.now();
  try {
    const config = storeConfig(env);
    const objects = await openObjectStore(
      config.driver === 's3' ? { ...config, idleTimeoutMs: STORE_MS, attempts: 1 } : config,
    );
    await objects.check();
    const found = `${where}: written, read and deleted in ${Math.round(performance.now() - startedAt)} ms`;
    return { finding: { level: 'ok', what, found }, objects };
  } catch (error) {
    const advice =
      env.COTA_STORE === 'fs' ? 'COTA_STORE_ROOT names the folder' : 'see the COTA_S3_ settings in docs/runbook.md';
    return { finding: { level: 'fail', what, found: wordsOf(error), advice }, objects: undefined };
  }
}

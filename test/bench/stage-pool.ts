/**
 * Runs stages of a data job with several worker processes, as the cluster would, but without queue and Redis: what is
 * measured is the stages' own work. This file is both ends: started with STAGE_WORKER it is a worker.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { z } from 'zod';
import type { Chain } from '../../shared/data/chain.ts';
import { type ShardReport, shardReport } from '../../shared/data/job.ts';
import { type Recipe, recipe as recipeSchema } from '../../shared/data/recipe.ts';
import { type ObjectStore, openObjectStore } from '../../shared/object-store.ts';
import { writeLines } from '../../workers/data/factory/chain-files.ts';
import type { JobView, Stage } from '../../workers/data/factory/stage.ts';
import { STAGES } from '../../workers/data/factory/stages.ts';
import { handFlags } from '../../workers/data/hands/pool.ts';

const PAGE = 4096;
/** As COTA_DATA_HEAP_MB has it. */
const HEAP_MB = 1024;
/** Clock ticks of /proc a second on Linux. */
const TICKS = 100;

export const openBenchStore = (root: string): Promise<ObjectStore> =>
  openObjectStore({ driver: 'fs', root, linkSecret: 'bench'.repeat(8) });

const ID = 'data_bench';
const fileName = (shard: number): string => `chains-${String(shard).padStart(6, '0')}.jsonl.zst`;
/** Where a file of chains that are brought in goes. */
export const importKey = (shard: number): string => `t/bench/data/${ID}/import/${fileName(shard)}`;
/** Chains of a file that is given. */
const SHARD = 5_000;
const NEWLINE = 10;

const viewOf = (
  recipe: Recipe,
  objects: ObjectStore,
  reports: ReadonlyMap<string, readonly ShardReport[]>,
): JobView => ({
  id: ID,
  tenant: 'bench',
  recipe,
  objects,
  input: (name) => {
    throw new Error(`no input ${name}`);
  },
  reports: async (name) => reports.get(name) ?? [],
  dataset: async (name) => {
    throw new Error(`no dataset ${name}`);
  },
});

const toWorker = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('job'), recipe: recipeSchema, root: z.string() }),
  z.object({ kind: z.literal('reports'), stage: z.string(), reports: z.array(shardReport) }),
  z.object({ kind: z.literal('shard'), stage: z.string(), shard: z.int(), spec: z.unknown() }),
]);
type ToWorker = z.infer<typeof toWorker>;
const fromWorker = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done'), report: shardReport, maxRss: z.number() }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);
type FromWorker = z.infer<typeof fromWorker>;

export interface StageTime {
  readonly name: string;
  readonly shards: number;
  readonly seconds: number;
  /** CPU seconds of all workers. */
  readonly cpu: number;
  /** The same since they started, starting included. */
  readonly cpuSoFar: number;
  readonly counts: Readonly<Record<string, number>>;
  /**
   * Largest sum of the resident memory of the workers and of the process that plans, bytes, looked at ten times a second;
   * and each worker's largest so far.
   */
  readonly peak: number;
  readonly peaks: readonly number[];
  readonly reports: readonly ShardReport[];
}

/** CPU seconds of a process so far: what a stage costs on a machine that others use too. */
const cpuOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};

const resident = (pid: number): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE;
  } catch {
    return 0;
  }
};

/**
 * @param given reports of chains that were brought in before
 * @yields what each stage took, as soon as it is over
 */
export async function* runStages(
  names: readonly string[],
  recipe: Recipe,
  root: string,
  processes: number,
  given: readonly ShardReport[] = [],
): AsyncGenerator<StageTime> {
  const objects = await openBenchStore(root);
  const reports = new Map<string, ShardReport[]>(given.length > 0 ? [['import', [...given]]] : []);
  const workers = Array.from({ length: processes }, () =>
    fork(new URL(import.meta.url), { env: { ...process.env, STAGE_WORKER: '1' }, execArgv: handFlags(HEAP_MB) }),
  );
  const send = (worker: ChildProcess, message: ToWorker): boolean => worker.send(message);
  const peaks = workers.map(() => 0);
  try {
    for (const worker of workers) {
      send(worker, { kind: 'job', recipe, root });
      for (const [stage, done] of reports) send(worker, { kind: 'reports', stage, reports: done });
    }
    for (const stage of STAGES.filter(({ name }) => names.includes(name))) {
      const specs = await stage.plan(viewOf(recipe, objects, reports));
      let peak = 0;
      const watch = setInterval(() => {
        const now = workers.map(({ pid }) => resident(pid ?? 0));
        for (const [i, bytes] of now.entries()) peaks[i] = Math.max(peaks[i] as number, bytes);
        peak = Math.max(
          peak,
          now.reduce((a, b) => a + b, resident(process.pid)),
        );
      }, 100);
      const cpu = (): number => workers.reduce((sum, { pid }) => sum + cpuOf(pid ?? 0), 0);
      const before = cpu();
      const start = performance.now();
      const done = await allShards(stage, specs, workers, send);
      clearInterval(watch);
      const counts: Record<string, number> = {};
      for (const report of done)
        for (const [name, count] of Object.entries(report.counts)) counts[name] = (counts[name] ?? 0) + count;
      reports.set(stage.name, done);
      for (const worker of workers) send(worker, { kind: 'reports', stage: stage.name, reports: done });
      yield {
        name: stage.name,
        shards: specs.length,
        seconds: (performance.now() - start) / 1000,
        cpu: cpu() - before,
        cpuSoFar: cpu(),
        counts,
        peak,
        peaks: [...peaks],
        reports: done,
      };
    }
  } finally {
    for (const worker of workers) worker.kill();
    await objects.close();
  }
}

/** Hands the shards out, the next one to whoever is free. */
async function allShards(
  stage: Stage,
  specs: readonly unknown[],
  workers: readonly ChildProcess[],
  send: (worker: ChildProcess, message: ToWorker) => boolean,
): Promise<ShardReport[]> {
  const done: ShardReport[] = [];
  let next = 0;
  await Promise.all(
    workers.map(async (worker) => {
      while (next < specs.length) {
        const shard = next++;
        const answer = await new Promise<FromWorker>((resolve) => {
          worker.once('message', (message) => resolve(fromWorker.parse(message)));
          worker.once('exit', (code) => resolve({ kind: 'failed', message: `the worker ended with ${code}` }));
          send(worker, { kind: 'shard', stage: stage.name, shard, spec: specs[shard] });
        });
        worker.removeAllListeners('exit');
        if (answer.kind === 'failed') throw new Error(`${stage.name} ${shard}: ${answer.message}`);
        done[shard] = answer.report;
      }
    }),
  );
  return done;
}

async function work(): Promise<void> {
  const reports = new Map<string, readonly ShardReport[]>();
  let job: { recipe: Recipe; objects: ObjectStore } | undefined;
  let turn = Promise.resolve();
  const answer = (message: FromWorker): void => void process.send?.(message);
  const take = async (message: ToWorker): Promise<void> => {
    if (message.kind === 'job') job = { recipe: message.recipe, objects: await openBenchStore(message.root) };
    else if (message.kind === 'reports') reports.set(message.stage, message.reports);
    else if (job) {
      const { stage: name, shard, spec } = message;
      const stage = STAGES.find((it) => it.name === name) as Stage;
      const missing = (): never => {
        throw new Error('the bench has no cluster');
      };
      const made = await stage.make(stage.spec.parse(spec), {
        ...viewOf(job.recipe, job.objects, reports),
        stage: name,
        shard,
        key: (file) => `t/bench/data/${ID}/${name}/${file}`,
        progress: () => undefined,
        signal: new AbortController().signal,
        services: { act: missing, ask: missing, startBatch: missing, batchState: missing },
      });
      if ('laterMs' in made) throw new Error('a stage of the bench waits for nothing');
      answer({ kind: 'done', report: { stage: name, shard, ...made }, maxRss: process.resourceUsage().maxRSS * 1024 });
    }
  };
  process.on('message', (message) => {
    turn = turn
      .then(() => take(toWorker.parse(message)))
      .catch((error: unknown) => answer({ kind: 'failed', message: String(error) }));
  });
}

/** Chains that a function makes, as files of five thousand, written as an import would. */
export async function givenChains(root: string, count: number, make: (n: number) => Chain): Promise<ShardReport[]> {
  const objects = await openBenchStore(root);
  const reports: ShardReport[] = [];
  for (let first = 0; first < count; first += SHARD) {
    const chains = Array.from({ length: Math.min(SHARD, count - first) }, (_, i) => make(first + i));
    const file = await writeLines(objects, importKey(reports.length), chains);
    reports.push({ stage: 'import', shard: reports.length, files: [file], counts: { chains: file.rows } });
  }
  await objects.close();
  return reports;
}

/**
 * Chain files of a folder and those below it, in the order of their paths, brought in as an import would.
 * @param most chains at most: whole files are taken until there are as many
 * @throws Error for a folder without any
 */
export async function foundChains(
  root: string,
  folder: string,
  most = Number.POSITIVE_INFINITY,
): Promise<ShardReport[]> {
  const found = globSync('**/chains-*.jsonl.zst', { cwd: folder }).sort();
  if (found.length === 0)
    throw new Error(`${folder} has no files chains-*.jsonl.zst; \`-- make N --out=${folder}\` makes some`);
  const objects = await openBenchStore(root);
  const reports: ShardReport[] = [];
  let sum = 0;
  for (const [shard, path] of found.entries()) {
    if (sum >= most) break;
    const key = importKey(shard);
    const bytes = readFileSync(join(folder, path));
    await objects.put(key, bytes, { contentType: 'application/zstd' });
    let rows = 0;
    const plain = Readable.from([bytes]).pipe(createZstdDecompress({ chunkSize: 1 << 18 }));
    for await (const chunk of plain as AsyncIterable<Buffer>)
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) rows++;
    sum += rows;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const file = { name: fileName(shard), key, rows, bytes: bytes.length, sha256 };
    reports.push({ stage: 'import', shard, files: [file], counts: { chains: rows } });
  }
  await objects.close();
  return reports;
}

if (process.env.STAGE_WORKER === '1') await work();

/** Stage `runs`: runs that are in the store already, verified like those that a job asks for itself. */
import { z } from 'zod';
import type { Chain } from '../../../shared/data/chain.ts';
import type { RunsSource } from '../../../shared/data/recipe/model.ts';
import { CotaError } from '../../../shared/errors.ts';
import { paths } from '../../../shared/keys.ts';
import type { Trace } from '../../../shared/run/trace.ts';
import { timeOfId } from '../../../shared/tenants/upkeep.ts';
import { writeLines } from '../factory/chain-files.ts';
import { type JobView, type Made, type ShardView, stage } from '../factory/stage.ts';
import { badRows, toldRows } from '../import/bad-rows.ts';
import { openInput } from '../import/input.ts';
import { jsonDocuments } from '../import/json-documents.ts';
import { hashText } from '../random.ts';
import { openJudge } from '../verify/judge.ts';
import { type LineOutcome, linesOfBatch } from './results.ts';
import { counter } from './statistics.ts';
import { openKeptImages, traceOfRun } from './trace-chain.ts';
import { verifiedChain } from './verified-chain.ts';
import { rounded } from './verify.ts';

const AT_ONCE = 8;

const spec = z.object({
  source: z.string(),
  part: z.int(),
  of: z.int(),
  /** Epoch milliseconds: runs that came after the plan was made belong to no shard. */
  until: z.number(),
});
type Spec = z.infer<typeof spec>;

interface RunPlace {
  readonly id: string;
  /** Of the line of its batch. */
  readonly customId?: string;
  readonly failed?: string;
}

export const runsStage = stage<Spec>({
  name: 'runs',
  spec,
  async plan(job) {
    const specs: Spec[] = [];
    for (const { name, runs } of job.recipe.sources) {
      if (!runs) continue;
      let count = 0;
      let newest = 0;
      for await (const { id } of placesOf(job, runs, Infinity)) {
        count++;
        newest = Math.max(newest, timeOfId(id) ?? 0);
      }
      if (count === 0) {
        const where = runs.batch === undefined ? 'with these filters' : `of the batch ${runs.batch}`;
        throw new CotaError(
          'not_found',
          `There are no runs ${where} (source ${name}): the store has none of them, or they were deleted.`,
        );
      }
      const of = Math.ceil(count / job.recipe.shard);
      for (let part = 0; part < of; part++) specs.push({ source: name, part, of, until: newest });
    }
    return specs;
  },
  make: (what, shard) => verifyRuns(what, shard),
});

const moment = (iso: string | undefined, otherwise: number): number =>
  iso === undefined ? otherwise : Date.parse(iso);

/** Runs by what their names say; what only their traces say is looked at later. */
async function* placesOf(job: JobView, runs: RunsSource, until: number): AsyncGenerator<RunPlace> {
  if (runs.batch !== undefined) {
    for await (const { id, run, failed } of linesOfBatch(
      job.objects,
      job.tenant,
      runs.batch,
    ) as AsyncIterable<LineOutcome>)
      yield { id: run, customId: id, ...(failed === undefined ? {} : { failed }) };
    return;
  }
  const folder = paths.run(job.tenant, '').slice(0, -1);
  const [from, to] = [moment(runs.since, 0), Math.min(until, moment(runs.until, Infinity))];
  for await (const { key } of job.objects.list(folder)) {
    const id = /^([^/]+)\/trace\.json$/.exec(key.slice(folder.length))?.[1];
    const time = id === undefined ? undefined : timeOfId(id);
    if (id !== undefined && time !== undefined && time >= from && time <= to) yield { id };
  }
}

async function verifyRuns({ source, part, of, until }: Spec, shard: ShardView): Promise<Made> {
  const { objects, services, signal, tenant, recipe } = shard;
  const runs = recipe.sources.find(({ name }) => name === source)?.runs;
  if (!runs) throw new CotaError('invalid_request', `The recipe has no source of runs ${source}.`);
  const tally = counter(source);
  const bad = badRows();
  const truths = await truthsOf(shard, runs, bad);
  const judge = runs.judge && openJudge(runs.judge, { objects, tenant, services, signal });
  const parts = { kept: openKeptImages(objects, shard), judge, tally, services };
  const places: RunPlace[] = [];
  for await (const place of placesOf(shard, runs, until)) if (hashText(place.id) % of === part) places.push(place);
  places.sort((a, b) => (a.id < b.id ? -1 : 1));

  async function chainOf({ id, customId, failed }: RunPlace): Promise<Chain | undefined> {
    const trace = failed === undefined ? await traceOfRun(objects, tenant, id) : undefined;
    if (trace && !isWanted(trace, runs as RunsSource)) return undefined;
    tally.add('asked');
    if (!trace || trace.status === 'failed' || trace.status === 'cancelled') {
      tally.add(`failed:${failed ?? trace?.error?.code ?? trace?.status ?? 'run_deleted'}`);
      return undefined;
    }
    const known = truths.get(customId ?? '') ?? truths.get(id);
    const truth = known?.truth ?? trace.config.metadata[(runs as RunsSource).truth];
    if (truth === undefined && !judge) {
      tally.add('without truth');
      return undefined;
    }
    const { split, licence, tolerance } = runs as RunsSource;
    const about = {
      id: `${source}/${id}`,
      source,
      split,
      licence,
      tolerance,
      truth,
      choices: known?.choices,
      seed: recipe.seed,
    };
    return await verifiedChain(trace, about, parts);
  }

  async function* chains(): AsyncGenerator<Chain> {
    for (let first = 0; first < places.length; first += AT_ONCE) {
      signal.throwIfAborted();
      for (const chain of await Promise.all(places.slice(first, first + AT_ONCE).map(chainOf))) if (chain) yield chain;
      shard.progress(first, places.length);
    }
  }
  const file = await writeLines(
    objects,
    shard.key(`chains-${source}-${String(part).padStart(5, '0')}.jsonl.zst`),
    chains(),
  );
  const notes = { source, bad: bad.first.map(({ line, reason }) => ({ line, reason })) };
  return { files: [file], counts: { chains: file.rows, ...rounded(tally.counts), ...bad.counts() }, notes };
}

function isWanted(trace: Trace, { model, since, until, metadata, batch }: RunsSource): boolean {
  // A client's own call of a tool is no chain.
  if (trace.config.call) return false;
  if (model !== undefined && trace.model !== model) return false;
  if (batch === undefined && (trace.created_at < moment(since, 0) || trace.created_at > moment(until, Infinity)))
    return false;
  return Object.entries(metadata ?? {}).every(([name, value]) => trace.config.metadata[name] === value);
}

const truthLine = z.strictObject({
  id: z.string(),
  truth: z.union([z.string(), z.number()]).transform(String),
  choices: z.array(z.string()).min(2).max(26).optional(),
});
type Truth = Omit<z.infer<typeof truthLine>, 'id'>;

/** Truths by custom_id or id of the run. */
async function truthsOf(
  shard: ShardView,
  runs: RunsSource,
  bad: ReturnType<typeof badRows>,
): Promise<ReadonlyMap<string, Truth>> {
  const truths = new Map<string, Truth>();
  if (runs.truths === undefined) return truths;
  const body = await openInput(shard.objects, { key: shard.input(runs.truths), name: runs.truths });
  for await (const { line, value, problem } of jsonDocuments(body, runs.truths)) {
    const read = truthLine.safeParse(value);
    if (problem !== undefined || !read.success) bad.add(line, problem ?? 'a line is {id, truth, choices?}');
    else
      truths.set(read.data.id.replace(/^resp_/, 'run_'), {
        truth: read.data.truth,
        ...(read.data.choices ? { choices: read.data.choices } : {}),
      });
  }
  if (truths.size === 0)
    throw new CotaError(
      'invalid_value',
      `${runs.truths} holds no truth: ${bad.first.length > 0 ? toldRows(bad.first) : 'it has no lines'}.`,
    );
  return truths;
}

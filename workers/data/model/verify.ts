/** Stage `verify`: runs of a batch that is over become chains, each with who says that it is right or wrong. */
import { z } from 'zod';
import type { Chain } from '../../../shared/data/chain.ts';
import type { DataQuestion } from '../../../shared/data/question.ts';
import { readRows, writeLines } from '../factory/chain-files.ts';
import { type Made, type ShardView, stage } from '../factory/stage.ts';
import { modelSourceOf } from '../import/questions.ts';
import { openJudge } from '../verify/judge.ts';
import { customIdOf } from './ask.ts';
import { directChain } from './direct.ts';
import type { LineOutcome } from './results.ts';
import { counter, questionCounts } from './statistics.ts';
import { openKeptImages, traceOfRun } from './trace-chain.ts';
import { type VerifyingParts, verifiedChain } from './verified-chain.ts';

/** Questions whose runs are read at a time. */
const AT_ONCE = 8;

const spec = z.object({ source: z.string(), name: z.string(), questions: z.string(), runs: z.string(), rows: z.int() });
type Spec = z.infer<typeof spec>;

const askNotes = z.object({ source: z.string(), name: z.string(), questions: z.string() });

export const verifyStage = stage<Spec>({
  name: 'verify',
  spec,
  async plan(job) {
    const reports = await job.reports('ask');
    return reports.flatMap(({ files, notes }) => {
      const about = askNotes.parse(notes);
      return files.map(({ key, rows }) => ({ ...about, runs: key, rows }));
    });
  },
  make: (what, shard) => verify(what, shard),
});

async function verify({ source, name, questions, runs, rows }: Spec, shard: ShardView): Promise<Made> {
  const { objects, services, signal, tenant } = shard;
  const model = modelSourceOf(shard, source);
  const tally = counter(source);
  const parts: VerifyingParts = {
    kept: openKeptImages(objects, shard),
    judge: model.judge && openJudge(model.judge, { objects, tenant, services, signal }),
    tally,
    services,
  };
  const outcomes = new Map<string, LineOutcome>();
  for await (const outcome of readRows<LineOutcome>(objects, runs)) outcomes.set(outcome.id, outcome);

  async function chainsOf(question: DataQuestion, at: number): Promise<Chain[]> {
    const id = `${source}/${question.id}`;
    const chains: Chain[] = [];
    for (let sample = 0; sample < model.samples; sample++) {
      tally.add('asked');
      const outcome = outcomes.get(customIdOf(at, sample, question.id));
      const trace =
        outcome && outcome.failed === undefined ? await traceOfRun(objects, tenant, outcome.run) : undefined;
      if (!trace) {
        tally.add(`failed:${outcome?.failed ?? 'run_deleted'}`);
        continue;
      }
      const { split, choices, truth, skills, licence } = question;
      const about = { source, split, choices, truth, skills, licence, sample, tolerance: model.tolerance };
      const chain = await verifiedChain(trace, { ...about, id: `${id}/${sample}`, seed: shard.recipe.seed }, parts);
      if (chain) chains.push(chain);
    }
    for (const [what, count] of Object.entries(questionCounts(chains))) tally.add(what, count);
    const [first] = chains;
    if (!first || !model.direct || chains.some(({ verdict }) => verdict?.correct)) return chains;
    tally.add('Direct');
    return [...chains, directChain(first, `${id}/direct`)];
  }

  async function* chains(): AsyncGenerator<Chain> {
    let at = 0;
    let some: DataQuestion[] = [];
    async function* made(): AsyncGenerator<Chain> {
      signal.throwIfAborted();
      const first = at - some.length;
      for (const list of await Promise.all(some.map((question, place) => chainsOf(question, first + place))))
        yield* list;
      shard.progress(Math.min(at * model.samples, rows), Math.max(1, rows));
      some = [];
    }
    for await (const question of readRows<DataQuestion>(objects, questions)) {
      at++;
      tally.add('questions');
      if (some.push(question) === AT_ONCE) yield* made();
    }
    yield* made();
  }
  const file = await writeLines(objects, shard.key(`chains-${name}.jsonl.zst`), chains());
  return { files: [file], counts: { chains: file.rows, ...rounded(tally.counts) }, notes: { source } };
}

/** Sums of shares are the same on any machine, whatever the order they were added up in. */
export const rounded = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Math.round(count * 1e9) / 1e9]));

/** Stage `ask`: each file of questions becomes a batch of runs, and waits until all of them have ended. */
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { DataQuestion } from '../../../shared/data/question.ts';
import type { ModelSource } from '../../../shared/data/recipe/model.ts';
import { readRows, writeLines } from '../factory/chain-files.ts';
import { type Later, type Made, type ShardView, stage } from '../factory/stage.ts';
import { modelSourceOf } from '../import/questions.ts';
import { hashText } from '../random.ts';
import { promptOf } from './prompt.ts';
import { type LineOutcome, linesOfBatch } from './results.ts';

const LOOK_MS = 2_000;

const spec = z.object({ source: z.string(), name: z.string(), questions: z.string(), rows: z.int() });
type Spec = z.infer<typeof spec>;

export const askStage = stage<Spec>({
  name: 'ask',
  spec,
  async plan(job) {
    const reports = await job.reports('questions');
    return reports.flatMap(({ files, notes }) => {
      const { source } = z.object({ source: z.string() }).parse(notes);
      return files.map(({ name, key, rows }) => ({
        source,
        name: name.replace(/^questions-/, '').replace(/\.jsonl\.zst$/, ''),
        questions: key,
        rows,
      }));
    });
  },
  make: (what, shard) => ask(what, shard),
});

async function ask({ source, name, questions }: Spec, shard: ShardView): Promise<Made | Later> {
  const { objects, services } = shard;
  const model = modelSourceOf(shard, source);
  const key = shard.key(`requests-${name}.jsonl`);
  // The batch reads this object: it is written once, and stays.
  if (!(await objects.head(key))) {
    const lines = Readable.from(requestLines(shard, source, model, questions), { objectMode: false });
    await objects.put(key, lines, { contentType: 'application/jsonl' });
  }
  const batch = await services.startBatch(`${shard.id}/ask/${name}`, key);
  const { over, done, total } = await services.batchState(batch);
  if (!over) {
    shard.progress(done, Math.max(1, total));
    return {
      laterMs: LOOK_MS,
      note: `${done.toLocaleString('en')} of ${total.toLocaleString('en')} answers (${batch})`,
    };
  }
  const counts: Record<string, number> = { asked: 0 };
  async function* counted(): AsyncGenerator<LineOutcome> {
    for await (const line of linesOfBatch(objects, shard.tenant, batch)) {
      counts.asked = (counts.asked ?? 0) + 1;
      if (line.failed !== undefined) {
        counts.failed = (counts.failed ?? 0) + 1;
        const reason = `failed:${line.failed}`;
        counts[reason] = (counts[reason] ?? 0) + 1;
      }
      yield line;
    }
  }
  const file = await writeLines(objects, shard.key(`runs-${name}.jsonl.zst`), counted());
  return { files: [file], counts, notes: { source, batch, questions, name } };
}

/** Id of a sample's line: the place of its question in the file, the sample, and the question's own id for people. */
export const customIdOf = (at: number, sample: number, id: string): string => `${at}/${sample}/${id}`.slice(0, 400);

async function* requestLines(
  { objects, recipe }: ShardView,
  source: string,
  model: ModelSource,
  questions: string,
): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const question of readRows<DataQuestion>(objects, questions)) {
    const lines: string[] = [];
    for (let sample = 0; sample < model.samples; sample++) {
      const body = bodyOf(question, model, hashText(`${recipe.seed} ${source} ${question.id} ${sample}`) & 0x7fffffff);
      lines.push(
        JSON.stringify({ custom_id: customIdOf(at, sample, question.id), method: 'POST', url: '/v1/responses', body }),
      );
    }
    at++;
    yield Buffer.from(`${lines.join('\n')}\n`);
  }
}

function bodyOf(question: DataQuestion, model: ModelSource, seed: number): object {
  const content = [
    { type: 'input_text', text: promptOf(question) },
    // By the hash of its bytes, which the data job owns: nothing is copied into the request, and no URL is needed.
    ...question.images.map(({ sha256, url }) =>
      sha256 === undefined
        ? { type: 'input_image', image_url: url }
        : { type: 'input_image', file_id: `file-${sha256}` },
    ),
  ];
  return {
    model: model.model,
    input: [{ role: 'user', content }],
    ...(model.temperature === undefined ? {} : { temperature: model.temperature }),
    metadata: { data_source: question.source.slice(0, 512), data_question: question.id.slice(0, 512) },
    cota: {
      seed,
      ...(model.tools === undefined ? {} : { tools: model.tools }),
      ...(model.replies === undefined ? {} : { budgets: { replies: model.replies } }),
    },
  };
}

/** Stage `questions`: files of others, in whatever layout, become questions with their pictures in the store. */
import { z } from 'zod';
import type { DataQuestion } from '../../../shared/data/question.ts';
import type { ModelSource } from '../../../shared/data/recipe/model.ts';
import { CotaError } from '../../../shared/errors.ts';
import { writeLines } from '../factory/chain-files.ts';
import { type JobView, type Made, type ShardView, stage } from '../factory/stage.ts';
import { badRows, toldRows } from './bad-rows.ts';
import { choose } from './choose.ts';
import { type Elsewhere, elsewhere, fromArchive, fromRows, imageOf } from './elsewhere.ts';
import { openPictures, type Pictures, type QuestionImage } from './pictures.ts';
import type { RawQuestion, RawRow } from './raw.ts';
import { rawRows } from './rows.ts';

/** Bytes of a file that one shard works through, about; each reads all of it and looks into its own rows. */
const SHARD_BYTES = 256 * 1024 * 1024;
const MOST_SHARDS = 64;
/** Runs of one batch at most, within what clusters take as one (COTA_BATCH_LINES). */
const MOST_RUNS = 10_000;
/** Rows whose pictures are looked at together. */
const AT_ONCE = 8;

const spec = z.object({ source: z.string(), part: z.int(), of: z.int() });
type Spec = z.infer<typeof spec>;

export const modelSourceOf = (job: Pick<JobView, 'recipe'>, name: string): ModelSource => {
  const model = job.recipe.sources.find((source) => source.name === name)?.model;
  if (!model) throw new CotaError('invalid_request', `The recipe has no model source ${name}.`);
  return model;
};

export const questionsStage = stage<Spec>({
  name: 'questions',
  spec,
  async plan(job) {
    const specs: Spec[] = [];
    for (const { name, model } of job.recipe.sources) {
      if (!model) continue;
      const head = await job.objects.head(job.input(model.file));
      if (!head)
        throw new CotaError('not_found', `The input ${model.file} is not in the store any more: upload it again.`);
      if (model.images !== undefined) job.input(model.images);
      const of = Math.max(1, Math.min(MOST_SHARDS, Math.ceil(head.size / SHARD_BYTES)));
      for (let part = 0; part < of; part++) specs.push({ source: name, part, of });
    }
    return specs;
  },
  make: (what, shard) => makeQuestions(what, shard),
});

async function makeQuestions({ source, part, of }: Spec, shard: ShardView): Promise<Made> {
  const model = modelSourceOf(shard, source);
  const rows = (only: (row: number) => boolean): AsyncGenerator<RawRow> =>
    rawRows({
      objects: shard.objects,
      file: { key: shard.input(model.file), name: model.file },
      layout: model.layout,
      turns: { seed: shard.recipe.seed, most: model.turns_per_image },
      only,
    });
  const mine = (row: number): boolean => row % of === part;
  const asked = await chosen(model, shard, rows);
  const wanted = await elsewhere(rows(mine), asked);
  const pictures = openPictures(shard.objects, shard);
  const found: Elsewhere = {
    paths: await fromArchive(wanted.paths, model, shard, pictures),
    rows: await fromRows(wanted.rows, rows, pictures),
  };

  const bad = badRows();
  const per = Math.max(1, Math.floor(Math.min(shard.recipe.shard, MOST_RUNS) / model.samples));
  const files: Made['files'] = [];
  const seen = new Set<string>();
  let questions: DataQuestion[] = [];
  let read = 0;
  let made = 0;
  const write = async (): Promise<void> => {
    const name = `questions-${source}-${String(part).padStart(3, '0')}-${String(files.length).padStart(5, '0')}.jsonl.zst`;
    files.push(await writeLines(shard.objects, shard.key(name), questions));
    questions = [];
  };
  const take = async (some: readonly RawRow[]): Promise<void> => {
    const done = await Promise.all(some.map((row) => questionsOf(row, { source, model, asked, pictures, found })));
    for (const [at, outcomes] of done.entries()) {
      for (const one of outcomes) {
        if (typeof one === 'string') bad.add(some[at]?.line ?? 0, one);
        else if (seen.has(one.id))
          bad.add(some[at]?.line ?? 0, `another row has the id "${one.id.slice(0, 60)}" already`);
        else {
          seen.add(one.id);
          made++;
          if (questions.push(one) === per) await write();
        }
      }
    }
    shard.progress(read, read + AT_ONCE);
  };
  let some: RawRow[] = [];
  for await (const row of rows(mine)) {
    shard.signal.throwIfAborted();
    read++;
    some.push(row);
    if (some.length < AT_ONCE) continue;
    await take(some);
    some = [];
  }
  await take(some);
  if (questions.length > 0) await write();
  if (made === 0 && read > 0 && bad.first.length > 0)
    throw new CotaError(
      'invalid_value',
      `No question of ${model.file} can be asked (source ${source}): ${toldRows(bad.first)}.`,
    );
  if (read === 0 && of === 1) throw new CotaError('invalid_value', `${model.file} has no rows (source ${source}).`);
  return {
    files,
    counts: { rows: read, questions: made, ...bad.counts() },
    notes: { source, bad: bad.first.map(({ line, reason }) => ({ line, reason })) },
  };
}

/** Ids that the limit leaves; undefined where there is none. Looks at all rows, whosever they are. */
async function chosen(
  model: ModelSource,
  shard: ShardView,
  rows: (only: (row: number) => boolean) => AsyncGenerator<RawRow>,
): Promise<ReadonlySet<string> | undefined> {
  if (model.limit === undefined) return undefined;
  const order = choose(shard.recipe.seed, model.limit);
  for await (const row of rows(() => true)) {
    shard.signal.throwIfAborted();
    for (const { id } of row.questions) order.see(id);
  }
  return order.chosen();
}

interface AskedOf {
  readonly source: string;
  readonly model: ModelSource;
  readonly asked: ReadonlySet<string> | undefined;
  readonly pictures: Pictures;
  readonly found: Elsewhere;
}

/** Each question of a row, or why it is none. */
async function questionsOf(row: RawRow, parts: AskedOf): Promise<(DataQuestion | string)[]> {
  const outcomes: (DataQuestion | string)[] = [...row.problems];
  for (const raw of row.questions) {
    if (parts.asked && !parts.asked.has(raw.id)) continue;
    outcomes.push(await questionOf(raw, parts));
  }
  return outcomes;
}

async function questionOf(
  raw: RawQuestion,
  { source, model, pictures, found }: AskedOf,
): Promise<DataQuestion | string> {
  const images: QuestionImage[] = [];
  for (const one of raw.images) {
    for (const image of await imageOf(one, pictures, found)) {
      if (typeof image === 'string') return `image ${images.length}: ${image}`;
      images.push(image);
    }
  }
  const { id, question, hint, choices, truth, skills } = raw;
  return {
    ...{ id, source, split: raw.split ?? model.split, question },
    ...(hint === undefined || hint.trim() === '' ? {} : { hint }),
    ...(choices === undefined ? {} : { choices: [...choices] }),
    ...{ truth, images, skills: [...skills], licence: raw.licence ?? model.licence },
  };
}

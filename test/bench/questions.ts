/**
 * `npm run bench -- questions SET`: questions about pictures, asked over HTTP of a running cluster with cota-nano and
 * the real tools; answers are judged by rule. Sets: `mmvet` and `receipts` (development data beside the project,
 * where it is there), or a folder with a questions.json of {image, question, answer} (`<OR>` any, `<AND>` all,
 * `unknown` where the picture does not say).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CANNOT_TELL } from '../../shared/data/chain.ts';
import type { Trace } from '../../shared/run/trace.ts';
import { isRight } from '../../workers/train/nano/score.ts';
import { startTestCluster } from '../harness.ts';
import { freePort } from '../redis-server.ts';
import { table } from './meter.ts';
import { askedOf, type ReceiptKeys } from './questions/receipts.ts';
import { RULES } from './questions/rules.ts';

interface Asked {
  readonly id: string;
  readonly image: string;
  readonly question: string;
  readonly answer: string;
}

const DATA = new URL('../../../shared/data/', import.meta.url).pathname;
const name = process.argv[3] ?? '';
const questions = questionsOf(name);
const ROOT = new URL('../..', import.meta.url).pathname;
const port = await freePort();
const key = 'bench-key-0123456789abcdef';
const models = readFileSync(join(ROOT, 'models.yaml'), 'utf8').replace('path: models/', `path: ${ROOT}models/`);
const cluster = await startTestCluster({
  models,
  env: {
    COTA_PORT: String(port),
    COTA_API_KEY: key,
    COTA_POOLS: 'cpu,vision',
    COTA_MAX_IN_FLIGHT: '4',
    COTA_LOCK_MS: '30000',
  },
});
for (const entry of [
  'workers/model/main.ts',
  'workers/tools/main.ts',
  'services/scheduler/main.ts',
  'services/api/main.ts',
]) {
  cluster.start(entry);
}
const base = `http://127.0.0.1:${port}`;
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
await cluster.until(
  'the API and the tools',
  async () => {
    // The API looks at the fleet now and then; what counts is what it knows of.
    const answer = await fetch(`${base}/v1/tools`, { headers }).catch(() => undefined);
    const tools = answer?.ok ? await answer.text() : '';
    await cluster.shared.fleet.refresh();
    return (
      tools.includes('"Calculate"') && tools.includes('"OCR"') && cluster.shared.fleet.concurrencyOf('cota-nano') > 0
    );
  },
  120_000,
);

async function ask({ image, question }: Asked): Promise<Trace> {
  const bytes = readFileSync(image);
  const type = image.endsWith('.png') ? 'png' : 'jpeg';
  const content = [
    { type: 'input_text', text: question },
    { type: 'input_image', image_url: `data:image/${type};base64,${bytes.toString('base64')}`, detail: 'auto' },
  ];
  const created = await fetch(`${base}/v1/responses`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'cota-nano', background: true, input: [{ role: 'user', content }] }),
  });
  const { id, error } = (await created.json()) as { id?: string; error?: { message: string } };
  if (id === undefined) throw new Error(error?.message);
  const runId = id.replace('resp_', 'run_');
  await cluster.closed(runId, 300_000);
  return cluster.trace(runId);
}

const rowsOf = (trace: Trace): string[] =>
  trace.steps.flatMap((step) => {
    if (step.kind !== 'action' || step.action.name !== 'OCR' || !step.observation.ok) return [];
    return String(step.observation.result.text).split('\n');
  });

const results: { asked: Asked; trace: Trace; right: boolean }[] = [];
let next = 0;
const client = async () => {
  while (next < questions.length) {
    const asked = questions[next++] as Asked;
    const trace = await ask(asked);
    results.push({ asked, trace, right: judge(trace.answer ?? undefined, asked.answer) });
    process.stderr.write(`\r${results.length}/${questions.length}`);
  }
};
await Promise.all([client(), client()]).catch(async (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  await cluster.stop();
  process.exit(1);
});
process.stderr.write('\n');
results.sort((a, b) => questions.indexOf(a.asked) - questions.indexOf(b.asked));

const short = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
process.stdout.write(
  `${table([
    ['id', 'question', 'answer', 'expected', 'right', 'answer stands in OCR'],
    ...results.map(({ asked, trace, right }) => [
      asked.id,
      short(asked.question, 60).padEnd(60),
      short(trace.answer ?? `(${trace.status})`, 40),
      short(asked.answer, 28),
      right ? 'yes' : 'no',
      stands(rowsOf(trace), asked.answer) ? 'yes' : 'no',
    ]),
  ])}\n`,
);
const right = results.filter((result) => result.right).length;
process.stdout.write(`\n${right} of ${results.length} right\n\nrules, on the same OCR rows:\n`);
for (const [rule, answer] of Object.entries(RULES)) {
  const hits = results.filter(({ asked, trace }) => judge(answer(asked.question, rowsOf(trace)), asked.answer)).length;
  process.stdout.write(`  ${rule.padEnd(24)} ${hits}\n`);
}
if (process.argv[4] !== undefined) {
  const kept = results.map(({ asked, trace, right: hit }) => ({
    ...asked,
    right: hit,
    said: trace.answer,
    rows: rowsOf(trace),
    steps: trace.steps.map((step) => (step.kind === 'model' ? step.text : step.observation)),
  }));
  writeFileSync(process.argv[4], JSON.stringify(kept, null, 1));
}
await cluster.stop();
process.exit(0);

/** Where the picture does not say it, the right answer is to say so. */
function judge(said: string | undefined, expected: string): boolean {
  const truth = expected === 'unknown' ? CANNOT_TELL : expected;
  return isRight({ truth, answer: truth }, said === CANNOT_TELL ? 'unknown' : said);
}

function stands(rows: readonly string[], expected: string): boolean {
  const text = rows.join(' ').toLowerCase().replace(/\s/g, '');
  return expected
    .split('<AND>')
    .every((all) => all.split('<OR>').some((any) => text.includes(any.toLowerCase().replace(/\s/g, ''))));
}

function questionsOf(set: string): Asked[] {
  const read = (path: string): unknown => {
    try {
      return JSON.parse(readFileSync(path, 'utf8'));
    } catch (error) {
      process.stderr.write(
        `cannot read ${path}: ${(error as Error).message}\nusage: npm run bench -- questions mmvet|receipts|FOLDER [RESULTS.json]\n`,
      );
      process.exit(2);
    }
  };
  if (set === 'mmvet') {
    const all = read(`${DATA}mmvet-open/questions.json`) as Record<
      string,
      { imagename: string; question: string; answer: string }
    >;
    return Object.entries(all).map(([id, item]) => ({
      id,
      image: `${DATA}mmvet-open/images/${item.imagename}`,
      question: item.question,
      answer: item.answer,
    }));
  }
  if (set === 'receipts') {
    const all = read(`${DATA}receipts-open/keys.json`) as Record<string, ReceiptKeys>;
    return Object.entries(all).flatMap(([id, keys]) =>
      askedOf(id, keys).map(([what, question, answer]) => ({
        id: `${id} ${what}`,
        image: `${DATA}receipts-open/images/${id}.jpg`,
        question,
        answer,
      })),
    );
  }
  const all = read(join(set, 'questions.json')) as { id?: string; image: string; question: string; answer: string }[];
  if (!Array.isArray(all)) {
    console.error(`${join(set, 'questions.json')} must be a list of {id, image, question, answer}`);
    process.exit(2);
  }
  return all.map((item, index) => ({ ...item, id: item.id ?? String(index), image: join(set, item.image) }));
}

/**
 * `node workers/train/page/main.ts OUT [--recipe FILE] [--manifest FILE] [--table FILE]... > page.html`: the page of a
 * training from its folder; it may still be running. A table is a JSON file {title, head?, rows}, or a list of those.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { trainingPage } from './page.ts';
import type { ResultTable } from './sections.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    recipe: { type: 'string' },
    manifest: { type: 'string' },
    table: { type: 'string', multiple: true, default: [] },
    title: { type: 'string' },
  },
});

function fail(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(1);
}

function json<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    return fail(`${path} cannot be read as JSON: ${error instanceof Error ? error.message : error}`);
  }
}

const out = positionals[0] ?? fail('Name the folder of a training: the one given to it as --out.');
const log = join(out, 'log.jsonl');
if (!existsSync(log)) fail(`There is no ${log}: name the folder given to the training as --out.`);
const tables = values.table.flatMap((path) => {
  const read = json<ResultTable | ResultTable[]>(path);
  const all = Array.isArray(read) ? read : [read];
  if (!all.every((one) => typeof one?.title === 'string' && Array.isArray(one.rows)))
    fail(`${path} must hold {title, rows}, or a list of those.`);
  return all;
});
process.stdout.write(
  trainingPage({
    log: readFileSync(log, 'utf8'),
    tables,
    recipe: values.recipe === undefined ? undefined : json(values.recipe),
    manifest: values.manifest === undefined ? undefined : json(values.manifest),
    title: values.title ?? (values.recipe === undefined ? basename(out) : undefined),
  }),
);

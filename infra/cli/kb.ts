/** `cota kb`: makes a knowledge base out of files, and tries it. */
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KNOWN_FILES } from '../../workers/tools/engines/knowledge/file-kinds.ts';
import { UserError } from '../user-error.ts';
import { type Arguments, type Command, type CommandGroup, JSON_OPTION } from './command.ts';
import { openProgress } from './progress.ts';
import { number, paint, paragraph, plural, printJson, say, seconds, size, warn } from './terminal.ts';

/** Problems that are told one by one; a file of the wrong kind would else scroll everything away. */
const TOLD = 20;

const build: Command = {
  name: 'kb build',
  operands: 'FILE...',
  summary: 'Make a knowledge base out of files and folders, for QueryKnowledgeBase.',
  about: [
    `Reads ${KNOWN_FILES} (all but parquet also with .gz behind it). Lines and rows have`,
    'title, text and perhaps url, as in the wikimedia/wikipedia files of the Hugging Face hub; a text file is one',
    'article. What gives no article is told with its place and left out; exit code 1 then.',
  ].join('\n'),
  options: {
    out: { value: 'FILE', help: 'the base (default: kb.sqlite)' },
    force: { help: 'put it in the place of the one that is there' },
    language: {
      value: 'CODE',
      help: 'of the articles (default: en); English words are also found in their other forms',
    },
    ...JSON_OPTION,
  },
  async run(args) {
    const out = resolve(args.text('out') ?? 'kb.sqlite');
    checkTarget(args, out);
    const began = performance.now();
    const progress = openProgress(args.flag('json'));
    // A script may not want the progress, but what is missing from its base.
    const tell = (line: string): void => (args.flag('json') ? warn(line) : progress.note(line));
    const stop = new AbortController();
    const interrupt = (): void => stop.abort(new UserError('stopped; nothing is left behind', 1));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
    let problems = 0;
    const { buildBase } = await import('../../workers/tools/engines/knowledge/build-base.ts');
    const facts = await buildBase({
      ...{ paths: args.operands, out, language: args.text('language') ?? 'en', signal: stop.signal },
      onProgress: (articles, share) => progress.show(`${plural(articles, 'article')}`, share),
      onProblem(problem) {
        problems += 1;
        if (problems <= TOLD) tell(`left out: ${problem}`);
        if (problems === TOLD + 1) tell('left out: and others; they are counted');
      },
      onOrder: () => progress.show('putting the index in order', 1),
    })
      .catch((error: unknown) => {
        throw error instanceof RangeError ? new UserError(error.message) : unwritable(error, out);
      })
      .finally(() => {
        progress.end();
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
      });
    if (!facts) throw new UserError(`no article was found in ${plural(args.operands.length, 'path')}`, 1);
    const bytes = statSync(out).size;
    const took = performance.now() - began;
    if (args.flag('json')) printJson({ path: out, bytes, ...facts, left_out: problems, seconds: took / 1000 });
    else {
      say(
        `${out}: ${plural(facts.articles, 'article')}, ${plural(facts.passages, 'passage')}, ${size(bytes)}, ${seconds(took)}`,
      );
      if (problems > 0) say(`${number(problems)} left out`);
      say(paint('dim', `tools.yaml: knowledge: {base: local, path: ${out}}`));
    }
    return problems > 0 ? 1 : 0;
  },
};

function checkTarget(args: Arguments, out: string): void {
  if (args.operands.length === 0) throw new UserError('FILE... is missing: cota kb build FILE...');
  if (!existsSync(dirname(out))) throw new UserError(`there is no folder ${dirname(out)} for the base`);
  if (existsSync(out) && !args.flag('force'))
    throw new UserError(`${out} is there already; --force puts the new one in its place`);
  const language = args.text('language') ?? 'en';
  if (!/^[a-z]{2,3}$/.test(language))
    throw new UserError(`--language takes a code such as en or de, not "${language}"`);
}

/** A disk that is full, a folder that may not be written to. */
function unwritable(error: unknown, out: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const ofDisk = code === 'ERR_SQLITE_ERROR' || code === 'EACCES' || code === 'ENOSPC' || code === 'EPERM';
  return ofDisk ? new UserError(`${out} cannot be written: ${message}`, 1) : error;
}

const search: Command = {
  name: 'kb search',
  operands: 'BASE "QUERY"',
  summary: 'Look something up in a knowledge base, as QueryKnowledgeBase does.',
  options: {
    limit: { value: 'N', help: 'articles at most (default: 5)' },
    sentences: { value: 'N', help: 'sentences of each (default: 2)' },
    ...JSON_OPTION,
  },
  async run(args) {
    const [base, ...words] = args.operands;
    const query = words.join(' ').trim();
    if (base === undefined || query === '')
      throw new UserError(`${base === undefined ? 'BASE' : '"QUERY"'} is missing: cota kb search BASE "QUERY"`);
    const knowledge = await openBase(base);
    const began = performance.now();
    const found = knowledge.search(query, {
      limit: args.number('limit', 1, 50) ?? 5,
      sentences: args.number('sentences', 1, 10) ?? 2,
    });
    const ms = Math.round((performance.now() - began) * 10) / 10;
    knowledge.close();
    if (args.flag('json')) printJson({ ...found, ms });
    else {
      if (found.corrected !== undefined) say(paint('dim', `looked for: ${found.corrected}`));
      for (const [at, { title, url, summary }] of found.hits.entries()) {
        say(paragraph(`${at + 1}`, 'dim', url === null ? title : `${title}  ${url}`));
        say(paragraph('', 'dim', summary));
      }
      if (found.hits.length === 0)
        say(`nothing found${found.near.length > 0 ? `; near: ${found.near.join(', ')}` : ''}`);
      say(paint('dim', `${ms} ms`));
    }
    return found.hits.length > 0 ? 0 : 1;
  },
};

async function openBase(path: string) {
  const { openKnowledge } = await import('../../workers/tools/engines/knowledge/search.ts');
  try {
    return openKnowledge(resolve(path));
  } catch (error) {
    if (error instanceof Error && error.name === 'NotABase') throw new UserError(error.message);
    throw error;
  }
}

export const kb: CommandGroup = {
  name: 'kb',
  summary: 'Make and try a knowledge base of your own.',
  about: 'docs/tools.md, "A knowledge base of your own", says how tools use it.',
  commands: [build, search],
};

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../shared/contract.ts';
import { readEnv } from '../../shared/env.ts';
import { loadToolsConfig } from '../../shared/tools-config.ts';
import { openWeights } from '../../shared/weights/weights.ts';
import { type FakeWiki, startFakeWiki } from '../../test/fake-mediawiki.ts';
import { closeKnowledge } from './engines/knowledge/engine.ts';
import { writeBase } from './engines/knowledge/write-base.ts';
import { queryKnowledgeBase } from './query-knowledge-base.ts';
import { executeTool } from './registry.ts';
import { setToolSettings, type ToolSettings } from './settings.ts';
import type { Tool, ToolContext } from './tool.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cota-kb-'));
});
afterEach(() => setToolSettings(undefined));
afterAll(async () => {
  await closeKnowledge();
  await rm(dir, { recursive: true, force: true });
});

async function settle(knowledge: object): Promise<void> {
  await writeFile(join(dir, 'tools.yaml'), JSON.stringify({ knowledge }));
  const env = readEnv({ COTA_TOOLS: join(dir, 'tools.yaml') });
  const config = loadToolsConfig(env.COTA_TOOLS);
  setToolSettings({ env, config, weights: openWeights(dir), session: { device: 'cpu' } } as ToolSettings);
}

async function look(args: JsonObject, signal = new AbortController().signal) {
  const nothing = () => Promise.reject(new Error('not of use here'));
  const context: ToolContext = { signal, image: nothing, ask: nothing, keepImage: nothing };
  return executeTool(queryKnowledgeBase as Tool, args, context);
}

describe('Wikipedia', () => {
  let wiki: FakeWiki;
  const pages = [
    { title: 'Mercury', extract: 'Mercury may refer to:', disambiguation: true as const },
    { title: 'Mercury (planet)', extract: 'Mercury is the first planet from the Sun. It has no moon. It is small.' },
    { title: 'Mercury (element)', extract: 'Mercury is a metal, symbol Hg. Dr. Smith likes it. It is liquid.' },
    { title: 'Lima', extract: 'Lima may refer to:', disambiguation: true as const, links: ['Lima, Peru', 'Lima bean'] },
  ];
  beforeEach(async () => {
    wiki = await startFakeWiki(pages, { 'merkury planet': 'mercury planet' });
    await settle({ base: 'wikipedia', endpoint: wiki.endpoint, contact: 'ops@example.org' });
  });
  afterEach(() => wiki.stop());

  test('gives the best article that is no list of meanings, in one request, named and compressed', async () => {
    expect(await look({ query: 'Mercury' })).toEqual({
      ok: true,
      result: {
        title: 'Mercury (planet)',
        url: 'https://wiki.example/Mercury_(planet)',
        summary: 'Mercury is the first planet from the Sun. It has no moon.',
        others: ['Mercury (element)'],
      },
    });
    expect(wiki.asked).toHaveLength(1);
    const [{ query, request }] = wiki.asked as [(typeof wiki.asked)[number]];
    expect(request.headers['user-agent']).toMatch(/^cota\/\d+\.\d+\.\d+ \(ops@example\.org\)$/);
    expect(request.headers['accept-encoding']).toBe('gzip');
    expect(query.get('maxlag')).toBe('5');
  });

  test('takes the number of sentences, also as a text, and counts them as people do', async () => {
    expect(await look({ query: 'mercury metal', sentences: '2' })).toMatchObject({
      result: { summary: 'Mercury is a metal, symbol Hg. Dr. Smith likes it.' },
    });
    expect(await look({ query: 'x', sentences: 11 })).toMatchObject({
      error: { code: 'invalid_arguments', message: expect.stringContaining('"sentences" must be from 1 to 10') },
    });
  });

  test('an answer is kept, and asked for once', async () => {
    const first = await look({ query: 'Mercury planet' });
    expect(await look({ query: 'mercury planet', lang: null })).toEqual(first);
    expect(wiki.asked).toHaveLength(1);
  });

  test('where only lists of meanings are found, the meanings are told', async () => {
    expect(await look({ query: 'Lima' })).toMatchObject({
      error: { code: 'ambiguous', message: expect.stringContaining('"Lima, Peru", "Lima bean"') },
    });
  });

  test('a misspelled subject is looked for as the wiki suggests, and what is nowhere is said to be', async () => {
    expect(await look({ query: 'merkury planet' })).toMatchObject({
      result: { title: 'Mercury (planet)', searched_for: 'mercury planet' },
    });
    expect(await look({ query: 'zzz' })).toMatchObject({ error: { code: 'not_found' } });
  });

  test("no operator of the search's language gets through", async () => {
    await look({ query: 'insource:/a.*b/ -mercury intitle:"x" OR ~y*' });
    expect(wiki.asked[0]?.query.get('gsrsearch')).toBe('insource a. b mercury intitle x OR y');
  });

  test('without TextExtracts the place that matches is given', async () => {
    wiki.extracts = false;
    expect(await look({ query: 'Mercury' })).toMatchObject({ result: { summary: 'The place "that" matches' } });
  });

  const busy = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json', 'retry-after': '1' });
    response.end(JSON.stringify({ error: { code: 'maxlag', info: 'Waiting for a host: 6 seconds lagged.', lag: 6 } }));
  };
  const limited = (response: ServerResponse): void => void response.writeHead(429, { 'retry-after': '1' }).end();

  test.each([
    ['maxlag', busy],
    ['429', limited],
  ])('%s: it waits as long as it is asked to, then asks again', async (_name, refuse) => {
    wiki.instead.push(refuse);
    expect(await look({ query: 'Mercury' })).toMatchObject({ ok: true });
    expect(wiki.asked).toHaveLength(2);
    expect((wiki.asked[1]?.at ?? 0) - (wiki.asked[0]?.at ?? 0)).toBeGreaterThan(950);
  });

  test('a wiki that asks for a long pause gets it, from all calls of this worker', async () => {
    wiki.instead.push((response) => void response.writeHead(503, { 'retry-after': '600' }).end());
    const away = { error: { code: 'knowledge_base_away', message: expect.stringContaining('Do without it') } };
    expect(await look({ query: 'Mercury' })).toMatchObject(away);
    expect(await look({ query: 'Mercury planet' })).toMatchObject(away);
    expect(wiki.asked).toHaveLength(1);
  });

  test.each([
    ['a page', '<html>', /did not answer as a MediaWiki does/],
    ['other JSON', '{"query":{"pages":"x"}}', /not that of a MediaWiki/],
    ['an error', '{"error":{"code":"badvalue","info":"Unrecognized value."}}', /Unrecognized value\. Do without it\.$/],
  ])('%s in place of an answer is told', async (_name, body, words) => {
    wiki.instead.push((response) => void response.writeHead(200).end(body));
    expect(await look({ query: 'Mercury' })).toMatchObject({
      error: { code: 'knowledge_base_away', message: expect.stringMatching(words) },
    });
  });

  test('starts two requests a second at most, however many runs ask', async () => {
    await Promise.all(['Mercury', 'Mercury planet', 'Mercury metal'].map((query) => look({ query })));
    const at = wiki.asked.map((one) => one.at);
    expect(at).toHaveLength(3);
    expect((at[2] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(950);
  });

  test('cancel ends a call that waits for its turn', async () => {
    wiki.instead.push((response) => void response.writeHead(503, { 'retry-after': '15' }).end());
    const stop = new AbortController();
    const call = look({ query: 'Mercury' }, stop.signal);
    setTimeout(() => stop.abort(new Error('cancelled')), 100);
    await expect(call).rejects.toThrow('cancelled');
  });

  test('another language needs another wiki', async () => {
    expect(await look({ query: 'Merkur', lang: 'de' })).toMatchObject({ error: { code: 'invalid_arguments' } });
    expect(await look({ query: 'Merkur', lang: 'de.evil.example/' })).toMatchObject({
      error: { code: 'invalid_arguments', message: expect.stringContaining('code of a language') },
    });
    expect(wiki.asked).toHaveLength(0);
  });

  test('is not cached beyond that, and is not ready before Wikipedia knows whom to write to', async () => {
    expect(queryKnowledgeBase.deterministic).toBe(false);
    await settle({ base: 'wikipedia' });
    expect(queryKnowledgeBase.status?.()).toMatchObject({ ready: false, remedy: expect.stringContaining('contact') });
    await settle({ base: 'none' });
    expect(queryKnowledgeBase.status?.()).toMatchObject({ ready: false });
    expect(await look({ query: 'Mercury' })).toMatchObject({ error: { code: 'tool_not_ready' } });
  });
});

describe('a base of their own', () => {
  const make = (name: string, text = 'Zorblax is a river. It is long.'): string => {
    const path = join(dir, name);
    const writer = writeBase(path, 'en');
    writer.add({ title: 'Zorblax', text, url: 'https://kb.example/zorblax' });
    writer.add({ title: 'Quib', text: 'Quib is a hill.' });
    writer.finish();
    return path;
  };

  test('is searched beside the event loop, and what it says may be cached under its hash', async () => {
    make('one.sqlite');
    await settle({ base: 'local', path: 'one.sqlite' });
    await queryKnowledgeBase.warmUp?.();
    expect(queryKnowledgeBase.status?.()).toEqual({ ready: true });
    expect(await look({ query: 'What is the Zorblax?' })).toEqual({
      ok: true,
      result: {
        ...{ title: 'Zorblax', url: 'https://kb.example/zorblax', summary: 'Zorblax is a river. It is long.' },
        others: [],
      },
    });
    expect(await look({ query: 'zorblxa' })).toMatchObject({ result: { title: 'Zorblax', searched_for: 'zorblax' } });
    expect(await look({ query: 'frumious hill bandersnatch' })).toMatchObject({
      error: { code: 'not_found', message: expect.stringContaining('near: "Quib"') },
    });
    expect(queryKnowledgeBase).toMatchObject({
      deterministic: true,
      engine: expect.stringMatching(/^kb@[0-9a-f]{12}$/),
    });
  });

  test('one that was built anew is another one', async () => {
    make('two.sqlite');
    await settle({ base: 'local', path: 'two.sqlite' });
    expect(await look({ query: 'zorblax' })).toMatchObject({ result: { summary: expect.stringContaining('river') } });
    const before = queryKnowledgeBase.engine;
    make('two.sqlite', 'Zorblax is a lake.');
    expect(await look({ query: 'zorblax' })).toMatchObject({ result: { summary: 'Zorblax is a lake.' } });
    expect(queryKnowledgeBase.engine).not.toBe(before);
  });

  test('one that is missing, or is something else, is told with the command that makes it', async () => {
    await settle({ base: 'local', path: 'three.sqlite' });
    const remedy = expect.stringMatching(/three\.sqlite.*cota kb build FILE\.\.\. --out three\.sqlite/);
    expect(queryKnowledgeBase.status?.()).toMatchObject({ ready: false, remedy });
    await writeFile(join(dir, 'three.sqlite'), 'this is no database'.repeat(1_000));
    expect(queryKnowledgeBase.status?.()).toMatchObject({ ready: false, remedy });
    make('three.sqlite');
    expect(queryKnowledgeBase.status?.()).toEqual({ ready: true });
  });
});

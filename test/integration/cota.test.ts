/** The command `cota` against a stack of its own making, with recorded turns for a model; each a real process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { identityOf } from '../../infra/stack/identity.ts';
import { responseObject } from '../../shared/response/schema.ts';
import { readTrace } from '../../shared/run/trace.ts';
import { type Cota, openCota, until } from '../cota-command.ts';

const MENU = new URL('../../infra/demo/menu.png', import.meta.url).pathname;
const turn = (thought: string, name: string, args: object): string =>
  JSON.stringify({ thought, actions: [{ name, arguments: args }] });
const SUM = turn('I add the two numbers.', 'Calculate', { expression: '9.40 + 2.70' });
const END = turn('That is the sum.', 'Terminate', { answer: '12.10' });
const replay = (...turns: { text: string; delay_ms?: number }[]) => ({
  backend: 'replay',
  dialect: 'taco',
  prompt: 'short',
  turns,
});
const MODELS = JSON.stringify({
  default: 'replayed',
  models: {
    replayed: replay({ text: SUM }, { text: END }),
    slow: replay({ text: END, delay_ms: 120_000 }),
    silent: replay(),
  },
});
const UP_MS = 120_000;

let cota: Cota;
beforeAll(async () => {
  cota = await openCota(MODELS);
  const up = await cota.run(['up', '--detach', '--port', '0']);
  expect(up.err).toBe('');
  expect(up.code).toBe(0);
  expect(up.out).toMatch(/Cota is up at http:\/\/127\.0\.0\.1:\d+/);
  expect(up.out).toMatch(/API key {4}cota_\S{32}/);
}, UP_MS);
afterAll(async () => {
  await cota.run(['down', '--now']);
  await cota.remove();
}, UP_MS);

const fails = async (args: readonly string[], code: number, words: string | RegExp, env = {}): Promise<void> => {
  const said = await cota.run(args, env);
  expect(said.err).toMatch(words);
  expect(said.err.trim().split('\n')).toHaveLength(1);
  expect(said.err).toMatch(/^cota: /);
  expect(said.code).toBe(code);
};

test('ask shows each thought, action and observation in order, then the answer and where its evidence is', async () => {
  const said = await cota.run(['ask', MENU, 'What do a mushroom pie and an oolong tea cost together?']);
  expect(said.err).toBe('');
  const labels = said.out.split('\n').map((line) => line.split(' ', 1)[0]);
  expect(labels.filter((label) => label !== '')).toEqual([
    ...['replayed', 'thought', 'action', 'observation', 'thought', 'answer', 'trace', 'image-0'],
  ]);
  expect(said.out).toContain('action       Calculate(expression: 9.40 + 2.70)');
  expect(said.out).toMatch(/observation {2}12\.10?\n/);
  expect(said.out).toContain('answer       12.10');
  expect(said.code).toBe(0);
});

test('ask --json prints the response and nothing else', async () => {
  const said = await cota.run(['ask', '--json', '--tools', 'Calculate', 'What is it?']);
  const response = responseObject.parse(JSON.parse(said.out));
  expect(response).toMatchObject({ status: 'completed', model: 'replayed', cota: { tools: ['Calculate'] } });
  expect(said.code).toBe(0);
});

test('a run that fails makes ask fail, with its reason', async () => {
  const said = await cota.run(['ask', '--model', 'silent', 'What is it?']);
  expect(said.out).toMatch(/^failed .*\(recording_exhausted\)/m);
  expect(said.code).toBe(1);
});

test('Ctrl-C while a run is under way cancels it', async () => {
  const { child, said } = cota.spawn(['ask', '--model', 'slow', 'What is it?']);
  let seen = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  const runId = await until('the id of the run', () => /run_\S+/.exec(seen)?.[0]);
  child.kill('SIGINT');
  expect(await said).toMatchObject({ code: 1, err: `cota: cancelled ${runId}\n` });
  await until('its trace', async () => (await cota.run(['trace', runId])).out.includes('cancelled'));
});

test('trace shows an ended run by either of its ids, or from a file', async () => {
  const asked = await cota.run(['ask', '--json', MENU, 'What is it?']);
  const { id, cota: facts } = responseObject.parse(JSON.parse(asked.out));
  const shown = await cota.run(['trace', facts.run_id]);
  expect(shown.code).toBe(0);
  expect(shown.out).toContain('question     What is it?');
  expect(shown.out).toMatch(/step 1 {7}Calculate 1, \d+\.\d s/);
  expect(shown.out).toContain('answer       12.10');
  expect((await cota.run(['trace', id])).out).toBe(shown.out);
  const json = (await cota.run(['trace', '--json', facts.run_id])).out;
  expect(readTrace(json).id).toBe(facts.run_id);
  const file = join(cota.dir, 'trace.json');
  writeFileSync(file, json);
  expect((await cota.run(['trace', file])).out).toBe(shown.out);
});

test('models and tools are listed with who serves them', async () => {
  const models = await cota.run(['models']);
  expect(models.out).toMatch(
    /^MODEL +BACKEND +DIALECT +TOOLS +SERVED\nreplayed \(default\) +replay +taco +all +yes, 8 at a time\n/,
  );
  const tools = await cota.run(['tools']);
  expect(tools.out).toMatch(/^Calculate +1 +cpu +mathjs@\d+ +by 1 worker +yes +\S/m);
  const json = JSON.parse((await cota.run(['models', '--json'])).out) as { id: string }[];
  expect(json.map(({ id }) => id)).toEqual(['replayed', 'slow', 'silent']);
});

test('doctor finds nothing wrong with a stack that runs', async () => {
  const said = await cota.run(['doctor']);
  expect(said.out).not.toMatch(/^(fail|warn)/m);
  expect(said.out).toMatch(/^ok +tools +ready: Calculate, Crop, /m);
  for (const what of [
    'node',
    'models.yaml',
    'tools.yaml',
    'store (fs)',
    'redis policy',
    'clock',
    'scheduler',
    'api key',
  ]) {
    expect(said.out).toContain(`ok    ${what}`);
  }
  for (const queue of ['tools.intake', 'tools.cpu', 'model.replayed', 'model.slow']) {
    expect(said.out).toContain(`${queue}: 1 worker`);
  }
  expect(said.code).toBe(0);
});

test('a second stack of the same folder is told where the first is', async () => {
  await fails(['up'], 2, /a stack runs in .* already at http:\/\/127\.0\.0\.1:\d+ \(process \d+\)/);
  await fails(['up', '-d'], 2, /a stack runs in .* already/);
});

test('what cannot be asked is told in one line', async () => {
  writeFileSync(join(cota.dir, 'empty.png'), '');
  writeFileSync(join(cota.dir, 'notes.txt'), 'no picture at all');
  // Two at a time: most of what each takes is the start of its process.
  const cases: readonly Parameters<typeof fails>[] = [
    [['ask', 'missing.png', 'What?'], 2, 'there is no file missing.png'],
    [['ask', 'empty.png', 'What?'], 2, 'empty.png is empty'],
    [['ask', 'notes.txt', 'What?'], 2, 'notes.txt is no image that Cota reads'],
    [['ask', cota.dir, 'What?'], 2, 'is a folder'],
    [['ask', MENU], 2, 'there is no question after it'],
    [['ask', ''], 2, 'the question is empty'],
    [['ask'], 2, 'what is the question?'],
    [['ask', 'http://127.0.0.1/a.png', 'What?'], 1, /./],
    [['ask', '--model', 'gpt', 'What?'], 1, /There is no model 'gpt'. The models are: replayed, slow, silent/],
    [['ask', '--tools', 'Fly', 'What?'], 1, /There is no tool 'Fly'/],
    [['ask', '--key', 'wrong', 'What?'], 1, /API key is wrong.*--key or COTA_API_KEY/],
    [['ask', '--url', 'http://127.0.0.1:1', '--key', 'x', 'What?'], 1, /nothing answers at .*: start one with/],
    [['trace'], 2, 'which run?'],
    [['trace', 'nonsense'], 2, 'neither a file nor the id of a run'],
    [['trace', 'notes.txt'], 2, /^cota: notes.txt is no trace: it is not JSON\n$/],
    [['trace', cota.dir], 2, 'is a folder: name the trace in it'],
    [['trace', `run_00${'0'.repeat(32)}`], 1, 'There is no run'],
    [['aks'], 2, 'did you mean `cota ask`?'],
    [['up', '--prot', '1'], 2, 'did you mean --port?'],
    [['up', '--port', 'eighty'], 2, '--port takes a whole number from 0 to 65535, not "eighty"'],
    [['status', 'please'], 2, 'takes no argument "please"'],
  ];
  for (let next = 0; next < cases.length; next += 2) {
    await Promise.all(cases.slice(next, next + 2).map((one) => fails(...one)));
  }
}, 120_000);

test('without a stack, each command says how to get one', async () => {
  const nowhere = { COTA_DATA: join(cota.dir, 'nowhere') };
  await fails(['ask', 'What?'], 2, /no Cota runs here .*cota up.*npm run demo/, nowhere);
  await fails(['models'], 2, 'no Cota runs here', nowhere);
  await fails(['logs'], 1, 'has a stack been started here', nowhere);
  expect(await cota.run(['status'], nowhere)).toMatchObject({
    code: 1,
    out: expect.stringContaining('no stack runs in'),
  });
  expect(await cota.run(['down'], nowhere)).toMatchObject({
    code: 0,
    out: expect.stringContaining('no stack runs in'),
  });
  const doctor = await cota.run(['doctor'], nowhere);
  expect(doctor).toMatchObject({ code: 1, out: expect.stringMatching(/^fail {2}stack +none runs here/m) });
  const tools = join(cota.dir, 'wrong-tools.yaml');
  writeFileSync(tools, 'engins: {}\nengines: { ocr: eyes }');
  const wrong = { ...nowhere, COTA_TOOLS: tools };
  expect((await cota.run(['doctor'], wrong)).out).toMatch(
    /^fail {2}tools\.yaml +\S+ is wrong: engines\.ocr: expected one of .*; engins: there is no such field$/m,
  );
  expect(await cota.run(['up', '-d'], wrong)).toMatchObject({
    ...{ code: 1, err: expect.stringMatching(/^cota: \S+wrong-tools\.yaml is wrong:\n {2}engines\.ocr: /) },
  });
});

test('workers and Redis that are killed come back by themselves, and runs are answered as before', async () => {
  const before = cota.pids();
  for (const name of ['tools-1', 'model-1', 'redis'] as const) process.kill(before[name] as number, 'SIGKILL');
  await until('all three started again', () => {
    const now = cota.pids();
    return ['tools-1', 'model-1', 'redis'].every((name) => now[name] !== undefined && now[name] !== before[name]);
  });
  const said = await cota.run(['ask', 'What is it?']);
  expect(said.out).toContain('answer       12.10');
  const status = await cota.run(['status']);
  expect(status.out).toMatch(/^tools-1 +\d+ +runs +1 /m);
  expect(status.code).toBe(0);
  expect((await cota.run(['logs', 'up', '--level', 'info'])).out).toMatch(
    /died +tools-1 +it was ended by SIGKILL; starting it again/,
  );
}, 120_000);

test('a killed stack leaves nothing behind, and the next one has the same key', async () => {
  const pids = cota.pids();
  process.kill(pids.up as number, 'SIGKILL');
  await until('everything gone', () => Object.values(pids).every((pid) => identityOf(pid) === undefined), 40_000);
  expect(await cota.run(['status'])).toMatchObject({ code: 1 });
  const up = await cota.run(['up', '-d', '--port', '0']);
  expect(up).toMatchObject({ code: 0, err: '' });
  expect((await cota.run(['ask', 'What is it?'])).code).toBe(0);

  const again = cota.pids();
  expect(await cota.run(['down'])).toMatchObject({ code: 0, out: expect.stringMatching(/^stopped what ran at http/) });
  expect(Object.values(again).filter((pid) => identityOf(pid) !== undefined)).toEqual([]);
}, 180_000);

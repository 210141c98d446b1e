import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDecoder } from './decoder.ts';
import { type Engine, openEngine } from './engine.ts';
import type { EngineOptions } from './messages.ts';
import type { EngineStats } from './scheduler.ts';

const tiny = join(import.meta.dirname, '../../../test/fixtures/tiny-decoder/grouped');
const options: EngineOptions = {
  ...{ folder: tiny, dtype: 'fp32', provider: 'cpu', threads: 1, slotBytes: 2 ** 20, cacheBytes: 2 ** 18 },
  masks: { url: new URL('./fixed-mask.ts', import.meta.url).href, export: 'onlyTokens' },
};
const scratch = mkdtempSync(join(tmpdir(), 'cota-engine-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const request = (more: Partial<Parameters<Engine['generate']>[0]> = {}) => ({
  ...{
    owner: 'a',
    session: 's',
    prompt: [3, 1, 4, 1, 5, 9],
    maxTokens: 20,
    end: [],
    temperature: 0,
    seed: 1,
    branches: 1,
  },
  ...more,
});
const never = new AbortController().signal;

describe('an engine', () => {
  let engine: Engine;
  const told: EngineStats[] = [];
  beforeAll(async () => {
    engine = await openEngine(options, (stats) => told.push(stats));
  });
  afterAll(() => engine.close());

  it('serves many turns at a time, tells tokens as they come, and figures at the end', async () => {
    const one = await engine.generate(request(), never);
    expect(one.said).toHaveLength(20);
    const heard = new Map<number, number[]>();
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, n) => {
        heard.set(n, []);
        const prompt = n % 2 === 0 ? [3, 1, 4, 1, 5, 9] : [n, 2, 7];
        return engine.generate(request({ prompt, session: `${n}` }), never, (token) => heard.get(n)?.push(token));
      }),
    );
    for (const [n, { said }] of all.entries()) {
      expect(heard.get(n)).toEqual(said);
      if (n % 2 === 0) expect(said).toEqual(one.said);
    }
    await expect.poll(() => told.at(-1)).toMatchObject({ active: 0, waiting: 0, outputTokens: 13 * 20 });
    const { steps, stepTokens } = told.at(-1) as EngineStats;
    expect(stepTokens).toBeGreaterThan(2 * steps);
    expect(engine.bytes).toBeLessThanOrEqual(2 ** 20 + 2 ** 18);
  });

  it('ends a turn within a token when it is cancelled, and goes on with the others', async () => {
    const stop = new AbortController();
    let heard = 0;
    const before = told.at(-1)?.stepTokens ?? 0;
    const other = engine.generate(request({ session: 'other', maxTokens: 100 }), never);
    const gone = engine.generate(request({ session: 'gone', maxTokens: 200 }), stop.signal, () => {
      if (++heard === 3) stop.abort(new Error('not wanted any more'));
    });
    await expect(gone).rejects.toThrow('not wanted any more');
    expect((await other).said).toHaveLength(100);
    expect(heard).toBe(3);
    // The other one took 99 steps; without the cancellation there were 199 more.
    await expect.poll(() => told.at(-1)).toMatchObject({ active: 0 });
    expect((told.at(-1)?.stepTokens ?? 0) - before).toBeLessThan(99 + 60);
  });

  it('ends at the tokens that end a turn, and where the model can read no more', async () => {
    const { said } = await engine.generate(request(), never);
    const end = said[4] as number;
    const cut = await engine.generate(request({ end: [end] }), never);
    expect(cut.said).toEqual(said.slice(0, said.indexOf(end) + 1));
    const long = Array.from({ length: 250 }, (_, at) => at % 40);
    expect((await engine.generate(request({ prompt: long, maxTokens: 50 }), never)).said).toHaveLength(6);
  });

  it('says only what a mask allows, at any temperature, and the same from the same seed', async () => {
    const masked = (seed: number) => engine.generate(request({ constraint: '5,6,7', temperature: 3, seed }), never);
    const [first, again, other] = [await masked(1), await masked(1), await masked(2)];
    expect(again.said).toEqual(first.said);
    expect(other.said).not.toEqual(first.said);
    expect(first.said.every((id) => id >= 5 && id <= 7)).toBe(true);
  });

  it('weighs branches to the same end, whatever is kept of them', async () => {
    const { said } = await engine.generate(request({ maxTokens: 6, branches: 8 }), never);
    const tight = await openEngine({ ...options, cacheBytes: 0 });
    expect((await tight.generate(request({ maxTokens: 6, branches: 8 }), never)).said).toEqual(said);
    await tight.close();
    await expect(tight.generate(request(), never)).rejects.toThrow('the engine is closed');
  });

  it('hears of a mask that fails as of one turn that fails', async () => {
    await expect(engine.generate(request({ constraint: 'none of these' }), never)).rejects.toThrow('no token');
    expect((await engine.generate(request(), never)).said).toHaveLength(20);
  });
});

/** A step of the tiny model is over before a process has exited; one of the shipped model is not. */
const shipped = join(import.meta.dirname, '../../../models/cota-nano');

it.skipIf(!existsSync(join(shipped, 'onnx/model.onnx')))(
  'lets its process exit in the middle of its work',
  async () => {
    const script = `
    const { openEngine } = await import(${JSON.stringify(new URL('./engine.ts', import.meta.url).href)});
    const engine = await openEngine(${JSON.stringify({ ...options, masks: undefined, folder: shipped, slotBytes: 2 ** 26 })});
    const request = ${JSON.stringify(request({ maxTokens: 200, prompt: Array.from({ length: 200 }, (_, at) => at % 100) }))};
    setTimeout(() => process.exit(7), 300);
    const never = new AbortController().signal;
    for (let n = 0; n < 40; n++) engine.generate({ ...request, owner: String(n) }, never).catch(() => {});`;
    const file = join(scratch, 'exits.mjs');
    writeFileSync(file, script);
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'ignore', 'pipe'] });
    const words = child.stderr.setEncoding('utf8').reduce((all, text) => all + text, '');
    const code = await new Promise((resolve) => child.once('exit', (status, signal) => resolve(status ?? signal)));
    expect([code, await words]).toEqual([7, '']);
  },
);

describe('a folder that cannot be served', () => {
  const broken = (name: string, change: (folder: string) => void): string => {
    const folder = join(scratch, name);
    cpSync(tiny, folder, { recursive: true });
    change(folder);
    return folder;
  };
  const words = async (folder: string): Promise<string> => {
    const decoder = await openDecoder({ ...options, folder }).catch((error: Error) => error);
    return decoder instanceof Error ? decoder.message : 'it was opened';
  };

  it.each<[string, (folder: string) => void, string]>([
    ['no-config', (folder) => rmSync(join(folder, 'config.json')), 'config.json cannot be read: models.yaml must name'],
    ['no-json', (folder) => writeFileSync(join(folder, 'config.json'), '{'), 'config.json is not JSON'],
    [
      'encoder',
      (folder) => writeFileSync(join(folder, 'config.json'), '{"vocab_size": 9}'),
      'only decoder-only models',
    ],
    [
      'no-weights',
      (folder) => rmSync(join(folder, 'onnx/model.onnx')),
      'model.onnx is not there: export the model as fp32',
    ],
    ['torn', (folder) => writeFileSync(join(folder, 'onnx/model.onnx'), 'not a model'), 'model.onnx cannot be loaded'],
    [
      'other-layers',
      (folder) => {
        const path = join(folder, 'config.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace('"num_hidden_layers": 2', '"num_hidden_layers": 3'));
      },
      'has no input past_key_values.2.key',
    ],
    [
      'fewer-layers',
      (folder) => {
        const path = join(folder, 'config.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace('"num_hidden_layers": 2', '"num_hidden_layers": 1'));
      },
      'wants an input past_key_values.1.key',
    ],
  ])('says what is wrong: %s', async (name, change, wanted) => {
    expect(await words(broken(name, change))).toContain(wanted);
  });

  it('is told by the engine as it stands', async () => {
    await expect(openEngine({ ...options, folder: join(scratch, 'nowhere') })).rejects.toThrow(
      `${join(scratch, 'nowhere/config.json')} cannot be read`,
    );
  });
});

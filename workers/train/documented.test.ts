/** What the documents tell a newcomer to ask first must come out right with the shipped weights. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadModels } from '../../shared/models.ts';
import { fromText, type NanoTool, toText } from '../../shared/nano/format.ts';
import { openOnnxBackend } from '../model/backends/onnx.ts';
import { play, type Speak } from './nano/play.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const models = loadModels(fileURLToPath(new URL('../../models.yaml', import.meta.url)));
const entry = models.get('cota-nano');
if (entry?.backend !== 'onnx') throw new Error('models.yaml has no cota-nano');
const files = ['README.md', 'docs/api.md', 'docs/runbook.md', 'services/api/docs/page.ts'];
/** Sums that are sent as the whole input, and what they give. */
const SUMS: Readonly<Record<string, string>> = { 'What is 3 + 4?': '7', 'What is 12 * 7?': '84' };

let backend: Awaited<ReturnType<typeof openOnnxBackend>>;
beforeAll(async () => {
  backend = await openOnnxBackend({
    ...{ folder: models.resolve(entry.path), constraint: entry.constraint, branches: entry.branches },
    ...{ provider: 'cpu', threads: 1, cacheBytes: 2 ** 24 },
  });
});
afterAll(() => backend.close());

test.each(files)('%s asks what the model can answer', async (file) => {
  const asked = [...read(file).matchAll(/"?input"?\s*[:=]\s*"(What [^"]+)"/g)].map((match) => match[1] ?? '');
  expect(asked.length).toBeGreaterThan(0);
  const speak: Speak = async (prompt) => {
    const text = toText(prompt);
    const said = await backend.generate({
      ...{ messages: [{ role: 'user', content: [{ type: 'text', text }] }], maxTokens: entry.max_turn_tokens },
      ...{ temperature: 0, session: 'documented', turn: 0, signal: AbortSignal.timeout(120_000) },
      image: () => Promise.reject(new Error('nano asks for no image')),
    });
    return fromText(said.text);
  };
  for (const question of asked) {
    const prompt = { tools: entry.tools as NanoTool[], budget: 3, images: [], question };
    expect({ question, ...(await play({ turns: [] }, prompt, speak)) }).toMatchObject({ answer: SUMS[question] });
  }
});

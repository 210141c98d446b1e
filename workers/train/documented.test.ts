/** What the documents tell a newcomer to ask first must come out right with the shipped weights. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openOnnxBackend } from '../model/backends/onnx.ts';
import { answerQuestion } from './answer.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const files = ['README.md', 'docs/api.md', 'docs/runbook.md', 'services/api/docs/page.ts'];
/** Sums that are sent as the whole input, and what they give. */
const SUMS: Readonly<Record<string, string>> = { 'What is 3 + 4?': '7', 'What is 12 * 7?': '84' };

test.each(files)('%s asks what the model can answer', async (file) => {
  const asked = [...read(file).matchAll(/"?input"?\s*[:=]\s*"(What [^"]+)"/g)].map((match) => match[1] ?? '');
  expect(asked.length).toBeGreaterThan(0);
  const backend = await openOnnxBackend({
    folder: 'models/cota-nano',
    provider: 'cpu',
    threads: 1,
    cacheBytes: 2 ** 24,
    constraint: 'spans',
    branches: 1,
  });
  for (const question of asked) {
    const prompt = { tools: ['OCR', 'Calculate'] as const, budget: 3, images: [], question };
    expect({ question, ...(await answerQuestion(backend, prompt, () => [])) }).toMatchObject({
      answer: SUMS[question],
    });
  }
});

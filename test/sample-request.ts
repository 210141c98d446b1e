/** What create requests are read against in unit tests: three models, three tools, and no server. */
import { expect } from 'vitest';
import { CotaError } from '../shared/errors.ts';
import type { ModelEntry, Models } from '../shared/models.ts';
import { type RequestContext, type RequestedRun, readRequest } from '../shared/request.ts';
import { sampleTool } from './sample-run.ts';

const entry = (change: Partial<ModelEntry> = {}) =>
  ({
    backend: 'replay',
    dialect: 'taco',
    prompt: 'long',
    concurrency: 1,
    limits: {},
    max_pixels: 1_000_000,
    max_images: 8,
    max_turn_tokens: 900,
    temperature: 0.3,
    description: '',
    version: 'v1',
    ...change,
  }) as ModelEntry & { version: string };

const table: Record<string, ModelEntry & { version: string }> = {
  big: entry(),
  small: entry({ tools: ['OCR', 'Calculate'], dialect: 'nano', prompt: 'short' }),
  future: entry({ tools: ['OCR', 'Teleport'] }),
};
const models: Models = {
  default: 'big',
  ids: Object.keys(table),
  get: (id) => (Object.hasOwn(table, id) ? table[id] : undefined),
  resolve: (path) => path,
};
export const context: RequestContext = {
  tenant: 'default',
  models,
  tools: ['Calculate', 'Crop', 'OCR'].map((name) => sampleTool(name, {})),
  withheld: new Map(),
  imagesPerRun: 3,
  now: 1_000_000,
};
export const read = (body: unknown, change: Partial<RequestContext> = {}): RequestedRun =>
  readRequest(body, { ...context, ...change });
export const image = (image_url: string) => ({ type: 'input_image', image_url, detail: 'auto' });
export const text = (words: string) => ({ type: 'input_text', text: words });
export const user = (...content: unknown[]) => ({ role: 'user', content });

/** A body that is refused: what it is, the body, the code, `param`, and what the words must say. */
export type Refusal = readonly [string, unknown, string, string | undefined, RegExp];

export function expectRefusal([, body, code, param, words]: Refusal, change: Partial<RequestContext> = {}): void {
  let thrown: unknown;
  try {
    read(body, change);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(CotaError);
  const error = thrown as CotaError;
  expect({ code: error.code, param: error.param }).toEqual({ code, param });
  expect(error.message).toMatch(words);
  expect(error.message.length).toBeLessThan(700);
}

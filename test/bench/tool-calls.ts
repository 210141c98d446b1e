/** Ordinary calls of every tool, for measuring: the arguments of its example, on pictures of an everyday size. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ImageRef, JsonObject, Run } from '../../shared/contract.ts';
import { type ObjectStore, openObjectStore } from '../../shared/object-store.ts';
import { openToolContext, type ToolServices } from '../../workers/tools/context.ts';
import { executeTool } from '../../workers/tools/registry.ts';
import type { Tool } from '../../workers/tools/tool.ts';
import { sampleRun } from '../sample-run.ts';
import { toolServices } from '../tool-services.ts';

/** A page with twelve rows of text and a few shapes, 1280 x 960; another one for each number. */
async function picture(number: number): Promise<Buffer> {
  const rows = Array.from(
    { length: 12 },
    (_, row) =>
      `<text x="60" y="${100 + row * 60}" font-size="32" font-family="sans-serif">Article ${number * 12 + row}</text><text x="560" y="${100 + row * 60}" font-size="32" font-family="sans-serif">${((number * 7 + row) % 90) + 1}.${10 + row}</text>`,
  );
  const hue = (number * 47) % 360;
  const svg = `<svg width="1280" height="960"><rect width="1280" height="960" fill="white"/><rect x="800" y="90" width="360" height="300" fill="hsl(${hue},60%,50%)"/><circle cx="980" cy="640" r="150" fill="hsl(${(hue + 120) % 360},60%,50%)"/>${rows.join('')}</svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 88 }).toBuffer();
}

export interface Stage {
  readonly objects: ObjectStore;
  readonly services: ToolServices;
  readonly run: Run;
  /** @returns milliseconds */
  call(tool: Tool, args: JsonObject): Promise<number>;
  close(): Promise<void>;
}

/**
 * A run with that many pictures in a store of its own.
 * @param first number of the first picture: engines remember pictures, so what is to be new to them needs other numbers
 */
export async function openStage(pictures: number, first = 0): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'cota-bench-tools-'));
  const objects = await openObjectStore({ driver: 'fs', root: dir, linkSecret: randomUUID() });
  const images: ImageRef[] = [];
  for (let index = 0; index < pictures; index++) {
    const bytes = await picture(first + index);
    const key = `t/test/${index}`;
    await objects.put(key, bytes, { contentType: 'image/jpeg' });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const facts = { contentType: 'image/jpeg', width: 1280, height: 960, bytes: bytes.length };
    images.push({ name: `image-${index}`, sha256, key, ...facts });
  }
  const run = { ...sampleRun({}), images };
  const services = toolServices(objects);
  return {
    objects,
    services,
    run,
    async call(tool, args) {
      const started = performance.now();
      const { tool: context } = openToolContext(run, services, new AbortController().signal);
      const outcome = await executeTool(tool, args, context);
      if (!outcome.ok) throw new Error(`${tool.name}: ${outcome.error.message}`);
      return performance.now() - started;
    },
    async close() {
      await objects.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The tool's example on the given picture; where it takes several, on those behind it too. */
export function ordinaryArguments(tool: Tool, picture: number, pictures: number): JsonObject {
  const name = (offset: number): string => `image-${(picture + offset) % pictures}`;
  return Object.fromEntries(
    Object.entries(tool.example).map(([key, value]) => {
      if (key === 'image') return [key, name(0)];
      if (key === 'images' || key === 'other_images') return [key, [name(1), name(2)]];
      return [key, value];
    }),
  );
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

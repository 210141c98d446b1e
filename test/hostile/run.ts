/** Carries hostile calls out as a tool worker does, and watches what they must not do. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ImageRef } from '../../shared/contract.ts';
import { openObjectStore } from '../../shared/object-store.ts';
import { openToolContext } from '../../workers/tools/context.ts';
import { executeTool, findTool, ToolFailed } from '../../workers/tools/registry.ts';
import { setToolSettings, toolSettings } from '../../workers/tools/settings.ts';
import type { Tool } from '../../workers/tools/tool.ts';
import { sampleRun } from '../sample-run.ts';
import { useTinyModels } from '../tiny-models.ts';
import { toolServices } from '../tool-services.ts';
import { type HostileCall, hostileCalls } from './calls.ts';
import { hostilePictures } from './pictures.ts';
import { hostileWiki } from './wiki.ts';

export interface Told {
  readonly call: HostileCall;
  /** `ok`, the code of the observation, or what went wrong. */
  readonly outcome: string;
  readonly ms: number;
  readonly limitMs: number;
}

export interface HostileReport {
  readonly told: readonly Told[];
  /** What must not be there: each is a defect. */
  readonly broken: readonly string[];
  /** Longest time for which the event loop did not turn, milliseconds. */
  readonly longestPauseMs: number;
}

const AT_A_TIME = 4;

/** @param onCall called after each */
export async function runHostileCalls(
  tools: readonly Tool[],
  count: number,
  onCall: (done: number) => void = () => undefined,
): Promise<HostileReport> {
  const dir = await mkdtemp(join(tmpdir(), 'cota-hostile-'));
  const secret = `secret-${randomUUID()}`;
  const file = join(dir, 'canary.txt');
  await writeFile(file, secret);
  let visits = 0;
  const server = createServer((_request, response) => {
    visits += 1;
    response.end(secret);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wiki = await hostileWiki(url);
  const tiny = useTinyModels();
  const before = toolSettings();
  setToolSettings({
    ...before,
    config: { ...before.config, knowledge: { base: 'wikipedia', language: 'en', endpoint: wiki.url } },
  });
  const objects = await openObjectStore({ driver: 'fs', root: join(dir, 'store'), linkSecret: randomUUID() });
  const broken: string[] = [];
  const told: Told[] = [];
  const pauses = monitorEventLoopDelay({ resolution: 20 });
  const uncaught = (error: unknown): void => void broken.push(`an error that nobody caught: ${error}`);
  process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
  try {
    const pictures = await hostilePictures();
    const images: ImageRef[] = [];
    for (const [index, { bytes }] of pictures.entries()) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const key = `t/test/${index}`;
      await objects.put(key, bytes, { contentType: 'image/png' });
      const facts = { contentType: 'image/png', width: 1, height: 1, bytes: bytes.length };
      images.push({ name: `image-${index}`, sha256, key, ...facts });
    }
    const run = { ...sampleRun({}), images };
    const calls = hostileCalls(tools, count, images.length, { file, url });
    const services = toolServices(objects);
    pauses.enable();
    const work = async (next: Iterator<HostileCall>): Promise<void> => {
      for (let step = next.next(); !step.done; step = next.next()) {
        const call = step.value;
        const tool = findTool(call.tool, tools);
        const started = performance.now();
        const { tool: context } = openToolContext(run, services, new AbortController().signal);
        let outcome: string;
        try {
          const observed = await executeTool(tool, call.arguments, context);
          outcome = observed.ok ? 'ok' : observed.error.code;
          const text = JSON.stringify(observed);
          if (text.includes(secret)) broken.push(`${call.tool} gave away what is in a file or behind an address`);
          if (/root:.?:0:0/.test(text) && !JSON.stringify(call.arguments).includes('root:'))
            broken.push(`${call.tool} gave away a file of this machine`);
          if (/\n\s+at .*[:(]\d+/.test(text))
            broken.push(`${call.tool} answered with a stack trace: ${text.slice(0, 200)}`);
        } catch (error) {
          outcome = error instanceof ToolFailed ? 'tool_failed' : 'threw';
          broken.push(`${call.tool} broke on ${JSON.stringify(call.arguments).slice(0, 200)}: ${error}`);
        }
        const ms = performance.now() - started;
        told.push({ call, outcome, ms, limitMs: tool.timeLimitMs });
        if (ms > tool.timeLimitMs + 1_000) broken.push(`${call.tool} took ${Math.round(ms)} ms, over its limit`);
        onCall(told.length);
      }
    };
    const queue = calls[Symbol.iterator]();
    await Promise.all(Array.from({ length: AT_A_TIME }, () => work(queue)));
    pauses.disable();
    if (visits > 0) broken.push(`an address in an argument was visited ${visits} times`);
    if (Reflect.get({}, 'polluted') !== undefined) broken.push('Object.prototype was changed');
  } finally {
    process.off('uncaughtException', uncaught).off('unhandledRejection', uncaught);
    tiny.done();
    await objects.close();
    await wiki.close();
    await new Promise((closed) => server.close(closed));
    await rm(dir, { recursive: true, force: true });
  }
  return { told, broken, longestPauseMs: pauses.max / 1e6 };
}

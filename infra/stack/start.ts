/** The embedded stack: Redis, scheduler, API and workers as processes of their own, started and stopped in order. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { openRedis } from '../../shared/redis.ts';
import { loadToolsConfig } from '../../shared/tools-config.ts';
import { UserError } from '../user-error.ts';
import { makeFolder } from './folder.ts';
import { identityOf } from './identity.ts';
import { type LastWill, openLastWill } from './last-will.ts';
import { rotateLog } from './logs.ts';
import { commonSettings, logFolder, type PlanFacts, type PlannedProcess, planStack, STOP_ORDER } from './plan.ts';
import { anyFreePort } from './ports.ts';
import { choosePort, requireModels } from './preflight.ts';
import { apiSeesWorkers, reachRedis, readyCheck } from './ready.ts';
import { configureRedis, findRedisProgram, NO_REDIS } from './redis-server.ts';
import { given, type StackSettings } from './settings.ts';
import { claim, endLeftovers, keyOf, type StackState, writeState } from './state.ts';
import { type ProcessEvent, type Supervised, supervise } from './supervise.ts';

export type StackEvent =
  | ProcessEvent
  | { readonly is: 'ready'; readonly name: string; readonly about: string; readonly inMs: number }
  | { readonly is: 'leftovers'; readonly names: readonly string[] }
  | { readonly is: 'stopping' }
  | { readonly is: 'stopped' };

export interface Stack {
  /** Resolves when every process is ready. @throws UserError that says which is not, with the end of its log */
  start(): Promise<StackState>;
  /** Ends every process in order, also those of a start that is under way; resolves when nothing is left. */
  stop(): Promise<void>;
  /** Ends a stop at once: steps under way are given up and done again after the next start. */
  hurry(): void;
  readonly processes: readonly Supervised[];
}

const START_WITHIN_MS = 120_000;
const EXTERNAL_REDIS_MS = 5_000;
const SEEN_WITHIN_MS = 15_000;

export function openStack(settings: StackSettings, onEvent: (event: StackEvent) => void): Stack {
  const supervised: { readonly planned: PlannedProcess; readonly child: Supervised }[] = [];
  const stopLooking: (() => void)[] = [];
  let will: LastWill | undefined;
  let redis: Redis | undefined;
  let release: (() => void) | undefined;
  let state: StackState | undefined;
  let stopped: Promise<void> | undefined;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);

  async function start(): Promise<StackState> {
    requireModels(settings.models);
    // Told here in one line, not by a worker's log.
    loadToolsConfig(settings.tools);
    makeFolder(settings.data);
    release = claim(settings.data);
    try {
      const left = endLeftovers(settings.data);
      if (left.length > 0) onEvent({ is: 'leftovers', names: left });
      makeFolder(logFolder(settings.data));
      if (settings.store === 'fs') makeFolder(settings.storeRoot);
      const facts = await gather(settings);
      if (settings.redisUrl !== undefined) (await reachRedis(settings.redisUrl, EXTERNAL_REDIS_MS)).disconnect();
      return await startAll(facts);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  async function startAll(facts: PlanFacts): Promise<StackState> {
    if (stopped) throw stoppedEarly();
    will = openLastWill(settings.graceMs);
    redis = openRedis(facts.redisUrl, { enableOfflineQueue: false, commandTimeout: 2_000, maxRetriesPerRequest: 1 });
    state = firstState(settings, facts);
    const plan = planStack(settings, facts);
    const beneath = plan.filter((one) => one.kind === 'redis' || one.kind === 's3');
    const afterwards = plan.filter((one) => ['webhooks', 'data', 'train'].includes(one.kind));
    const needed = plan.filter((one) => !beneath.includes(one) && !afterwards.includes(one));
    for (const group of [beneath, needed]) {
      await Promise.race([Promise.all(group.map((one) => startOne(one, facts))), failed.promise]);
    }
    const wanted = { models: settings.modelWorkers > 0, tools: settings.toolWorkers > 0 };
    const patience = AbortSignal.timeout(SEEN_WITHIN_MS);
    // Workers that it has not seen by then will not keep the rest from working.
    const seen = apiSeesWorkers(facts, wanted, patience).catch(() => undefined);
    await Promise.race([seen, failed.promise]);
    // Nobody waits for these: events and jobs are kept until they are there.
    for (const one of afterwards) void startOne(one, facts);
    // Last, so that whoever waits for it sees all processes.
    state = { ...state, ready: true };
    save();
    return state;
  }

  /** Resolves when it is ready for the first time. */
  function startOne(planned: PlannedProcess, facts: PlanFacts): Promise<void> {
    rotateLog(planned.logFile);
    const ready = Promise.withResolvers<void>();
    const isReady = readyCheck(planned, redis as Redis, facts.url, facts.s3Port);
    let looking = new AbortController();
    let pid = 0;
    const late = setTimeout(() => {
      failed.reject(
        new UserError(`${planned.name} was not ready within ${START_WITHIN_MS / 1000} s: see ${planned.logFile}`, 1),
      );
    }, START_WITHIN_MS);

    const child = supervise(planned, (event) => {
      onEvent(event);
      looking.abort();
      if (event.is === 'started') {
        pid = event.pid;
        will?.add(pid, planned.kind === 'redis' || planned.kind === 's3' ? 'late' : 'early');
        looking = new AbortController();
        void look(event.pid, looking.signal);
      } else {
        will?.gone(pid);
      }
      if (event.is === 'crash-loop' && !state?.ready) failed.reject(doesNotStart(planned, event));
      save();
    });
    async function look(started: number, signal: AbortSignal): Promise<void> {
      const since = performance.now();
      try {
        const more = await isReady(started, signal);
        clearTimeout(late);
        const about = [planned.about, more].filter((part) => part !== '').join(', ');
        onEvent({ is: 'ready', name: planned.name, about, inMs: performance.now() - since });
        ready.resolve();
      } catch {
        // It ended, or the stack stops: that is told elsewhere.
      }
    }
    stopLooking.push(() => {
      clearTimeout(late);
      looking.abort();
    });
    supervised.push({ planned, child });
    save();
    return ready.promise;
  }

  function save(): void {
    if (!state || stopped) return;
    const processes = supervised.flatMap(({ planned, child: { pid, restarts } }) => {
      const identity = pid === undefined ? undefined : identityOf(pid);
      return pid === undefined || identity === undefined
        ? []
        : [{ name: planned.name, pid, identity, log: planned.logFile, restarts }];
    });
    state = { ...state, processes };
    writeState(settings.data, state);
  }

  async function stopAll(): Promise<void> {
    if (supervised.length > 0) onEvent({ is: 'stopping' });
    failed.reject(stoppedEarly());
    for (const end of stopLooking) end();
    for (const kinds of STOP_ORDER) {
      const group = supervised.filter(({ planned }) => kinds.includes(planned.kind));
      await Promise.all(group.map(({ child }) => child.stop()));
    }
    redis?.disconnect();
    will?.close();
    release?.();
    if (supervised.length > 0) onEvent({ is: 'stopped' });
  }
  const stop = (): Promise<void> => (stopped ??= stopAll());

  return {
    start,
    stop,
    hurry() {
      for (const { child } of supervised) child.hurry();
    },
    get processes() {
      return supervised.map(({ child }) => child);
    },
  };
}

const stoppedEarly = (): UserError => new UserError('stopped before everything was started', 1);

/** Ports, keys and programs: all that is found out before the first start. */
async function gather(settings: StackSettings): Promise<PlanFacts> {
  const program = settings.redisUrl === undefined ? await findRedisProgram() : undefined;
  if (settings.redisUrl === undefined && !program) throw new UserError(NO_REDIS);
  const redis = program && {
    ...configureRedis(join(settings.data, 'redis'), await anyFreePort('127.0.0.1')),
    program,
  };
  const port = await choosePort(settings.port, settings.host);
  const apiKey = settings.apiKey ?? keyOf(settings.data);
  const host = settings.host === '0.0.0.0' || settings.host === '::' ? '127.0.0.1' : settings.host;
  return {
    redis,
    redisUrl: settings.redisUrl ?? redis?.url ?? '',
    port,
    apiKey,
    secretKey: given('COTA_SECRET_KEY') ?? createHash('sha256').update(`webhook secrets:${apiKey}`).digest('hex'),
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    s3Port: settings.store === 's3rver' ? await anyFreePort('127.0.0.1') : undefined,
  };
}

function firstState(settings: StackSettings, facts: PlanFacts): StackState {
  return {
    version: 1,
    pid: process.pid,
    identity: identityOf(process.pid) ?? '',
    startedAt: Date.now(),
    ready: false,
    url: facts.url,
    apiKey: facts.apiKey,
    redisUrl: facts.redisUrl,
    models: settings.models,
    settings: commonSettings(settings, facts),
    processes: [],
  };
}

function doesNotStart(planned: PlannedProcess, event: Extract<ProcessEvent, { is: 'crash-loop' }>): UserError {
  const end = event.lines.map((line) => `  ${line}`).join('\n');
  const log = end === '' ? '' : `\nThe end of ${planned.logFile}:\n${end}`;
  return new UserError(`${planned.name} does not start: it ${event.how}; ${planned.advice}.${log}`, 1);
}

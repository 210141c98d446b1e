/** Talks to the API of a running Cota, and turns what goes wrong into one line that says what to do. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type ResponseObject, responseObject } from '../../shared/response/schema.ts';
import { dataFolder, given } from '../stack/settings.ts';
import { readRunning } from '../stack/state.ts';
import { UserError } from '../user-error.ts';
import type { Arguments } from './command.ts';

export interface Target {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string;
}

/** An answer of the API that is an error. */
export class ApiError extends UserError {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message, 1);
    this.status = status;
    this.code = code;
  }
}

/** No answer at all. */
export class Unreachable extends UserError {}

export const START_HINT = 'start one with `./cota up`, or see the whole thing work with `npm run demo`';

/**
 * @returns where Cota is reached: options, then environment, then the stack that runs here
 * @throws UserError when there is none
 */
export function findTarget(args: Arguments): Target {
  const data = dataFolder(args.text('data'));
  const state = readRunning(data);
  const url = args.text('url') ?? given('COTA_PUBLIC_URL') ?? state?.url;
  if (url === undefined) throw new UserError(`no Cota runs here (${data}): ${START_HINT}`);
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new UserError(`"${url}" is no address: give --url as http://host:port`);
  const key = args.text('key') ?? given('COTA_API_KEY') ?? state?.apiKey;
  if (key === undefined) throw new UserError(`the API at ${url} wants a key: give --key, or set COTA_API_KEY`);
  return { url: url.replace(/\/+$/, '').replace(/\/v1$/, ''), key };
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds after which no answer comes any more; 90 seconds by default. */
  readonly withinMs?: number;
}

export interface Client {
  readonly url: string;
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  post<T>(path: string, body: unknown, schema: z.ZodType<T>, options?: PostOptions): Promise<T>;
  delete<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** The answer with its body still to be read, however long that takes. @throws ApiError when it is none of 2xx */
  open(path: string, init?: RequestInit): Promise<Response>;
}

const ANSWER_WITHIN_MS = 90_000;
const errorBody = z.object({
  error: z.object({ message: z.string(), code: z.string().nullish(), param: z.string().nullish() }),
});

export function openClient({ url, key }: Target): Client {
  const authorization = `Bearer ${key}`;
  const away = (error: unknown): Unreachable =>
    new Unreachable(`nothing answers at ${url} (${reasonOf(error)}): ${START_HINT}`, 1);

  async function open(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string> | undefined), authorization };
    let reply: Response;
    let text: string;
    try {
      reply = await fetch(`${url}${path}`, { ...init, headers });
      if (reply.ok) return reply;
      text = await reply.text();
    } catch (error) {
      // What a body made of a file threw is about that file.
      const cause = error instanceof Error ? error.cause : undefined;
      throw error instanceof UserError ? error : cause instanceof UserError ? cause : away(error);
    }
    throw errorOf(reply.status, jsonOf(text), url);
  }

  async function ask<T>(
    path: string,
    init: RequestInit,
    schema: z.ZodType<T>,
    withinMs = ANSWER_WITHIN_MS,
  ): Promise<T> {
    const reply = await open(path, { ...init, signal: AbortSignal.timeout(withinMs) });
    const text = await reply.text().catch((error: unknown) => Promise.reject(away(error)));
    const parsed = schema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    throw new UserError(`what answers at ${url} is no Cota, or one of another version`, 1);
  }

  return {
    url,
    open,
    get: (path, schema) => ask(path, {}, schema),
    delete: (path, schema) => ask(path, { method: 'DELETE' }, schema),
    post: (path, body, schema, { headers = {}, withinMs } = {}) => {
      const all = { ...headers, 'content-type': 'application/json' };
      return ask(path, { method: 'POST', headers: all, body: JSON.stringify(body) }, schema, withinMs);
    },
  };
}

/** What a proxy says when Cota is not behind it just now. */
const AWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

function errorOf(status: number, body: unknown, url: string): ApiError | UserError {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) {
    const words = `what answers at ${url} is no Cota (it said HTTP ${status})`;
    return AWAY_STATUSES.has(status) ? new Unreachable(words, 1) : new UserError(words, 1);
  }
  const { message, code, param } = parsed.data.error;
  const more = status === 401 ? ' Give it with --key or COTA_API_KEY.' : '';
  // Some words are about "it", and only the field beside them says what.
  const what = param != null && /^[a-z]/.test(message) ? `${param}: ` : '';
  return new ApiError(status, code ?? '', `${what}${message}${more}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** fetch hides what happened in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const { code, message } = cause as { code?: string; message?: string };
  return code ?? message ?? 'no answer';
}

const TRIES = 6;
const FIRST_PAUSE_MS = 300;

/** An outage that may be over soon: the API restarts, or Redis or the store is away. */
export function mayPass(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof ApiError && (error.status === 503 || error.status === 429));
}

/** Tries something again while the API is away for a moment, for about ten seconds. */
export async function withPatience<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || attempt === TRIES) throw error;
      await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}

/** Makes something, with patience; its Idempotency-Key makes all tries one. */
export function create<T>(client: Client, path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
  const headers = { 'idempotency-key': randomUUID() };
  return withPatience(() => client.post(path, body, schema, { headers }));
}

/** @param body of POST /v1/responses */
export function createRun(client: Client, body: Readonly<Record<string, unknown>>): Promise<ResponseObject> {
  return create(client, '/v1/responses', { ...body, background: true }, responseObject);
}

export const hasEnded = (response: ResponseObject): boolean =>
  response.status !== 'queued' && response.status !== 'in_progress';

const FIRST_LOOK_MS = 100;
const SLOWEST_LOOK_MS = 1_000;
/** How long an API may be away before `follow` gives up; the run goes on without it. */
const AWAY_MS = 60_000;

/**
 * Looks at a run until it has ended.
 * @param onChange called with each response, also the first
 * @throws the signal's reason; UserError when the API stays away
 */
export async function follow(
  client: Client,
  first: ResponseObject,
  onChange: (response: ResponseObject) => void,
  signal: AbortSignal,
): Promise<ResponseObject> {
  let now = first;
  let pause = FIRST_LOOK_MS;
  let awaySince: number | undefined;
  onChange(now);
  while (!hasEnded(now)) {
    await sleep(pause, undefined, { signal });
    try {
      const next = await client.get(`/v1/responses/${now.id}`, responseObject);
      // News come in bursts: look again soon after some, and less often the longer there are none.
      pause = next.output.length > now.output.length ? FIRST_LOOK_MS : Math.min(SLOWEST_LOOK_MS, pause * 1.2);
      now = next;
      awaySince = undefined;
      onChange(now);
    } catch (error) {
      awaySince ??= Date.now();
      if (!mayPass(error) || Date.now() - awaySince > AWAY_MS) throw error;
    }
  }
  return now;
}

/** Puts the table of routes onto Fastify: keys, limits, ids, metrics and the one shape of errors. */
import { randomBytes } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { z } from 'zod';
import { CotaError } from '../../shared/errors.ts';
import { parseStrictly } from '../../shared/request/issues.ts';
import { metrics } from '../../shared/telemetry.ts';
import { openAtOnce } from './at-once.ts';
import { audited, openRefusals, type Refused } from './audited.ts';
import { LimitReached, openDoor } from './door.ts';
import type { ApiParts, ApiReply, ApiRequest, Caller, Route } from './http.ts';
import { errorReply } from './http-errors.ts';
import { parseJson } from './json.ts';
import { limitBodyTime } from './slow-body.ts';
import { acceptUploads, isMultipart, uploadParts } from './uploads.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const NO_QUERY = z.strictObject({});
/** Bodies of one tenant that may be in memory at a time, were they all as large as they may be. */
const BODIES_AT_ONCE = 16;

/**
 * @param apiKey the key of the settings, which may do everything; the others are tenants' own
 * @returns a server that is not listening yet
 */
export function openServer(parts: ApiParts, routes: readonly Route[], apiKey: string): FastifyInstance {
  const { log, lifecycle, env } = parts;
  const app = fastify({
    logger: false,
    bodyLimit: env.COTA_BODY_LIMIT_BYTES,
    // Bodies have their limits one by one: an upload may take long.
    requestTimeout: 0,
    trustProxy: env.COTA_TRUSTED_PROXIES.length > 0 ? env.COTA_TRUSTED_PROXIES : false,
    // While it stops, this server answers in its own words, below.
    return503OnClosing: false,
    genReqId: () => `req_${randomBytes(12).toString('hex')}`,
    routerOptions: { maxParamLength: 400, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    clientErrorHandler: (error, socket) => {
      if (!socket.writable || error.code === 'ECONNRESET') return;
      endSocket(socket, new CotaError('invalid_request', 'This is not an HTTP request that can be read.'));
    },
  });
  const door = openDoor(parts, apiKey);
  const atOnce = openAtOnce(env.COTA_QUOTA_REQUESTS_AT_ONCE, BODIES_AT_ONCE * env.COTA_BODY_LIMIT_BYTES);
  const refusals = openRefusals(parts.tenancy.audit);
  const visits = new WeakMap<FastifyRequest, Visit>();
  const byMethod = new Map(routes.map((route) => [`${route.method} ${urlOf(route)}`, route]));
  const open = new Set(routes.filter((route) => route.open).map((route) => urlOf(route)));
  const routeOf = ({ method, routeOptions }: FastifyRequest): Route | undefined =>
    byMethod.get(`${method === 'HEAD' ? 'GET' : method} ${routeOptions.url}`);

  function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { status, headers, body } = errorReply(thrown, request.id);
    if (thrown instanceof LimitReached) reply.headers(thrown.headers);
    const facts = { requestId: request.id, path: pathOf(request) };
    // An outage is one event, however many requests meet it: its stacks would bury what is our own fault.
    if (status === 503) log.warn({ ...facts, reason: thrown instanceof Error ? thrown.message : thrown }, 'not now');
    else if (status >= 500) log.error({ ...facts, error: thrown }, 'request failed');
    return reply.code(status).headers(headers).header('x-request-id', request.id).send(body);
  }

  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    parseJson(body),
  );
  app.setErrorHandler(async (thrown, request, reply) => {
    if (codeOf(thrown) === TOO_LARGE || isMultipart(request)) {
      await readOn(request.raw, isMultipart(request) ? 2 * env.COTA_FILE_BYTES : MOST_READ_ON_BYTES);
      // A client that still sends when the connection is closed sees no answer.
      if (request.raw.complete) reply.removeHeader('connection');
      else reply.header('connection', 'close');
    }
    const visit = visits.get(request);
    if (visit && !visit.handled) {
      const outcome = errorReply(thrown, request.id).body.error.code;
      await refusals.write(routeOf(request), whoAsks(request, visit.caller), outcome);
    }
    return sendError(thrown, request, reply);
  });
  app.setNotFoundHandler((request, reply) =>
    sendError(
      new CotaError('not_found', `There is no ${request.method} ${pathOf(request)}: GET / lists what there is.`),
      request,
      reply,
    ),
  );
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    // Before anything is waited for: a client that leaves meanwhile is heard of only once.
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const visit: Visit = { signal: gone.signal, caller: undefined, handled: false };
    visits.set(request, visit);
    if (!isMultipart(request)) limitBodyTime(request, reply, () => endSocket(request.raw.socket, tooSlow()));
    const url = request.routeOptions.url;
    if (request.is404 || (url !== undefined && open.has(url))) return;
    if (lifecycle.stopping) {
      throw new CotaError('overloaded', 'This process is about to stop: try again.', { retryAfterMs: 1_000 });
    }
    const { authorization, 'idempotency-key': again } = request.headers;
    const caller = await door.callerOf(authorization);
    visit.caller = caller;
    reply.headers(await door.enter({ caller, route: routeOf(request), retry: again !== undefined }));
    if (gone.signal.aborted) throw new CotaError('request_timeout', 'The client left before it could be answered.');
    reply.raw.once('close', atOnce.take(caller.tenant, bytesHeld(request, env.COTA_BODY_LIMIT_BYTES)));
  });
  app.addHook('onSend', async (_request, reply) => {
    // A connection that is kept alive would keep a stopping server open.
    if (lifecycle.stopping) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const ms = reply.elapsedTime;
    metrics.http.observe({ method: request.method, route, status: reply.statusCode }, ms / 1000);
    const facts = {
      requestId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(ms),
    };
    log[open.has(route) ? 'debug' : 'info'](facts, 'request');
  });

  const add = (scope: FastifyInstance, route: Route): void => {
    const handler = audited(route);
    scope.route({
      method: route.method,
      url: urlOf(route),
      handler: async (request, reply) => {
        const query = route.open ? {} : parseStrictly(route.schema?.query ?? NO_QUERY, request.query);
        const visit = visits.get(request);
        if (!visit) throw new Error('a request that did not come through the door');
        visit.handled = true;
        return send(reply, await handler(read(request, visit, query), parts));
      },
    });
  };
  for (const route of routes.filter((one) => !one.multipart)) add(app, route);
  app.register(async (scope) => {
    await acceptUploads(scope);
    for (const route of routes.filter((one) => one.multipart)) add(scope, route);
  });
  for (const url of new Set(routes.map(urlOf))) {
    const allowed = routes.filter((route) => urlOf(route) === url).map((route) => route.method);
    app.route({
      method: METHODS.filter((method) => !allowed.some((known) => known === method)),
      url,
      handler: async (request, reply) => {
        reply.header('allow', allowed.join(', '));
        throw new CotaError(
          'method_not_allowed',
          `${request.method} is not for this path: it takes ${allowed.join(', ')}.`,
        );
      },
    });
  }
  return app;
}

/** For what went wrong below the framework: answers in its own words and hangs up. */
function endSocket(socket: Duplex, thrown: CotaError): void {
  const { status, body } = errorReply(thrown, '');
  const text = JSON.stringify(body);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json`;
  socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`);
}
const tooSlow = (): CotaError =>
  new CotaError('request_timeout', 'The body did not come to its end in time: send it faster, or less of it.');

const TOO_LARGE = 'FST_ERR_CTP_BODY_TOO_LARGE';
const codeOf = (thrown: unknown): unknown => (thrown instanceof Error && 'code' in thrown ? thrown.code : undefined);
/** What is read and thrown away of a body that is too large, so that its sender gets to see the answer. */
const MOST_READ_ON_BYTES = 64 * 1024 * 1024;
const LONGEST_READ_ON_MS = 10_000;

/** Resolves when the body has been sent, is far too large, or takes too long. */
function readOn(body: IncomingMessage, most: number): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const timer = setTimeout(resolve, LONGEST_READ_ON_MS);
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > most) resolve();
    });
    for (const end of ['end', 'close', 'error']) body.once(end, () => resolve());
    if (body.complete || body.destroyed) resolve();
    body.resume();
    timer.unref();
  });
}

/** `/v1/runs/{id}/trace` -> `/v1/runs/:id/trace`; `{id...}` -> `*` */
function urlOf(route: Pick<Route, 'path'>): string {
  return route.path.replace(/\{\w+\.\.\.\}/, '*').replace(/\{(\w+)\}/g, ':$1');
}

const pathOf = (request: FastifyRequest): string => (request.url.split('?', 1)[0] ?? '').slice(0, 100);

/** Bytes of the body that will be in memory at once; other kinds of bodies are streamed. */
function bytesHeld({ headers }: FastifyRequest, limit: number): number {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) return 0;
  const length = headers['content-length'];
  return length === undefined ? limit : Math.min(limit, Number(length) || 0);
}

/** What this server knows of a request that is under way. */
interface Visit {
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** undefined until its key is known, and on open routes. */
  caller: Caller | undefined;
  /** Its handler has it: what becomes of it now is the handler's to tell. */
  handled: boolean;
}

function read(request: FastifyRequest, visit: Visit, query: Readonly<Record<string, unknown>>): ApiRequest {
  const { caller, signal } = visit;
  return {
    ...whoAsks(request, caller),
    tenant: caller?.tenant ?? '',
    headers: request.headers,
    query,
    body: request.body,
    parts: () => uploadParts(request),
    url: request.url,
    signal,
  };
}

function whoAsks(request: FastifyRequest, caller: Caller | undefined): Refused {
  const { '*': rest, ...named } = request.params as Record<string, string>;
  return {
    caller,
    ip: request.ip,
    id: request.id,
    params: rest === undefined ? named : { ...named, ['id' in named ? 'name' : 'id']: rest },
  };
}

function send(reply: FastifyReply, { status = 200, headers = {}, body }: ApiReply): FastifyReply {
  reply.code(status).headers(headers);
  if (body instanceof Readable || typeof body === 'string') return reply.send(body);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/** Puts the table of routes onto Fastify: keys, limits, ids, metrics and the one shape of errors. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { z } from 'zod';
import { CotaError } from '../../shared/errors.ts';
import { parseStrictly } from '../../shared/request/issues.ts';
import { metrics } from '../../shared/telemetry.ts';
import { createAuth } from './auth.ts';
import type { ApiParts, ApiReply, ApiRequest, Route } from './http.ts';
import { errorReply } from './http-errors.ts';
import { parseJson } from './json.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
/** Time for a client to send its whole request: 20 MB at 1.4 Mbit/s. */
const REQUEST_TIMEOUT_MS = 120_000;
const NO_QUERY = z.strictObject({});

/**
 * @param apiKey the key that every route but the open ones asks for
 * @returns a server that is not listening yet
 */
export function openServer(parts: ApiParts, routes: readonly Route[], apiKey: string): FastifyInstance {
  const { log, lifecycle, env } = parts;
  const app = fastify({
    logger: false,
    bodyLimit: env.COTA_BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // While it stops, this server answers in its own words, below.
    return503OnClosing: false,
    genReqId: () => `req_${randomBytes(12).toString('hex')}`,
    routerOptions: { maxParamLength: 400, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    clientErrorHandler: (error, socket) => {
      if (!socket.writable || error.code === 'ECONNRESET') return;
      const thrown = new CotaError('invalid_request', 'This is not an HTTP request that can be read.');
      const text = JSON.stringify(errorReply(thrown, '').body);
      const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}`;
      socket.end(`${head}\r\nConnection: close\r\n\r\n${text}`);
    },
  });
  const authorise = createAuth(apiKey);
  const tenants = new WeakMap<FastifyRequest, string>();
  const open = new Set(routes.filter((route) => route.open).map((route) => urlOf(route)));

  function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { status, headers, body } = errorReply(thrown, request.id);
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
    if (codeOf(thrown) === TOO_LARGE) {
      await readOn(request.raw);
      // The framework closes the connection instead; a client that still sends then sees no answer.
      if (request.raw.complete) reply.removeHeader('connection');
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
    const url = request.routeOptions.url;
    if (request.is404 || (url !== undefined && open.has(url))) return;
    if (lifecycle.stopping) {
      throw new CotaError('overloaded', 'This process is about to stop: try again.', { retryAfterMs: 1_000 });
    }
    tenants.set(request, authorise(request.headers.authorization));
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

  for (const route of routes) {
    app.route({
      method: route.method,
      url: urlOf(route),
      handler: async (request, reply) => {
        if (!route.open) parseStrictly(route.schema?.query ?? NO_QUERY, request.query);
        return send(reply, await route.handler(read(request, reply, tenants.get(request) ?? ''), parts));
      },
    });
  }
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

const TOO_LARGE = 'FST_ERR_CTP_BODY_TOO_LARGE';
const codeOf = (thrown: unknown): unknown => (thrown instanceof Error && 'code' in thrown ? thrown.code : undefined);
/** What is read and thrown away of a body that is too large, so that its sender gets to see the answer. */
const MOST_READ_ON_BYTES = 64 * 1024 * 1024;
const LONGEST_READ_ON_MS = 10_000;

/** Resolves when the body has been sent, is far too large, or takes too long. */
function readOn(body: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const timer = setTimeout(resolve, LONGEST_READ_ON_MS);
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_READ_ON_BYTES) resolve();
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

function read(request: FastifyRequest, reply: FastifyReply, tenant: string): ApiRequest {
  const gone = new AbortController();
  reply.raw.on('close', () => gone.abort());
  const { '*': rest, ...named } = request.params as Record<string, string>;
  return {
    tenant,
    params: rest === undefined ? named : { ...named, id: rest },
    headers: request.headers,
    body: request.body,
    url: request.url,
    signal: gone.signal,
  };
}

function send(reply: FastifyReply, { status = 200, headers = {}, body }: ApiReply): FastifyReply {
  reply.code(status).headers(headers);
  if (body instanceof Readable || typeof body === 'string') return reply.send(body);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}

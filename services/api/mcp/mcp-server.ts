/** The MCP server that one request meets: it holds nothing between two of them. */
import {
  type CallToolResult,
  createMcpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { jsonObject } from '../../../shared/contract.ts';
import { CotaError, codeOf, ruleOf } from '../../../shared/errors.ts';
import { callableTool, callableTools, giveUp, resultOf, submitCall, whenCalled } from '../calls.ts';
import type { ApiParts, ApiRequest } from '../http.ts';
import { errorReply } from '../http-errors.ts';
import { callToolResult, failure } from './call-result.ts';
import { bringsPictures, IMAGES, mcpToolOf } from './tool-list.ts';

const INSTRUCTIONS =
  'Tools that look at pictures and calculate. Pictures are sent along as "images" and named image-0, image-1, ... in the other arguments; boxes are [left, top, right, bottom] as fractions of the picture.';

/** How often a client that wants to hear of progress hears that the call is still under way. */
const PROGRESS_MS = 5_000;

/**
 * Answers one request of either era of the protocol: 2026-07-28, or the earlier ones that begin with `initialize`.
 * @throws nothing of its own: what goes wrong is in the answer
 */
export async function answerMcp(request: ApiRequest, parts: ApiParts, version: string): Promise<Response> {
  const handler = createMcpHandler(() => serverFor(request, parts, version), {
    onerror: (error) => parts.log.debug({ requestId: request.id, error }, 'an MCP request was refused'),
  });
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, [value].flat().join(', ')]],
  );
  const { signal } = request;
  const asked = new Request(`http://cota${request.url}`, { method: 'POST', headers, signal });
  return handler.fetch(asked, { parsedBody: request.body });
}

function serverFor(request: ApiRequest, parts: ApiParts, version: string): Server {
  const server = new Server({ name: 'cota', version }, { capabilities: { tools: {} }, instructions: INSTRUCTIONS });
  server.setRequestHandler('tools/list', () => ({ tools: callableTools(parts.fleet).map(mcpToolOf) }));
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    try {
      return await call(params.name, params.arguments ?? {}, { request, parts, context });
    } catch (error) {
      return answerTo(error, request, parts);
    }
  });
  return server;
}

interface Calling {
  readonly request: ApiRequest;
  readonly parts: ApiParts;
  readonly context: ServerContext;
}

async function call(name: string, given: Record<string, unknown>, calling: Calling): Promise<CallToolResult> {
  const { request, parts, context } = calling;
  const { tenant } = request;
  const spec = callableTool(name, parts.fleet);
  const { [IMAGES]: images, ...others } = given;
  const pictures = bringsPictures(spec);
  const run = await submitCall(parts, {
    ...{ tenant, name, arguments: jsonObject.parse(pictures ? others : given) },
    images: pictures ? picturesIn(images) : [],
    priority: 'interactive',
  });
  const signal = AbortSignal.any([request.signal, context.mcpReq.signal]);
  const stopTelling = tellProgress(context);
  const waited = whenCalled(parts, run, { tenant, waitMs: parts.env.COTA_CHAT_WAIT_MS, signal });
  const ended = await waited.finally(stopTelling);
  const came = resultOf(ended);
  if (came.is !== 'under_way') {
    return callToolResult(came, { objects: parts.objects, baseUrl: parts.env.COTA_PUBLIC_URL ?? '' });
  }
  // Nobody can come back for it.
  if (!signal.aborted) await giveUp(parts, tenant, run.id);
  if (parts.waits.released) throw new CotaError('overloaded', 'This process is about to stop: call again.');
  return failure('wait_exceeded', `${name} took too long: the call was cancelled. Try something smaller.`);
}

/** @throws CotaError */
function picturesIn(images: unknown): string[] {
  if (images === undefined || images === null) return [];
  const list = typeof images === 'string' ? [images] : images;
  if (Array.isArray(list) && list.every((image) => typeof image === 'string')) return list;
  throw new CotaError('invalid_type', `"${IMAGES}" must be a list of texts: URLs, data URLs or ids of files.`);
}

function tellProgress({ mcpReq }: ServerContext): () => void {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  const began = performance.now();
  const tell = (): void => {
    const progress = Math.round((performance.now() - began) / 1000);
    const message = `under way for ${progress} s`;
    mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, message } }).catch(() => {
      // Whoever is gone hears nothing; that the call ends then is heard from the signal.
    });
  };
  const timer = setInterval(tell, PROGRESS_MS);
  return () => clearInterval(timer);
}

/** What is wrong with a call is a result that a model can read and mend; the rest is an error of the protocol. */
function answerTo(error: unknown, request: ApiRequest, parts: ApiParts): CallToolResult {
  const { body } = errorReply(error, request.id);
  const { message, code } = body.error;
  const { http } = ruleOf(codeOf(error));
  if (code === 'not_found') throw new ProtocolError(ProtocolErrorCode.InvalidParams, message, { code });
  if (code === 'tool_away' || (http < 500 && http !== 429)) return failure(code, message);
  if (!(error instanceof CotaError)) parts.log.error({ requestId: request.id, error }, 'an MCP call broke');
  throw new ProtocolError(ProtocolErrorCode.InternalError, message, { code });
}

/** /v1/tools/{name}/calls: one tool, called without a model. */
import { z } from 'zod';
import { jsonObject } from '../../../shared/contract.ts';
import { responseIdOf } from '../../../shared/keys.ts';
import { parseStrictly } from '../../../shared/request/issues.ts';
import { vendorFacts } from '../../../shared/response/schema.ts';
import { type RunView, responseOf, statusOf } from '../../../shared/response.ts';
import { callStep } from '../../../shared/run/call.ts';
import { resultOf, submitCall, whenCalled } from '../calls.ts';
import type { ApiParts, Handler } from '../http.ts';
import { idempotencyKey } from '../idempotency-key.ts';

export const createCallRequest = z.strictObject({
  arguments: jsonObject
    .default({})
    .describe('As GET /v1/tools describes them; images by the names image-0, image-1, ...'),
  images: z
    .array(z.string(), { error: 'images is a list of texts: https URLs, data URLs with base64, s3 URLs or file ids.' })
    .default([])
    .describe('https URLs, data URLs with base64, s3 URLs or file ids: image-0, image-1, ... of the arguments.'),
  background: z.boolean().default(false).describe('true: the answer comes at once, and the call goes on.'),
  priority: z.enum(['interactive', 'batch']).default('interactive'),
});

export const toolCallObject = z.strictObject({
  id: z.string().describe('Of the run: its trace and the rest are found by it.'),
  object: z.literal('tool.call'),
  response_id: z.string().describe('GET /v1/responses/{id} looks at a call that is under way.'),
  tool: z.string(),
  tool_version: z.string().nullable(),
  status: z.enum(['queued', 'in_progress', 'completed', 'failed', 'cancelled', 'incomplete']),
  result: jsonObject.nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable().describe('The tool could not do it.'),
  images: vendorFacts.shape.images.describe('Those that came with the call, then those that the tool made.'),
  cached: z.boolean(),
  tool_ms: z.number(),
});

export const createCall: Handler = async (request, parts) => {
  const body = parseStrictly(createCallRequest, request.body ?? {});
  const { tenant, params, signal } = request;
  const key = idempotencyKey(request);
  const name = params.name ?? '';
  const run = await submitCall(parts, {
    ...{ tenant, name, arguments: body.arguments, images: body.images, priority: body.priority },
    ...(key === undefined ? {} : { idempotency: { key, body: { name, body: request.body } } }),
  });
  if (body.background) return { body: present(run, name, parts) };
  const patient = { tenant, waitMs: parts.env.COTA_WAIT_MS, signal };
  // With a key somebody may come for the result, so the call goes on without its client.
  const ended = await whenCalled(parts, run, key === undefined ? patient : { ...patient, signal: NEVER });
  return { body: present(ended, name, parts) };
};

const NEVER = new AbortController().signal;

function present(run: RunView, tool: string, { env }: ApiParts): z.infer<typeof toolCallObject> {
  const step = callStep(run);
  const came = resultOf(run);
  return {
    id: run.id,
    object: 'tool.call',
    response_id: responseIdOf(run.id),
    tool,
    tool_version: step?.toolVersion ?? null,
    status: statusOf(run),
    result: came.is === 'done' ? came.result : null,
    error: came.is === 'failed' ? { code: came.code, message: came.message } : null,
    images: responseOf(run, env.COTA_PUBLIC_URL ?? '').cota.images,
    cached: step?.cached ?? false,
    tool_ms: step?.toolMs ?? 0,
  };
}

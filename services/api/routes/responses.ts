/** Responses, and what their runs leave behind: traces and images. */
import { z } from 'zod';
import { requestFields } from '../../../shared/request/fields.ts';
import { createRequest } from '../../../shared/request/schema.ts';
import { responseObject } from '../../../shared/response/schema.ts';
import { trace } from '../../../shared/run/trace.ts';
import { getArtifact, getTrace } from '../handlers/objects.ts';
import { cancelResponse, createResponse, deleteResponse, getResponse } from '../handlers/responses.ts';
import type { RouteGroup } from '../http.ts';

const deleted = z.strictObject({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) });
const flag = z.enum(['true', 'false'], { error: 'It may be "true" or "false".' });
/** As OpenAI's; texts, since a query has nothing else. */
const retrieveQuery = z
  .strictObject({
    stream: flag.optional().describe('true: the events of the response, from the first one on.'),
    starting_after: z
      .string()
      .regex(/^\d{1,9}$/, { error: 'starting_after is the sequence_number of an event: a whole number.' })
      .optional()
      .describe('With stream=true: only the events after the one of this number.'),
    include_obfuscation: z.literal('false', { error: requestFields.stream_options.says }).optional(),
  })
  .refine((query) => query.stream === 'true' || query.starting_after === undefined, {
    path: ['starting_after'],
    error: 'starting_after goes with stream=true.',
  });

export const responses: RouteGroup = {
  title: 'Responses',
  routes: [
    {
      method: 'POST',
      path: '/v1/responses',
      opensRun: true,
      handler: createResponse,
      summary: 'Ask a question about images. Waits for the answer, or returns at once with background: true.',
      errors: [
        'model_not_found',
        'unknown_tool',
        'unsupported_parameter',
        'invalid_image_url',
        'idempotency_key_reused',
      ],
      example: { input: 'What is 3 + 4?', background: true },
      schema: { body: createRequest, reply: responseObject, events: 'text' },
    },
    {
      method: 'GET',
      path: '/v1/responses/{id}',
      handler: getResponse,
      summary: 'The response as it is now, with the steps so far; with stream=true, its events.',
      schema: { query: retrieveQuery, reply: responseObject, events: 'text' },
    },
    {
      method: 'POST',
      path: '/v1/responses/{id}/cancel',
      handler: cancelResponse,
      summary: 'End the run at once. A response that has ended is returned as it is.',
      schema: { reply: responseObject },
    },
    {
      method: 'DELETE',
      path: '/v1/responses/{id}',
      handler: deleteResponse,
      summary: 'Remove the response with its trace and images; a run that is alive is cancelled.',
      schema: { reply: deleted },
    },
    {
      method: 'GET',
      path: '/v1/runs/{id}/trace',
      handler: getTrace,
      summary: 'The whole of an ended run as one document: question, images, steps with times and tokens, answer.',
      errors: ['still_running'],
      schema: { reply: trace },
    },
    {
      method: 'GET',
      path: '/v1/artifacts/{sha256}',
      handler: getArtifact,
      summary: 'An image by the SHA-256 of its bytes, or by its file_id.',
      schema: { produces: 'application/octet-stream' },
    },
  ],
  names: { CreateResponse: createRequest, Response: responseObject, Trace: trace },
};

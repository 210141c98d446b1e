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
const retrieveQuery = z.strictObject({
  stream: z.literal('false', { error: requestFields.stream.says }).optional(),
});

export const responses: RouteGroup = {
  routes: [
    {
      method: 'POST',
      path: '/v1/responses',
      handler: createResponse,
      summary: 'Ask a question about images. Waits for the answer, or returns at once with background: true.',
      schema: { body: createRequest, reply: responseObject },
    },
    {
      method: 'GET',
      path: '/v1/responses/{id}',
      handler: getResponse,
      summary: 'The response as it is now, with the steps so far.',
      schema: { query: retrieveQuery, reply: responseObject },
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

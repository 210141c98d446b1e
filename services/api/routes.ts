/** All that this API serves, one row each; /openapi.json and the page at / are made from the same rows. */
import { z } from 'zod';
import { LINK_PATH } from '../../shared/object-store.ts';
import { requestFields } from '../../shared/request/fields.ts';
import { createRequest } from '../../shared/request/schema.ts';
import { responseObject } from '../../shared/response/schema.ts';
import { trace } from '../../shared/trace.ts';
import { aboutRoutes } from './handlers/about.ts';
import { getMetrics, livez, readyz } from './handlers/health.ts';
import { getModel, listModels, listTools, modelList, modelObject, toolList } from './handlers/models.ts';
import { getArtifact, getLinked, getTrace } from './handlers/objects.ts';
import { cancelResponse, createResponse, deleteResponse, getResponse } from './handlers/responses.ts';
import type { Route } from './http.ts';

const deleted = z.strictObject({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) });
const retrieveQuery = z.strictObject({
  stream: z.literal('false', { error: requestFields.stream.says }).optional(),
});
const OCTETS = { produces: 'application/octet-stream' };
const TEXT = { produces: 'text/plain' };

const routes: readonly Route[] = [
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
    path: '/v1/models',
    handler: listModels,
    summary: 'The models, and whether workers serve them now.',
    schema: { reply: modelList },
  },
  {
    method: 'GET',
    path: '/v1/models/{id...}',
    handler: getModel,
    summary: 'One model.',
    schema: { reply: modelObject },
  },
  {
    method: 'GET',
    path: '/v1/tools',
    handler: listTools,
    summary: 'The tools, and whether workers carry them out now.',
    schema: { reply: toolList },
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
    schema: OCTETS,
  },
  {
    method: 'GET',
    path: `${LINK_PATH}{key...}`,
    handler: getLinked,
    summary: 'Opens a signed link until it expires.',
    open: true,
    schema: OCTETS,
  },
  {
    method: 'GET',
    path: '/livez',
    handler: livez,
    summary: 'The process answers, and a restart would not help it.',
    open: true,
    schema: TEXT,
  },
  {
    method: 'GET',
    path: '/readyz',
    handler: readyz,
    summary: 'Redis and the object store are there, and this process is not about to stop.',
    open: true,
    schema: TEXT,
  },
  { method: 'GET', path: '/metrics', handler: getMetrics, summary: 'For Prometheus.', open: true, schema: TEXT },
];

/** Schemas that /openapi.json describes once, by their names. */
const names = {
  CreateResponse: createRequest,
  Response: responseObject,
  Model: modelObject,
  ModelList: modelList,
  ToolList: toolList,
  Trace: trace,
};

/** @param version of this package, for /openapi.json and the page at / */
export function allRoutes(version: string): readonly Route[] {
  return [...routes, ...aboutRoutes(routes, names, version)];
}

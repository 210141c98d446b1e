/** What the cluster is made of and how it feels: models, tools, health, metrics, signed links. */
import { LINK_PATH } from '../../../shared/object-store.ts';
import { getMetrics, livez, readyz } from '../handlers/health.ts';
import {
  deletedModel,
  deleteModel,
  deleteModelQuery,
  getModel,
  listModels,
  listTools,
  modelList,
  modelObject,
  shareModel,
  shareModelBody,
  toolList,
} from '../handlers/models.ts';
import { getLinked } from '../handlers/objects.ts';
import type { RouteGroup } from '../http.ts';

const TEXT = { produces: 'text/plain' };

export const cluster: RouteGroup = {
  title: 'The cluster',
  routes: [
    {
      method: 'GET',
      path: '/v1/models',
      handler: listModels,
      scope: 'any',
      summary: 'The models, and whether workers serve them now.',
      schema: { reply: modelList },
    },
    {
      method: 'GET',
      path: '/v1/models/{id...}',
      handler: getModel,
      scope: 'any',
      summary: 'One model.',
      schema: { reply: modelObject },
    },
    {
      method: 'DELETE',
      path: '/v1/models/{id...}',
      handler: deleteModel,
      audit: 'model.delete',
      errors: ['model_not_found', 'model_in_use'],
      summary: 'Delete a model that this tenant has trained, with its weights.',
      schema: { query: deleteModelQuery, reply: deletedModel },
    },
    {
      method: 'POST',
      path: '/v1/models/{id...}',
      handler: shareModel,
      scope: 'admin',
      audit: 'model.share',
      errors: ['model_not_found'],
      summary: 'Let every tenant use a trained model, or only its own again.',
      schema: { body: shareModelBody, reply: modelObject },
    },
    {
      method: 'GET',
      path: '/v1/tools',
      handler: listTools,
      scope: 'any',
      summary: 'The tools, and whether workers carry them out now.',
      schema: { reply: toolList },
    },
    {
      method: 'GET',
      path: `${LINK_PATH}{key...}`,
      handler: getLinked,
      summary: 'Opens a signed link until it expires.',
      open: true,
      schema: { produces: 'application/octet-stream' },
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
  ],
  names: { Model: modelObject, ModelList: modelList, ShareModel: shareModelBody, ToolList: toolList },
};

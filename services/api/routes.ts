/** All that this API serves; /openapi.json and the pages at / and /docs are made from the same rows. */
import { about } from './handlers/about.ts';
import type { Route } from './http.ts';
import { batches } from './routes/batches.ts';
import { chat } from './routes/chat.ts';
import { cluster } from './routes/cluster.ts';
import { data } from './routes/data.ts';
import { files } from './routes/files.ts';
import { fineTuning } from './routes/fine-tuning.ts';
import { responses } from './routes/responses.ts';
import { runs } from './routes/runs.ts';
import { tenants } from './routes/tenants.ts';
import { tools } from './routes/tools.ts';
import { webhooks } from './routes/webhooks.ts';

/** In the order in which they are described. */
const groups = [responses, chat, runs, tools, files, batches, data, fineTuning, webhooks, tenants, cluster];

/** @param version of this package, for what the API says about itself */
export function allRoutes(version: string): readonly Route[] {
  return [...groups, about(groups, version)].flatMap((group) => group.routes);
}

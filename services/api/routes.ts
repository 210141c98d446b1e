/** All that this API serves; /openapi.json and the page at / are made from the same rows. */
import { aboutRoutes } from './handlers/about.ts';
import type { Route } from './http.ts';
import { cluster } from './routes/cluster.ts';
import { responses } from './routes/responses.ts';

/** In the order in which they are described. */
const groups = [responses, cluster];

/** @param version of this package, for /openapi.json and the page at / */
export function allRoutes(version: string): readonly Route[] {
  const routes = groups.flatMap((group) => group.routes);
  const names = Object.assign({}, ...groups.map((group) => group.names));
  return [...routes, ...aboutRoutes(routes, names, version)];
}

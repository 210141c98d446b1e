/** What the audit is to know of: each request to such a route leaves a line, whatever came of it. */
import { LRUCache } from 'lru-cache';
import type { JsonObject } from '../../shared/contract.ts';
import { codeOf } from '../../shared/errors.ts';
import type { Audit } from '../../shared/tenants/audit.ts';
import type { ApiRequest, Handler, Route } from './http.ts';

/** Wraps the handler of a route: a line for each request that came so far. */
export function audited(route: Route): Handler {
  const { audit: action, handler } = route;
  if (action === undefined) return handler;
  return async (request, parts) => {
    const line = lineOf(action, request);
    const { audit } = parts.tenancy;
    try {
      const reply = await handler(request, parts);
      const details = reply.audit?.details;
      await audit.write({
        ...{ ...line, target: reply.audit?.target ?? line.target, outcome: 'ok' },
        ...(details === undefined ? {} : { details: JSON.parse(JSON.stringify(details)) as JsonObject }),
      });
      return reply;
    } catch (error) {
      await audit.write({ ...line, outcome: codeOf(error) });
      throw error;
    }
  };
}

/** What is known of a request that was refused before its handler saw it. */
export type Refused = Pick<ApiRequest, 'caller' | 'ip' | 'id' | 'params'>;

export interface Refusals {
  /** @param outcome code of the error that it was answered with */
  write(route: Route | undefined, request: Refused, outcome: string): Promise<void>;
}

/** Lines that the store keeps of one key in an hour, by this process; the others are in the log. */
const KEPT = 100;
const WITHIN_MS = 3_600_000;

/** Lines of refused requests: those of strangers go to the log alone, or they could fill the store. */
export function openRefusals(audit: Audit): Refusals {
  const kept = new LRUCache<string, { lines: number }>({ max: 10_000, ttl: WITHIN_MS });

  function hasRoom(key: string): boolean {
    const own = kept.get(key) ?? { lines: 0 };
    if (own.lines === 0) kept.set(key, own);
    own.lines += 1;
    return own.lines <= KEPT;
  }

  return {
    async write(route, request, outcome) {
      if (route?.audit === undefined) return;
      const line = { ...lineOf(route.audit, request), outcome };
      if (request.caller && hasRoom(request.caller.key)) await audit.write(line);
      else audit.tell(line);
    },
  };
}

const lineOf = (action: string, { caller, ip, id, params }: Refused) => ({
  ...{ action, actor: caller?.key ?? '', actorTenant: caller?.tenant ?? '' },
  // What a client wrote, which may be anything: a name of ours is never longer.
  ...{ target: params.id?.slice(0, 100) ?? null, ip, requestId: id },
});

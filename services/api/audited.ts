/** Wraps the handler of a route that the audit is to know of: each request leaves a line, whatever came of it. */
import type { JsonObject } from '../../shared/contract.ts';
import { codeOf } from '../../shared/errors.ts';
import type { Handler, Route } from './http.ts';

export function audited({ audit: action, handler }: Route): Handler {
  if (action === undefined) return handler;
  return async (request, parts) => {
    const line = {
      ...{ action, actor: request.caller?.key ?? '', actorTenant: request.tenant },
      ...{ ip: request.ip, requestId: request.id },
    };
    // What a client wrote, which may be anything: a name of ours is never longer.
    const target = request.params.id?.slice(0, 100) ?? null;
    const { audit } = parts.tenancy;
    try {
      const reply = await handler(request, parts);
      const details = reply.audit?.details;
      await audit.write({
        ...{ ...line, target: reply.audit?.target ?? target, outcome: 'ok' },
        ...(details === undefined ? {} : { details: JSON.parse(JSON.stringify(details)) as JsonObject }),
      });
      return reply;
    } catch (error) {
      await audit.write({ ...line, target, outcome: codeOf(error) });
      throw error;
    }
  };
}

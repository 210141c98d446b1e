/** `cota webhooks test`, `deliveries` and `redrive`: what was sent to an endpoint. */
import { z } from 'zod';
import { UserError } from '../user-error.ts';
import { findTarget, openClient } from './client.ts';
import { type Arguments, type Command, JSON_OPTION, oneOperand, TARGET_OPTIONS } from './command.ts';
import { LIST_OPTIONS, list, sayMore } from './paging.ts';
import { label } from './show-run.ts';
import { moment, number, paragraph, plural, printJson, say, table } from './terminal.ts';
import { secondsOf } from './units.ts';

export const ENDPOINTS = '/v1/webhook_endpoints';
export const endpointPath = (id: string): string => `${ENDPOINTS}/${encodeURIComponent(id)}`;

const time = z.int().nullable();
const delivery = z.looseObject({
  id: z.string(),
  event_type: z.string(),
  status: z.string(),
  attempts: z.int(),
  created_at: z.int(),
  next_attempt_at: time,
  tries: z.array(
    z.looseObject({
      duration_ms: z.number(),
      status: z.int().nullable(),
      error: z.string().nullable(),
      response: z.string().nullable(),
    }),
  ),
  notice: z.string().optional(),
});
type Delivery = z.infer<typeof delivery>;

export const test: Command = {
  name: 'webhooks test',
  operands: 'ID',
  summary: 'Send an event now and show what the receiver says.',
  about: 'Exit code 0 when it took it, 1 when not.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(test, args);
    const sent = await openClient(findTarget(args)).post(`${endpointPath(id)}/test`, {}, delivery);
    if (args.flag('json')) printJson(sent);
    else printDelivery(sent);
    return sent.status === 'delivered' ? 0 : 1;
  },
};

function printDelivery(one: Delivery): void {
  say(`${label('delivery')}${one.id}`);
  say(`${label('event')}${one.event_type}`);
  const next = one.next_attempt_at === null ? '' : `, tried again ${moment(one.next_attempt_at)}`;
  say(`${label('status')}${one.status} after ${plural(one.attempts, 'try', 'tries')}${next}`);
  const last = one.tries.at(-1);
  if (last) {
    say(
      `${label('receiver')}${last.status === null ? 'gave no answer' : `HTTP ${last.status}`}, ${number(last.duration_ms)} ms`,
    );
    if (last.error !== null) say(paragraph('error', 'red', last.error));
    if (last.response) say(paragraph('said', 'dim', last.response, 5));
  }
  if (one.notice !== undefined) say(paragraph('notice', 'yellow', one.notice));
}

const STATUSES = ['pending', 'delivered', 'failed'];

/** @throws UserError for a status that there is not */
function statusIn(args: Arguments, among: readonly string[]): string | undefined {
  const status = args.text('status');
  if (status === undefined || among.includes(status)) return status;
  throw new UserError(`--status may be ${among.join(', ')}, not "${status}"`);
}

export const deliveries: Command = {
  name: 'webhooks deliveries',
  operands: 'ID',
  summary: 'List what was sent to an endpoint and what became of it, newest first.',
  options: {
    status: { value: 'STATUS', short: 's', help: `only those that are ${STATUSES.join(', ')}` },
    ...LIST_OPTIONS,
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const id = oneOperand(deliveries, args);
    const status = statusIn(args, STATUSES);
    const client = openClient(findTarget(args));
    const found = await list(client, `${endpointPath(id)}/deliveries`, args, delivery, { status });
    if (args.flag('json')) printJson(found.data);
    else if (found.data.length === 0) say('no delivery: nothing has happened that this endpoint asks for');
    else {
      const rows = found.data.map((one) => [
        one.id,
        one.event_type,
        one.status,
        number(one.attempts),
        moment(one.created_at).slice(5),
        one.tries.at(-1)?.error ?? (one.tries.length === 0 ? '-' : `HTTP ${one.tries.at(-1)?.status}`),
      ]);
      say(table(['DELIVERY', 'EVENT', 'STATUS', 'TRIES', 'CREATED', 'RECEIVER'], rows));
      sayMore(found, `webhooks deliveries ${id}`);
    }
    return 0;
  },
};

export const redrive: Command = {
  name: 'webhooks redrive',
  operands: 'ID',
  summary: 'Send again: all failed deliveries of an endpoint, or the one of this id.',
  options: {
    status: { value: 'STATUS', short: 's', help: 'failed (default), or pending: now, instead of when they are due' },
    since: { value: 'TIME', help: 'only those of the last while, such as 12h or 3d' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const id = oneOperand(redrive, args);
    const status = statusIn(args, ['failed', 'pending']);
    const since = args.text('since');
    const client = openClient(findTarget(args));
    if (!id.startsWith('we_')) {
      if (status !== undefined || since !== undefined) {
        throw new UserError(
          '--status and --since choose among deliveries of an endpoint (we_...): this is one delivery',
        );
      }
      const one = await client.post(`/v1/webhook_deliveries/${encodeURIComponent(id)}/redrive`, {}, delivery);
      if (args.flag('json')) printJson(one);
      else printDelivery(one);
      return 0;
    }
    const body = {
      ...(status === undefined ? {} : { status }),
      ...(since === undefined ? {} : { since: Math.floor(Date.now() / 1000) - secondsOf('since', since) }),
    };
    const done = await client.post(`${endpointPath(id)}/redrive`, body, z.looseObject({ count: z.int() }));
    if (args.flag('json')) printJson(done);
    else
      say(
        done.count === 0
          ? 'there was nothing to send again'
          : `sending ${plural(done.count, 'delivery', 'deliveries')} again`,
      );
    return 0;
  },
};

/** `cota webhooks`: where events are sent, and what became of them. */
import { z } from 'zod';
import { EVENT_TYPES } from '../../shared/webhooks/events.ts';
import { UserError } from '../user-error.ts';
import { findTarget, openClient, withPatience } from './client.ts';
import {
  type Arguments,
  type Command,
  type CommandGroup,
  enabledBy,
  JSON_OPTION,
  noOperands,
  type Option,
  oneOperand,
  someChange,
  TARGET_OPTIONS,
} from './command.ts';
import { label } from './show-run.ts';
import { moment, paragraph, plural, printJson, say, table } from './terminal.ts';
import { secondsOf, wordsOf } from './units.ts';
import { deliveries, ENDPOINTS, endpointPath, redrive, test } from './webhook-deliveries.ts';

const time = z.int().nullable();
const endpoint = z.looseObject({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  description: z.string(),
  enabled: z.boolean(),
  disabled_reason: z.string().nullable(),
  secrets: z.array(z.looseObject({ expires_at: time })),
  health: z.looseObject({
    waiting: z.int(),
    failures: z.int(),
    failing_since: time,
    last_delivered_at: time,
  }),
  secret: z.string().optional(),
});
type Endpoint = z.infer<typeof endpoint>;
const FIELDS = {
  events: { value: 'A,B', help: 'types of events (default: all of them)' },
  description: { value: 'TEXT', help: 'for people' },
} as const satisfies Record<string, Option>;
const EVENTS_ABOUT = `Events: ${EVENT_TYPES.slice(0, 4).join(', ')},\n        ${EVENT_TYPES.slice(4).join(', ')}.`;

/** Only what was given. @throws UserError */
function fieldsOf(args: Arguments): Record<string, unknown> {
  const [events, description] = [args.text('events'), args.text('description')];
  return {
    ...(events === undefined ? {} : { events: eventsOf(events) }),
    ...(description === undefined ? {} : { description }),
  };
}

/** @throws UserError for an event that there is not */
function eventsOf(text: string): string[] {
  const events = wordsOf(text).map((word) => (word === 'all' ? '*' : word));
  const known: readonly string[] = ['*', ...EVENT_TYPES];
  const unknown = events.find((event) => !known.includes(event));
  if (unknown === undefined && events.length > 0) return events;
  throw new UserError(`--events takes all, or some of ${EVENT_TYPES.join(', ')}; not "${unknown ?? text}"`);
}

function print(one: Endpoint): void {
  say(`${label('endpoint')}${one.id}`);
  say(`${label('url')}${one.url}`);
  say(`${label('events')}${one.events.includes('*') ? 'all' : one.events.join(', ')}`);
  if (one.description !== '') say(paragraph('description', 'dim', one.description));
  say(paragraph('state', 'dim', stateOf(one)));
  if (one.secret !== undefined) {
    say(`${label('secret')}${one.secret}`);
    say(`${label('')}keep it now: it is not shown again`);
  }
  const old = one.secrets.find(({ expires_at }) => expires_at !== null)?.expires_at;
  if (old != null) say(`${label('')}the secret before it signs too, until ${moment(old)}`);
}

function stateOf({ enabled, disabled_reason, health }: Endpoint): string {
  if (!enabled) return `disabled${disabled_reason === null ? '' : `: ${disabled_reason}`}`;
  const waiting = health.waiting > 0 ? `, ${plural(health.waiting, 'delivery waits', 'deliveries wait')}` : '';
  if (health.failing_since !== null) return `failing since ${moment(health.failing_since)}${waiting}`;
  return `enabled${waiting}`;
}

const createEndpoint: Command = {
  name: 'webhooks create',
  operands: 'URL',
  summary: 'Have events sent to a URL. The secret that signs them is shown once.',
  about: EVENTS_ABOUT,
  options: { ...FIELDS, ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const url = oneOperand(createEndpoint, args);
    // Not tried again: the answer that is lost may have had the only sight of a secret.
    const made = await openClient(findTarget(args)).post(ENDPOINTS, { url, ...fieldsOf(args) }, endpoint);
    if (args.flag('json')) printJson(made);
    else {
      print(made);
      say(`${label('next')}./cota webhooks test ${made.id}`);
    }
    return 0;
  },
};

const listEndpoints: Command = {
  name: 'webhooks list',
  summary: 'List the endpoints and how they fare.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    noOperands(listEndpoints, args);
    const client = openClient(findTarget(args));
    const { data } = await withPatience(() => client.get(ENDPOINTS, z.looseObject({ data: z.array(endpoint) })));
    if (args.flag('json')) printJson(data);
    else if (data.length === 0) say('no endpoint yet: `./cota webhooks create https://...` makes one');
    else {
      const rows = data.map((one) => [
        one.id,
        one.url,
        one.events.includes('*') ? 'all' : one.events.join(', '),
        one.health.last_delivered_at === null ? 'never' : moment(one.health.last_delivered_at),
        stateOf(one),
      ]);
      say(table(['ENDPOINT', 'URL', 'EVENTS', 'LAST DELIVERED', 'STATE'], rows));
    }
    return 0;
  },
};

const set: Command = {
  name: 'webhooks set',
  operands: 'ID',
  summary: 'Change an endpoint, hold it back, or take it up again.',
  about: EVENTS_ABOUT,
  options: {
    to: { value: 'URL', help: 'where events are sent from now on' },
    ...FIELDS,
    disable: { help: 'hold back what is to be sent' },
    enable: { help: 'send again, what waits at once' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const id = oneOperand(set, args);
    const [url, enabled] = [args.text('to'), enabledBy(args)];
    const changes = someChange(set, {
      ...(url === undefined ? {} : { url }),
      ...fieldsOf(args),
      ...(enabled === undefined ? {} : { enabled }),
    });
    const client = openClient(findTarget(args));
    const after = await withPatience(() => client.post(endpointPath(id), changes, endpoint));
    if (args.flag('json')) printJson(after);
    else print(after);
    return 0;
  },
};

const remove: Command = {
  name: 'webhooks delete',
  operands: 'ID',
  summary: 'Remove an endpoint with its deliveries.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(remove, args);
    const gone = await openClient(findTarget(args)).delete(endpointPath(id), z.looseObject({ id: z.string() }));
    if (args.flag('json')) printJson(gone);
    else say(`removed ${gone.id}`);
    return 0;
  },
};

const rotate: Command = {
  name: 'webhooks rotate',
  operands: 'ID',
  summary: 'Make a new secret; the one before it signs beside it for a while.',
  options: {
    'keep-old': { value: 'TIME', help: 'how long the old one signs too, such as 12h, at most 7d (default: 24h)' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const id = oneOperand(rotate, args);
    const keep = args.text('keep-old');
    const body = keep === undefined ? {} : { expire_old_after: secondsOf('keep-old', keep) };
    const after = await openClient(findTarget(args)).post(`${endpointPath(id)}/rotate_secret`, body, endpoint);
    if (args.flag('json')) printJson(after);
    else print(after);
    return 0;
  },
};

export const webhooks: CommandGroup = {
  name: 'webhooks',
  summary: 'Have events sent to your own server, and see what became of them.',
  commands: [createEndpoint, listEndpoints, set, remove, rotate, test, deliveries, redrive],
};

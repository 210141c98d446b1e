/** `cota tenants`: who shares the cluster, and what each may use. */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { UserError } from '../user-error.ts';
import { type Client, findTarget, mayPass, openClient, withPatience } from './client.ts';
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
import { askFor, canAsk } from './confirm.ts';
import { LIST_OPTIONS, list, sayMore } from './paging.ts';
import { openProgress } from './progress.ts';
import { label } from './show-run.ts';
import { moment, number, plural, printJson, say, size, table, warn } from './terminal.ts';
import { bytesOf } from './units.ts';

const own = z.int().nullable();
const use = z.looseObject({ limit: z.int(), used: z.int().nullable() });
const tenant = z.looseObject({
  id: z.string(),
  name: z.string(),
  created_at: z.int(),
  disabled: z.boolean(),
  erasing: z.boolean(),
  quotas: z.looseObject({ requests_per_minute: own, open_runs: own, stored_bytes: own }),
  retention_days: z.looseObject({ runs: own, files: own }),
  usage: z.looseObject({ requests_per_minute: use, open_runs: use, stored_bytes: use }).optional(),
});
type Tenant = z.infer<typeof tenant>;
const erasure = z.looseObject({
  tenant: z.string(),
  status: z.enum(['waiting', 'running', 'done']),
  deleted: z.looseObject({ runs: z.int(), objects: z.int(), bytes: z.int() }),
});
type Erasure = z.infer<typeof erasure>;

const VALUES = 'a number, `unlimited`, or `default`: as the cluster is set';
const CHANGES = {
  name: { value: 'NAME', help: 'for people' },
  'requests-per-minute': { value: 'N', help: VALUES },
  'open-runs': { value: 'N', help: 'runs at a time, lines of batches aside; likewise' },
  'stored-bytes': { value: 'SIZE', help: 'such as 500GB; likewise' },
  'keep-runs': { value: 'DAYS', help: 'days after which runs and batches are deleted; likewise' },
  'keep-files': { value: 'DAYS', help: 'the same for files' },
} as const satisfies Record<string, Option>;

/** Only what was given. @throws UserError */
function changesOf(args: Arguments): Record<string, unknown> {
  const limit = (option: string, read: (text: string) => number): number | null | undefined => {
    const text = args.text(option);
    if (text === undefined) return undefined;
    if (text === 'default') return null;
    return text === 'unlimited' ? 0 : read(text);
  };
  const whole = (option: string): number | null | undefined =>
    limit(option, (text) => {
      if (/^\d{1,15}$/.test(text)) return Number(text);
      throw new UserError(`--${option} takes a whole number, \`unlimited\` or \`default\`, not "${text}"`);
    });
  const quotas = {
    requests_per_minute: whole('requests-per-minute'),
    open_runs: whole('open-runs'),
    stored_bytes: limit('stored-bytes', (text) => bytesOf('stored-bytes', text)),
  };
  const days = { runs: whole('keep-runs'), files: whole('keep-files') };
  const has = (map: object): boolean => Object.values(map).some((value) => value !== undefined);
  const name = args.text('name');
  return {
    ...(name === undefined ? {} : { name }),
    ...(has(quotas) ? { quotas } : {}),
    ...(has(days) ? { retention_days: days } : {}),
  };
}

const listTenants: Command = {
  name: 'tenants list',
  summary: 'List the tenants with their own limits.',
  options: { ...LIST_OPTIONS, ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    noOperands(listTenants, args);
    const found = await list(openClient(findTarget(args)), '/v1/tenants', args, tenant);
    if (args.flag('json')) printJson(found.data);
    else {
      const rows = found.data.map((one) => [
        one.id,
        one.name,
        limitText(one.quotas.requests_per_minute),
        limitText(one.quotas.open_runs),
        limitText(one.quotas.stored_bytes, size),
        limitText(one.retention_days.runs, days),
        limitText(one.retention_days.files, days),
        stateOf(one),
      ]);
      say(table(['ID', 'NAME', 'REQ/MIN', 'OPEN RUNS', 'STORED', 'KEEP RUNS', 'FILES', 'STATE'], rows));
      sayMore(found, 'tenants list');
    }
    return 0;
  },
};

const days = (count: number): string => plural(count, 'day');
/** `-`: as the cluster is set. */
function limitText(value: number | null, words: (value: number) => string = number): string {
  return value === null ? '-' : value === 0 ? 'unlimited' : words(value);
}
const stateOf = ({ erasing, disabled }: Tenant): string => (erasing ? 'erasing' : disabled ? 'disabled' : 'active');

const tenantPath = (id: string): string => `/v1/tenants/${encodeURIComponent(id)}`;

function print(one: Tenant): void {
  say(`${label('tenant')}${one.id}${one.name === one.id ? '' : ` (${one.name})`}, ${stateOf(one)}`);
  say(`${label('made')}${one.created_at === 0 ? 'with the cluster' : moment(one.created_at)}`);
  say(`${label('keeps runs')}${keepText(one.retention_days.runs)}`);
  say(`${label('keeps files')}${keepText(one.retention_days.files)}`);
  if (!one.usage) {
    const { requests_per_minute, open_runs, stored_bytes } = one.quotas;
    say(`${label('requests')}${quotaText(requests_per_minute, (count) => `${number(count)} a minute`)}`);
    say(`${label('open runs')}${quotaText(open_runs)}`);
    say(`${label('stored')}${quotaText(stored_bytes, size)}`);
    return;
  }
  const { requests_per_minute: requests, open_runs: runs, stored_bytes: bytes } = one.usage;
  const row = (what: string, { used, limit }: z.infer<typeof use>, words = number): string[] => {
    const most = limit === 0 ? 'unlimited' : words(limit);
    const share = used === null || limit === 0 ? '-' : `${Math.round((used / limit) * 100)} %`;
    return [what, used === null ? '-' : words(used), most, share];
  };
  const rows = [row('requests a minute', requests), row('open runs', runs), row('stored bytes', bytes, size)];
  say(`\n${table(['QUOTA', 'USED', 'LIMIT', 'SHARE'], rows)}`);
}

const keepText = (value: number | null): string =>
  value === null ? 'as the cluster is set' : value === 0 ? 'for ever' : days(value);
const quotaText = (value: number | null, words: (value: number) => string = number): string =>
  value === null ? 'as the cluster is set' : value === 0 ? 'unlimited' : words(value);

const createTenant: Command = {
  name: 'tenants create',
  operands: 'ID',
  summary: 'Make a tenant. `cota keys create --tenant ID` gives it its keys.',
  about: 'ID has a-z, 0-9 and -, at most 40 characters; it is part of paths in the store and never changes.',
  options: { ...CHANGES, ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const id = oneOperand(createTenant, args);
    const made = await openClient(findTarget(args)).post('/v1/tenants', { id, ...changesOf(args) }, tenant);
    if (args.flag('json')) printJson(made);
    else {
      print(made);
      say(`${label('next')}./cota keys create --name NAME --tenant ${made.id}`);
    }
    return 0;
  },
};

const set: Command = {
  name: 'tenants set',
  operands: 'ID',
  summary: 'Change what a tenant may use and how long it is kept.',
  about: 'What is not named stays as it is. A change holds within two seconds.',
  options: {
    ...CHANGES,
    disable: { help: 'refuse all requests of its keys; its runs go on' },
    enable: { help: 'take its requests again' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    const id = oneOperand(set, args);
    const enabled = enabledBy(args);
    const changes = someChange(set, {
      ...changesOf(args),
      ...(enabled === undefined ? {} : { disabled: !enabled }),
    });
    const client = openClient(findTarget(args));
    const after = await withPatience(() => client.post(tenantPath(id), changes, tenant));
    if (args.flag('json')) printJson(after);
    else print(after);
    return 0;
  },
};

const usage: Command = {
  name: 'tenants usage',
  operands: '[ID]',
  summary: 'Show what a tenant uses of its quotas; without an ID, the one of the key.',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const path = args.operands.length === 0 ? '/v1/tenant' : tenantPath(oneOperand(usage, args));
    const client = openClient(findTarget(args));
    const found = await withPatience(() => client.get(path, tenant));
    if (args.flag('json')) printJson(found);
    else print(found);
    return 0;
  },
};

const ERASE_OPTIONS = {
  yes: { short: 'y', help: 'do not ask for its id first' },
  ...JSON_OPTION,
  ...TARGET_OPTIONS,
} as const;
const ERASE_ABOUT = 'Its requests are refused meanwhile. Ctrl-C leaves it going on; the same command watches it again.';

const deleteData: Command = {
  name: 'tenants delete-data',
  operands: 'ID',
  summary: 'Delete all data of a tenant now: runs, files, batches, webhooks. Its keys stay.',
  about: ERASE_ABOUT,
  options: ERASE_OPTIONS,
  run: (args) => erase(args, oneOperand(deleteData, args), '/data', 'all data'),
};

const deleteTenant: Command = {
  name: 'tenants delete',
  operands: 'ID',
  summary: 'Revoke the keys of a tenant, delete all its data, then the tenant.',
  about: ERASE_ABOUT,
  options: ERASE_OPTIONS,
  run: (args) => erase(args, oneOperand(deleteTenant, args), '', 'the tenant with all keys and data'),
};

async function erase(args: Arguments, id: string, suffix: string, what: string): Promise<number> {
  const client = openClient(findTarget(args));
  if (!args.flag('yes')) {
    if (!canAsk()) throw new UserError(`this deletes ${what} of "${id}" for good: say --yes`);
    const typed = await askFor(`This deletes ${what} of "${id}" for good. Type ${id} to go on: `);
    if (typed !== id) throw new UserError('that is not its id: nothing was deleted', 1);
  }
  const first = await withPatience(() => client.delete(`${tenantPath(id)}${suffix}`, erasure));
  const json = args.flag('json');
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  try {
    const last = await untilDone(client, first, json, interrupted.signal);
    if (json) printJson(last);
    else say(deletedText('deleted', last));
    return 0;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    warn('the deletion goes on by itself');
    return 130;
  }
}

const deletedText = (word: string, { deleted: { runs, objects, bytes } }: Erasure): string =>
  `${word} ${plural(objects, 'object')} (${size(bytes)}) of the store and ${plural(runs, 'run')} in Redis`;

const LOOK_MS = 500;

async function untilDone(client: Client, first: Erasure, json: boolean, signal: AbortSignal): Promise<Erasure> {
  const progress = openProgress(json);
  let now = first;
  try {
    while (now.status !== 'done') {
      progress.show(now.status === 'waiting' ? 'waiting for the scheduler' : deletedText('deleting:', now));
      await sleep(LOOK_MS, undefined, { signal });
      const look = client.get(`${tenantPath(first.tenant)}/data`, erasure);
      now = await look.catch((error: unknown) => (mayPass(error) ? now : Promise.reject(error)));
    }
    return now;
  } finally {
    progress.end();
  }
}

export const tenants: CommandGroup = {
  name: 'tenants',
  summary: 'Make tenants, set what they may use, delete their data.',
  commands: [listTenants, createTenant, set, usage, deleteData, deleteTenant],
};

/** `cota keys`: API keys of tenants. */
import { z } from 'zod';
import { SCOPES, scopeWords } from '../../shared/tenants/scopes.ts';
import { UserError } from '../user-error.ts';
import { findTarget, openClient, withPatience } from './client.ts';
import { type Command, type CommandGroup, JSON_OPTION, noOperands, oneOperand, TARGET_OPTIONS } from './command.ts';
import { LIST_OPTIONS, list, sayMore } from './paging.ts';
import { label } from './show-run.ts';
import { moment, printJson, say, table } from './terminal.ts';
import { secondsOf, wordsOf } from './units.ts';

const time = z.int().nullable();
const apiKey = z.looseObject({
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  created_at: z.int(),
  expires_at: time,
  revoked_at: time,
  last_used_at: time,
});
const madeKey = apiKey.extend({ key: z.string() });

const createKey: Command = {
  name: 'keys create',
  summary: 'Make an API key. It is shown once: only its hash is kept.',
  about: `Scopes:\n${SCOPES.map((scope) => `  ${scope.padEnd(12)}${scopeWords[scope]}`).join('\n')}`,
  options: {
    name: { value: 'NAME', help: 'what it is for, for people' },
    tenant: { value: 'ID', help: 'whose key it is (default: default)' },
    scope: { value: 'A,B', help: 'what it may do (default: runs,webhooks)' },
    expires: { value: 'TIME', help: 'until when: a time from now such as 90d, or a day such as 2030-01-31' },
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    noOperands(createKey, args);
    const name = args.text('name');
    if (name === undefined) throw new UserError('what is the key for? For example: cota keys create --name labelling');
    const [tenant, scope, expires] = [args.text('tenant'), args.text('scope'), args.text('expires')];
    const body = {
      name,
      ...(tenant === undefined ? {} : { tenant }),
      ...(scope === undefined ? {} : { scopes: scopesOf(scope) }),
      ...(expires === undefined ? {} : { expires_at: expiryOf(expires) }),
    };
    // Not tried again: the answer that is lost may have had the only sight of a key.
    const made = await openClient(findTarget(args)).post('/v1/api_keys', body, madeKey);
    if (args.flag('json')) printJson(made);
    else {
      say(`${label('key')}${made.key}`);
      say(`${label('')}keep it now: it is not shown again`);
      say(`${label('id')}${made.id}`);
      say(`${label('tenant')}${made.tenant}`);
      say(`${label('scopes')}${made.scopes.join(', ')}`);
      say(`${label('expires')}${made.expires_at === null ? 'never' : moment(made.expires_at)}`);
    }
    return 0;
  },
};

/** @throws UserError for a scope that there is not */
function scopesOf(text: string): string[] {
  const scopes = wordsOf(text);
  const known: readonly string[] = SCOPES;
  const unknown = scopes.find((scope) => !known.includes(scope));
  if (unknown === undefined && scopes.length > 0) return scopes;
  throw new UserError(`--scope takes ${SCOPES.join(', ')} with commas between them, not "${unknown ?? text}"`);
}

/** @returns Unix seconds. @throws UserError for what is no time, or past */
function expiryOf(text: string): number {
  const now = Math.floor(Date.now() / 1000);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return now + secondsOf('expires', text);
  const day = Date.parse(text) / 1000;
  if (Number.isNaN(day))
    throw new UserError(`--expires takes a time such as 90d or a day such as 2030-01-31, not "${text}"`);
  if (day <= now) throw new UserError(`--expires ${text} is past`);
  return Math.floor(day);
}

const listKeys: Command = {
  name: 'keys list',
  summary: 'List API keys, newest first; never the keys themselves.',
  options: {
    tenant: { value: 'ID', help: 'only those of this tenant' },
    ...LIST_OPTIONS,
    ...JSON_OPTION,
    ...TARGET_OPTIONS,
  },
  async run(args) {
    noOperands(listKeys, args);
    const client = openClient(findTarget(args));
    const found = await list(client, '/v1/api_keys', args, apiKey, { tenant: args.text('tenant') });
    if (args.flag('json')) printJson(found.data);
    else if (found.data.length === 0)
      say('no key but that of the settings: `./cota keys create --name NAME` makes one');
    else {
      const rows = found.data.map((one) => [
        one.id,
        one.tenant,
        one.name,
        one.scopes.join(','),
        one.last_used_at === null ? 'never' : moment(one.last_used_at),
        stateOf(one),
      ]);
      say(table(['ID', 'TENANT', 'NAME', 'SCOPES', 'LAST USED', 'STATE'], rows));
      sayMore(found, 'keys list');
    }
    return 0;
  },
};

function stateOf({ revoked_at, expires_at }: z.infer<typeof apiKey>): string {
  if (revoked_at !== null) return 'revoked';
  if (expires_at === null) return 'valid';
  return expires_at * 1000 < Date.now() ? 'expired' : `until ${moment(expires_at).slice(0, 10)}`;
}

const revoke: Command = {
  name: 'keys revoke',
  operands: 'ID',
  summary: 'Refuse an API key from the next request on.',
  about: 'ID is that of `cota keys list`: what stands in the key between "cota_" and the next "_".',
  options: { ...JSON_OPTION, ...TARGET_OPTIONS },
  async run(args) {
    const word = oneOperand(revoke, args);
    // A whole key does not go into a path, which may be logged.
    const id = /^cota_([0-9a-z]{8})(?:_|$)/.exec(word)?.[1] ?? word;
    if (!/^[0-9a-z]{8}$/.test(id))
      throw new UserError(`"${word.slice(0, 20)}" is no id of a key: \`./cota keys list\``);
    const client = openClient(findTarget(args));
    const after = await withPatience(() => client.delete(`/v1/api_keys/${id}`, apiKey));
    if (args.flag('json')) printJson(after);
    else say(`revoked ${after.id} (${after.name}, tenant ${after.tenant})`);
    return 0;
  },
};

export const keys: CommandGroup = {
  name: 'keys',
  summary: 'Make, list and revoke API keys.',
  commands: [createKey, listKeys, revoke],
};

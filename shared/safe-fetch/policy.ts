/** Which URLs may be fetched, and the sockets that can reach nothing else. */
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { type AllowList, readAllowList, whyNotPublic } from './addresses.ts';
import { FetchRefused } from './errors.ts';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface FetchPolicy {
  /** What operators allow beyond the public internet: address ranges, hosts, origins (see readAllowList). */
  readonly allow?: readonly string[];
  /** Default false: https only. */
  readonly allowHttp?: boolean;
  /** Default: 443, and 80 where http is allowed. */
  readonly ports?: readonly number[];
  /** Looks names up; the system's resolver (hosts file and DNS) when left out. */
  readonly resolve?: (host: string) => Promise<readonly ResolvedAddress[]>;
  /** The variable that operators allow more with, for messages; COTA_FETCH_ALLOW when left out. */
  readonly setting?: string;
  /** Milliseconds for the connection and TLS; default 5,000. */
  readonly connectTimeoutMs?: number;
}

const MAX_URL = 8_192;

/**
 * Makes the check of URLs that needs no network, for an answer at once.
 * @returns the URL as it will be fetched; throws FetchRefused with what to do
 */
export function createUrlCheck(policy: FetchPolicy): (url: string) => URL {
  const allow = readAllowList(policy.allow ?? []);
  const ports = policy.ports ?? (policy.allowHttp === true ? [443, 80] : [443]);
  return (text) => {
    if (text.length > MAX_URL)
      throw new FetchRefused('invalid_url', `The URL has ${text.length} characters; at most ${MAX_URL} are read.`);
    const shown = text.length > 100 ? `${text.slice(0, 100)}...` : text;
    if (!URL.canParse(text))
      throw new FetchRefused(
        'invalid_url',
        `"${shown}" is not a URL. Give a full one, such as https://example.com/name.`,
      );
    const url = new URL(text);
    const schemes = policy.allowHttp === true ? ['https:', 'http:'] : ['https:'];
    if (url.username !== '' || url.password !== '') {
      throw new FetchRefused(
        'invalid_url',
        'URLs with a user name or password are not fetched. Use a signed URL instead.',
      );
    }
    if (allow.allowsOrigin(url)) return url;
    if (!schemes.includes(url.protocol)) {
      throw new FetchRefused(
        'invalid_url',
        `"${url.protocol.slice(0, 20)}" URLs are not fetched here. Use ${schemes.map((s) => `${s}//`).join(' or ')}.` +
          (url.protocol === 'http:' ? ` Operators can allow http with ${httpSetting(policy)}=1.` : ''),
      );
    }
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    if (!ports.includes(port))
      throw new FetchRefused('not_allowed', `Port ${port} is not fetched from. Use ${ports.join(' or ')}.`);
    const host = hostOf(url.hostname);
    if (allow.allowsHost(host)) return url;
    if (isIP(host) !== 0) assertAddress(host, host, allow, policy);
    else if (host === 'localhost' || host.endsWith('.localhost')) throw notPublic(host, 'loopback', policy);
    return url;
  };
}

/**
 * Makes the dispatcher behind every fetch. Each address is checked in the moment of connecting, on the very answer
 * that the socket then uses: between a check and the connection there is no second lookup that could say otherwise.
 * An Agent asks no proxy, whatever the environment says.
 */
export function createGuardedAgent(policy: FetchPolicy): Agent {
  const allow = readAllowList(policy.allow ?? []);
  const resolve = policy.resolve ?? ((host: string) => lookup(host, { all: true }) as Promise<ResolvedAddress[]>);
  const timeout = policy.connectTimeoutMs ?? 5_000;

  const lookupWith =
    (check: (address: string, host: string) => void): LookupFunction =>
    (hostname, options, callback) => {
      resolve(hostname).then(
        (found) => {
          // One address that is not allowed spoils the answer: names that mix both kinds are made for trickery.
          const fault = faultOf(() => {
            for (const { address } of found) check(address, hostname);
          });
          const [first] = found;
          if (fault !== undefined) callback(fault, '');
          else if (first === undefined)
            callback(Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' }), '');
          else if (options.all === true) callback(null, [...found]);
          else callback(null, first.address, first.family);
        },
        (error: Error) => callback(error, ''),
      );
    };

  const open = connector(
    timeout,
    lookupWith(() => undefined),
  );
  const guarded = connector(
    timeout,
    lookupWith((address, host) => assertAddress(address, host, allow, policy)),
  );

  return new Agent({
    connect: (target, callback) => {
      const host = hostOf(target.hostname);
      const origin = new URL(`${target.protocol}//${target.host ?? target.hostname}`);
      if (allow.allowsOrigin(origin) || allow.allowsHost(host)) return open(target, callback);
      // Sockets look up names only: a literal address never meets the lookup above.
      const fault = isIP(host) === 0 ? undefined : faultOf(() => assertAddress(host, host, allow, policy));
      if (fault !== undefined) return callback(fault, null);
      return guarded(target, callback);
    },
  });
}

function connector(timeout: number, lookupFunction: LookupFunction): buildConnector.connector {
  // undici hands all other options on to net.connect and tls.connect; its type knows only one of the two at a time.
  const options: buildConnector.BuildOptions & { lookup: LookupFunction } = { timeout, lookup: lookupFunction };
  return buildConnector(options);
}

function assertAddress(address: string, host: string, allow: AllowList, policy: FetchPolicy): void {
  const why = whyNotPublic(address);
  if (why !== undefined && !allow.allowsAddress(address)) throw notPublic(host, why, policy);
}

/** The variable beside that of the allow list. */
const httpSetting = ({ setting = 'COTA_FETCH_ALLOW' }: FetchPolicy): string => setting.replace(/ALLOW$/, 'HTTP');

function notPublic(host: string, why: string, { setting = 'COTA_FETCH_ALLOW' }: FetchPolicy): FetchRefused {
  return new FetchRefused(
    'not_allowed',
    `"${host}" does not lead to the public internet (${why}) and is not fetched. Operators can allow it with ${setting}.`,
  );
}

/** Host name without the brackets of IPv6 and without the dot that may end a full name. */
function hostOf(hostname: string): string {
  return hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
}

function faultOf(check: () => void): Error | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Weights from the Hugging Face hub, or from whatever has its addresses: `/<org>/<name>/resolve/<revision>/<path>`. */
import { type Dispatcher, EnvHttpProxyAgent, errors, request } from 'undici';
import type { CatalogueEntry } from './catalogue.ts';
import { type FileFacts, type Opened, type Resume, SourceFailed, WeightsError, type WeightsSource } from './source.ts';

export const HUB = 'https://huggingface.co';

const REDIRECTS = 5;
const HEADERS_MS = 30_000;
/** So long without a byte, and the connection counts as dead. */
const IDLE_MS = 60_000;

/**
 * @param base address of the hub or of a mirror; user and password in it become Basic credentials
 * @param token goes to the base's origin only, never to where that redirects
 */
export function hubSource(base: string, token?: string): WeightsSource {
  const root = new URL(base);
  const basic =
    root.username === '' ? undefined : `${decodeURIComponent(root.username)}:${decodeURIComponent(root.password)}`;
  [root.username, root.password] = ['', ''];
  const name = root.href.replace(/\/+$/, '');
  const authorization =
    basic === undefined ? token && `Bearer ${token}` : `Basic ${Buffer.from(basic).toString('base64')}`;
  // Reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
  const dispatcher = new EnvHttpProxyAgent({ headersTimeout: HEADERS_MS, bodyTimeout: IDLE_MS });
  // A branch may move between two files of one pull.
  const commits = new Map<string, string>();
  let answered = false;

  async function open(
    entry: CatalogueEntry,
    path: string,
    resume: Resume | undefined,
    signal: AbortSignal,
  ): Promise<Opened> {
    const { repo } = entry;
    const revision = commits.get(`${repo}@${entry.revision}`) ?? entry.revision;
    const first = new URL(`${name}/${repo}/resolve/${encodeURIComponent(revision)}/${path}`);
    const headers = {
      'accept-encoding': 'identity',
      'user-agent': 'cota',
      ...(resume ? { range: `bytes=${resume.from}-` } : {}),
      ...(resume?.facts.etag ? { 'if-range': resume.facts.etag } : {}),
    };
    const reply = await follow(first, { headers, authorization, dispatcher, signal }).catch((error: unknown) => {
      throw answered ? error : absent(error);
    });
    answered = true;
    const what = `${path} of ${repo}`;
    if (reply.status === 416 && resume) {
      // What is there is not the beginning of it.
      await drop(reply.body);
      return open(entry, path, undefined, signal);
    }
    if (reply.status !== 200 && reply.status !== 206) {
      await drop(reply.body);
      throw refusal(reply.status, reply.headers, { what, entry, name, token: token !== undefined });
    }
    if (reply.facts.commit !== undefined) commits.set(`${repo}@${entry.revision}`, reply.facts.commit);
    const range = rangeOf(reply.headers['content-range']);
    const start = reply.status === 206 ? (range?.start ?? -1) : 0;
    const other = resume !== undefined && !sameFile(resume.facts, reply.facts);
    if (start !== 0 && (start !== resume?.from || other)) {
      await drop(reply.body);
      // Asked for all of it, it gives a part: so it would the next time.
      if (!resume) throw new WeightsError(`${name} gives a part of ${what} that nobody asked for`);
      return open(entry, path, undefined, signal);
    }
    const length = range?.total ?? wholeNumber(reply.headers['content-length']);
    const facts = { ...reply.facts, bytes: reply.facts.bytes ?? length };
    return { facts, start, body: told(reply.body, name) };
  }
  return { name, open, close: () => dispatcher.destroy() };
}

type Headers = Dispatcher.ResponseData['headers'];
interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly facts: FileFacts;
  readonly body: Dispatcher.ResponseData['body'];
}

/** A host that is not there from the first may be misspelled, or this machine has no network: waiting is of no use. */
function absent(error: unknown): unknown {
  const cause = error instanceof SourceFailed ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  if (cause?.code !== 'ENOTFOUND' && cause?.code !== 'ECONNREFUSED') return error;
  const instead = '--from takes a mirror, or a folder from a machine that has a network';
  return new WeightsError(`${(error as Error).message}: ${instead}`);
}

/** Goes where it is sent, and gathers on the way what the hub itself says of the file. */
async function follow(
  first: URL,
  options: {
    readonly headers: Readonly<Record<string, string>>;
    readonly authorization: string | undefined;
    readonly dispatcher: Dispatcher;
    readonly signal: AbortSignal;
  },
): Promise<Reply> {
  let url = first;
  let facts: FileFacts = {};
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const own = url.origin === first.origin;
    const headers = {
      ...options.headers,
      ...(own && options.authorization ? { authorization: options.authorization } : {}),
    };
    const { dispatcher, signal } = options;
    const reply = await request(url, { headers, dispatcher, signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new SourceFailed(`${url.host} cannot be reached (${causeOf(error)})`, undefined, { cause: error });
    });
    // A content delivery network's tags are its own: only the hub's are hashes of the file.
    if (own) facts = { ...factsOf(reply.headers), ...dropUndefined(facts) };
    const { location } = reply.headers;
    if (reply.statusCode < 300 || reply.statusCode > 399 || reply.statusCode === 304 || location === undefined) {
      const etag = strongTag(reply.headers.etag);
      return { status: reply.statusCode, headers: reply.headers, facts: { ...facts, etag }, body: reply.body };
    }
    await drop(reply.body);
    const next = new URL(String(location), url);
    if (!/^https?:$/.test(next.protocol) || (url.protocol === 'https:' && next.protocol === 'http:'))
      throw new WeightsError(`${url.host} redirects to ${next.origin}, which is less safe: not followed`);
    url = next;
  }
  throw new WeightsError(`${first.host} redirects more than ${REDIRECTS} times`);
}

/** What the hub's headers say: LFS files by their SHA-256, small ones by git's own hash. */
function factsOf(headers: Headers): FileFacts {
  const linked = plainTag(headers['x-linked-etag']);
  const tag = linked ?? plainTag(headers.etag);
  const commit = String(headers['x-repo-commit'] ?? '');
  return {
    bytes: wholeNumber(headers['x-linked-size']),
    sha256: tag !== undefined && /^[0-9a-f]{64}$/.test(tag) ? tag : undefined,
    gitSha1: tag !== undefined && /^[0-9a-f]{40}$/.test(tag) ? tag : undefined,
    commit: /^[0-9a-f]{40}$/.test(commit) ? commit : undefined,
  };
}

const dropUndefined = (facts: FileFacts): FileFacts =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));

type HeaderValue = Headers[string];
const plainTag = (value: HeaderValue): string | undefined =>
  value === undefined ? undefined : String(value).replace(/^W\//, '').replaceAll('"', '').toLowerCase();
const strongTag = (value: HeaderValue): string | undefined =>
  typeof value === 'string' && /^"[^"]+"$/.test(value) ? value : undefined;
const wholeNumber = (value: HeaderValue): number | undefined =>
  typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined;

function rangeOf(value: HeaderValue): { readonly start: number; readonly total: number | undefined } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(String(value ?? ''));
  if (!match) return undefined;
  return { start: Number(match[1]), total: match[2] === '*' ? undefined : Number(match[2]) };
}

/** Without a hash or a tag that both have, nobody knows. */
function sameFile(before: FileFacts, now: FileFacts): boolean {
  if (before.sha256 && now.sha256) return before.sha256 === now.sha256;
  if (before.gitSha1 && now.gitSha1) return before.gitSha1 === now.gitSha1;
  return before.etag !== undefined && before.etag === now.etag;
}

/** @returns WeightsError, or SourceFailed for what may pass */
function refusal(
  status: number,
  headers: Headers,
  { what, entry, name, token }: { what: string; entry: CatalogueEntry; name: string; token: boolean },
): Error {
  if (status === 401 || status === 403) {
    const how = token ? 'with the token of HF_TOKEN: may it read this repository' : 'without a token: set HF_TOKEN';
    return new WeightsError(
      `${name} does not give out ${what} ${how}, and accept its terms at ${entry.source} if it has any (HTTP ${status})`,
    );
  }
  if (status === 404 || status === 410)
    return new WeightsError(`${name} has no ${what} at revision ${entry.revision} (HTTP ${status})`);
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const after = wholeNumber(headers['retry-after']);
    return new SourceFailed(`${name} answers HTTP ${status}`, after === undefined ? undefined : after * 1000);
  }
  return new WeightsError(`${name} refuses ${what} (HTTP ${status})`);
}

/** What breaks off half-way may be gone on with. */
async function* told(body: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw new SourceFailed(`${name} broke off (${causeOf(error)})`);
  }
}

async function drop(body: Dispatcher.ResponseData['body']): Promise<void> {
  await body.dump({ limit: 65_536 }).catch(() => undefined);
}

function causeOf(error: unknown): string {
  if (error instanceof errors.BodyTimeoutError) return `no byte for ${IDLE_MS / 1000} s`;
  const { message, code } = error as NodeJS.ErrnoException;
  return message || code || 'no reason given';
}

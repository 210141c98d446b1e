/** A connection to one MCP server that mends itself: started anew with pauses that grow, its list of tools kept. */
import {
  Client,
  type Tool as ListedTool,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  type Transport,
} from '@modelcontextprotocol/client';
import type { Log } from '../../../shared/telemetry.ts';

/** How the SDK's client is told apart from others in the logs of servers. */
const CLIENT = { name: 'cota', version: '1' };
/** For a server to start and say what it has. */
const CONNECT_MS = 20_000;
/** A server of an earlier version that does not know the question for its versions, and says nothing to it. */
const PROBE_MS = 3_000;
const FIRST_PAUSE_MS = 50;
const NEXT_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** A call that comes while the server is started anew waits so long for it. */
const PATIENCE_MS = 10_000;
/** After a call without an answer: one that does not list its tools in this time hangs, and is started anew. */
const ALIVE_MS = 5_000;
/** One that ends sooner than this counts as one that did not start, so that the pauses grow. */
const STEADY_MS = 10_000;

export interface Listing {
  readonly tools: readonly ListedTool[];
  /** Of the server, as it says. */
  readonly version: string;
}

export interface Connection {
  /** Resolves when the first attempt has ended, well or not. */
  readonly tried: Promise<void>;
  /** Why nothing can be called now; undefined while the server is there, or may be there in a moment. */
  trouble(): string | undefined;
  /**
   * Asks the server something; once more where it had forgotten us or was not there, so that nothing has happened.
   * @throws what `work` throws; Error with what is wrong, where the server does not come back soon
   */
  use<T>(work: (client: Client) => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly name: string;
  /** @throws Error that says what to set */
  readonly open: () => Transport;
  readonly log: Log;
  /** What the server has, at first and whenever that changes. */
  readonly onListing: (listing: Listing) => void;
  /** Default ALIVE_MS. */
  readonly aliveMs?: number;
}

export function openConnection(options: ConnectionOptions): Connection {
  const { name, open, log, onListing, aliveMs = ALIVE_MS } = options;
  const first = Promise.withResolvers<void>();
  let current: Client | undefined;
  let failures = 0;
  let met = false;
  let since = 0;
  let awaySince = 0;
  let reason = 'it is being started';
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let waiting = new Set<() => void>();
  let connecting: Promise<void> = Promise.resolve();
  let transport: Transport | undefined;
  let doubted: Client | undefined;

  /** A server that was there and is started anew is waited for, before it is called away. */
  const mayBeBack = (): boolean => met && performance.now() - awaySince < PATIENCE_MS;
  const wake = (): void => {
    for (const one of waiting) one();
    waiting = new Set();
  };

  async function attempt(): Promise<void> {
    // A server may end at a question that it does not know: it is asked for versions every other time.
    const mode = failures % 2 === 0 ? 'auto' : 'legacy';
    let connected = false;
    const client = new Client(CLIENT, {
      versionNegotiation: { mode, probe: { timeoutMs: PROBE_MS } },
      listChanged: { tools: { autoRefresh: false, onChanged: () => void relist(client) } },
    });
    client.onerror = (error) => log.debug({ server: name, error }, 'an MCP server said something that makes no sense');
    try {
      transport = open();
      await client.connect(transport, { timeout: CONNECT_MS });
      client.onclose = () => {
        if (connected) lost(client);
      };
      await list(client);
      if (closed) return await client.close();
      connected = true;
      met = true;
      current = client;
      since = performance.now();
      log.info({ server: name, protocol: client.getNegotiatedProtocolVersion() }, 'an MCP server is connected');
    } catch (error) {
      await client.close().catch(() => undefined);
      failed(error instanceof Error ? error.message : String(error));
    }
    first.resolve();
    wake();
  }

  async function list(client: Client): Promise<void> {
    const { tools } = await client.listTools(undefined, { timeout: CONNECT_MS });
    onListing({ tools, version: client.getServerVersion()?.version ?? 'unknown' });
  }

  async function relist(client: Client): Promise<void> {
    try {
      if (client === current) await list(client);
    } catch (error) {
      log.warn({ server: name, error }, 'an MCP server changed its tools and does not list them');
    }
  }

  function lost(client: Client): void {
    if (client !== current || closed) return;
    current = undefined;
    if (performance.now() - since > STEADY_MS) failures = 0;
    failed('it has ended');
  }

  /** One call may take too long and the next one not; a server that answers nothing would go on so for ever. */
  async function doubt(client: Client): Promise<void> {
    if (doubted === client) return;
    doubted = client;
    try {
      await client.request({ method: 'tools/list' }, { timeout: aliveMs });
    } catch (error) {
      if (!isTimeout(error) || client !== current) return;
      log.warn({ server: name }, 'an MCP server answers nothing any more; it is ended');
      await client.close().catch(() => undefined);
      lost(client);
    } finally {
      doubted = undefined;
    }
  }

  function failed(why: string): void {
    if (closed) return;
    reason = why.slice(0, 300);
    if (failures === 0) awaySince = performance.now();
    const pauseMs = failures === 0 ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, NEXT_PAUSE_MS * 2 ** (failures - 1));
    failures += 1;
    log.warn({ server: name, reason, pauseMs }, 'an MCP server is away; it is tried again');
    timer = setTimeout(() => {
      connecting = attempt();
    }, pauseMs);
  }

  connecting = attempt();
  return {
    tried: first.promise,
    trouble: () => (current || mayBeBack() ? undefined : reason),
    async use(work, signal) {
      for (let tries = 1; ; tries += 1) {
        const client = await present(signal);
        try {
          return await work(client);
        } catch (error) {
          if (isTimeout(error)) void doubt(client);
          if (!isLost(error)) throw error;
          lost(client);
          await client.close().catch(() => undefined);
          if (tries > 1 || !neverArrived(error)) throw error;
        }
      }
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      wake();
      // Also of an attempt that is under way: a server that says nothing must not hold up the worker's end.
      await transport?.close();
      await connecting;
      await current?.close();
    },
  };

  async function present(signal: AbortSignal): Promise<Client> {
    while (!current) {
      signal.throwIfAborted();
      if (!mayBeBack()) throw new Error(reason);
      await woken(awaySince + PATIENCE_MS - performance.now(), signal);
    }
    return current;
  }

  function woken(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(limit);
        signal.removeEventListener('abort', done);
        waiting.delete(done);
        resolve();
      };
      const limit = setTimeout(done, Math.max(1, ms));
      signal.addEventListener('abort', done, { once: true });
      waiting.add(done);
    });
  }
}

/** A server that was started anew knows our session no more and says 404 (or, though it should not, 400). */
function neverArrived(error: unknown): boolean {
  if (error instanceof SdkHttpError) return error.status === 404 || error.status === 400;
  const { cause } = error instanceof Error ? error : {};
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}

const LOST_CODES: readonly SdkErrorCode[] = [SdkErrorCode.ConnectionClosed, SdkErrorCode.NotConnected];
const isTimeout = (error: unknown): boolean => error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
const isLost = (error: unknown): boolean =>
  neverArrived(error) ||
  (error instanceof SdkError && LOST_CODES.includes(error.code)) ||
  (error instanceof TypeError && error.message === 'fetch failed');

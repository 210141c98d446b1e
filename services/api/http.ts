/** What handlers see of HTTP. They know no framework: a request in, a reply out, errors thrown. */
import type { z } from 'zod';
import type { Cluster } from '../../shared/cluster.ts';
import type { Models } from '../../shared/models.ts';
import type { RunWaits } from '../../shared/run/run-waits.ts';
import type { SafeFetch } from '../../shared/safe-fetch.ts';
import type { Vitals } from './vitals.ts';

/** What the API works with: the cluster, and what only the API needs. */
export interface ApiParts extends Cluster {
  readonly models: Models;
  /** Unix seconds: when models.yaml was written. */
  readonly modelsCreated: number;
  readonly waits: RunWaits;
  readonly urls: Pick<SafeFetch, 'check'>;
  readonly vitals: Vitals;
}

export interface ApiRequest {
  /** Whose key it was; '' on open routes. */
  readonly tenant: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON; undefined where there was no body. */
  readonly body: unknown;
  /** Path and query as they came. */
  readonly url: string;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export interface ApiReply {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text or a stream with a content-type header. */
  readonly body: unknown;
}

export type Handler = (request: ApiRequest, parts: ApiParts) => Promise<ApiReply>;

/** One line of the API: enough to serve it and to describe it in /openapi.json. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `{name}` for a part of the path; `{name...}` takes the rest of it. */
  readonly path: string;
  readonly handler: Handler;
  readonly summary: string;
  /** Open routes ask for no key. */
  readonly open?: true;
  readonly schema?: {
    /** Fields of the query; other routes take none. */
    readonly query?: z.ZodObject;
    readonly body?: z.ZodType;
    /** Of a 200; left out where it is no JSON. */
    readonly reply?: z.ZodType;
    /** Content type of a 200 that is no JSON. */
    readonly produces?: string;
  };
}

/** Routes of one subject, with the schemas that /openapi.json describes once, by their names. */
export interface RouteGroup {
  readonly routes: readonly Route[];
  readonly names: Readonly<Record<string, z.ZodType>>;
}

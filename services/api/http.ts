/** What handlers see of HTTP. They know no framework: a request in, a reply out, errors thrown. */
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { BatchStore } from '../../shared/batch/batch-store.ts';
import type { Cluster } from '../../shared/cluster.ts';
import type { DataJobStore } from '../../shared/data/job-store.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { TrainedView } from '../../shared/models/trained-view.ts';
import type { Models } from '../../shared/models.ts';
import type { RunWaits } from '../../shared/run/run-waits.ts';
import type { SafeFetch } from '../../shared/safe-fetch.ts';
import type { ProgressEar } from '../../shared/stream/progress.ts';
import type { Scope } from '../../shared/tenants/scopes.ts';
import type { TrainRecipes } from '../../shared/train/create-job.ts';
import type { TrainJobStore } from '../../shared/train/job-store.ts';
import type { Keyring } from '../../shared/webhooks/secrets.ts';
import type { Vitals } from './vitals.ts';

/** What the API works with: the cluster, and what only the API needs. */
export interface ApiParts extends Cluster {
  /** Those of models.yaml; what a tenant may use: `modelsFor`. */
  readonly models: Models;
  readonly trainedView: TrainedView;
  /** Unix seconds: when models.yaml was written. */
  readonly modelsCreated: number;
  readonly waits: RunWaits;
  readonly progress: ProgressEar;
  readonly urls: Pick<SafeFetch, 'check'>;
  readonly webhooks: { readonly keyring: Keyring } & Pick<SafeFetch, 'check'>;
  readonly vitals: Vitals;
  readonly batches: BatchStore;
  readonly dataJobs: DataJobStore;
  readonly trainJobs: TrainJobStore;
  readonly trainRecipes: TrainRecipes;
}

/** Whose key it was. */
export interface Caller {
  readonly tenant: string;
  /** Id of the key; `root` for that of the settings. */
  readonly key: string;
  readonly scopes: readonly Scope[];
}

export interface ApiRequest {
  /** Whose key it was; '' on open routes. */
  readonly tenant: string;
  /** undefined on open routes. */
  readonly caller: Caller | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The client's address. */
  readonly ip: string;
  /** As in `x-request-id`. */
  readonly id: string;
  /** Parsed JSON; undefined where there was no body. */
  readonly body: unknown;
  /** Of a route with `multipart`: the parts of the form while they come in, once. */
  readonly parts: () => AsyncIterable<UploadPart>;
  /** Fields of the query, as the route's schema made them. */
  readonly query: Readonly<Record<string, unknown>>;
  /** Path and query as they came. */
  readonly url: string;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** A part of a form. The stream of a file must be read before the next part comes. */
export type UploadPart =
  | { readonly kind: 'field'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly filename: string | undefined;
      readonly contentType: string;
      readonly body: Readable;
    };

export interface ApiReply {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text or a stream with a content-type header. */
  readonly body: unknown;
  /** On routes with `audit`: what was done to whom, for its line. Never a secret. */
  readonly audit?: { readonly target?: string; readonly details?: object };
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
  /** What a key must be allowed to do; `any`: every key may. Left out: `runs:read` for GET, `runs` for the others. */
  readonly scope?: Scope | 'any';
  /** Takes a form instead of JSON, and files of any size. */
  readonly multipart?: true;
  /** Makes a run: refused early where the tenant has too many open ones. */
  readonly opensRun?: true;
  /** Codes that this route may answer with beside those that all of its kind have; for its description. */
  readonly errors?: readonly ErrorCode[];
  /** A body for the line of curl in its description; made from the fields that must be there where it is left out. */
  readonly example?: Readonly<Record<string, unknown>>;
  /** What the audit calls this: each request leaves a line there, whatever came of it. */
  readonly audit?: string;
  readonly schema?: {
    /** Fields of the query; other routes take none. */
    readonly query?: z.ZodObject;
    readonly body?: z.ZodType;
    /** Of the data of server-sent events, where the request asks for a stream; `text` where no schema describes it. */
    readonly events?: z.ZodType | 'text';
    /** Of a 200; left out where it is no JSON. */
    readonly reply?: z.ZodType;
    /** Content type of a 200 that is no JSON. */
    readonly produces?: string;
  };
}

/** Routes of one subject, with the schemas that /openapi.json describes once, by their names. */
export interface RouteGroup {
  /** The subject as a heading of /docs: "Responses". */
  readonly title: string;
  readonly routes: readonly Route[];
  readonly names: Readonly<Record<string, z.ZodType>>;
}

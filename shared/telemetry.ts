/** Logs (pino, JSON lines, secrets removed) and the Prometheus registry of the process. */
import { type Logger, pino } from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Log = Logger;

/** Field names whose values never reach a log, wherever they stand. */
const SECRET_FIELDS = ['authorization', 'apiKey', 'api_key', 'secret', 'password', 'token', 'cookie', 'key'];

export function openLog(name: string, level: string): Log {
  return pino({
    name,
    level,
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
    serializers: { error: pino.stdSerializers.err },
  });
}

export const registry = new Registry();
// Every 10 ms by default, which wakes an idle process a hundred times a second.
collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });

const SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600];

export const metrics = {
  stepSeconds: new Histogram({
    name: 'cota_step_duration_seconds',
    help: 'Time a step took in its worker',
    labelNames: ['queue', 'result'],
    buckets: SECONDS,
    registers: [registry],
  }),
  waitSeconds: new Histogram({
    name: 'cota_step_wait_seconds',
    help: 'Time a step waited in its queue',
    labelNames: ['queue'],
    buckets: SECONDS,
    registers: [registry],
  }),
  active: new Gauge({
    name: 'cota_steps_active',
    help: 'Steps that this process works on now',
    labelNames: ['queue'],
    registers: [registry],
  }),
  stale: new Counter({
    name: 'cota_stale_jobs_total',
    help: 'Jobs that were no longer the current step of their run',
    labelNames: ['queue'],
    registers: [registry],
  }),
  runs: new Counter({
    name: 'cota_runs_closed_total',
    help: 'Runs that ended, by outcome',
    labelNames: ['model', 'status'],
    registers: [registry],
  }),
  otherVersion: new Counter({
    name: 'cota_other_version_steps_total',
    help: 'Steps done with another version of their model or tool than their run was at',
    labelNames: ['kind', 'name'],
    registers: [registry],
  }),
  reissued: new Counter({
    name: 'cota_steps_reissued_total',
    help: 'Steps that the sweeper handed out anew',
    labelNames: ['kind'],
    registers: [registry],
  }),
  tokens: new Counter({
    name: 'cota_tokens_total',
    help: 'Tokens of model turns',
    labelNames: ['model', 'direction'],
    registers: [registry],
  }),
  engineTokens: new Counter({
    name: 'cota_engine_tokens_total',
    help: 'Tokens of the ONNX engine: prompt, own and shared (of the prompts, what was kept), read (in chunks), said',
    labelNames: ['model', 'kind'],
    registers: [registry],
  }),
  engineCacheHits: new Counter({
    name: 'cota_engine_cache_hits_total',
    help: 'Prompts of which keys and values were kept, by the same run or by another one',
    labelNames: ['model', 'by'],
    registers: [registry],
  }),
  engineSteps: new Counter({
    name: 'cota_engine_steps_total',
    help: 'Steps of the ONNX engine, each one token of every sequence under way',
    labelNames: ['model'],
    registers: [registry],
  }),
  engineStepTokens: new Counter({
    name: 'cota_engine_step_tokens_total',
    help: 'Sequences of those steps; over cota_engine_steps_total this is the mean size of a batch',
    labelNames: ['model'],
    registers: [registry],
  }),
  engineCallSeconds: new Counter({
    name: 'cota_engine_call_seconds_total',
    help: 'Time that the ONNX engine computed',
    labelNames: ['model'],
    registers: [registry],
  }),
  enginePreempted: new Counter({
    name: 'cota_engine_preempted_total',
    help: 'Sequences that gave up their slot for want of memory and came back',
    labelNames: ['model'],
    registers: [registry],
  }),
  engineSequences: new Gauge({
    name: 'cota_engine_sequences',
    help: 'Sequences of the ONNX engine, active or waiting for a slot',
    labelNames: ['model', 'state'],
    registers: [registry],
  }),
  engineKeptBytes: new Gauge({
    name: 'cota_engine_kept_bytes',
    help: 'Keys and values that the ONNX engine keeps for prompts to come',
    labelNames: ['model'],
    registers: [registry],
  }),
  toolSeconds: new Histogram({
    name: 'cota_tool_duration_seconds',
    help: 'Time that tools took, by result; cached results apart',
    labelNames: ['tool', 'result'],
    buckets: SECONDS,
    registers: [registry],
  }),
  batchLines: new Counter({
    name: 'cota_batch_lines_total',
    help: 'Lines of batches whose window is written, by result',
    labelNames: ['result'],
    registers: [registry],
  }),
  batches: new Counter({
    name: 'cota_batches_total',
    help: 'Batches that are over, by status',
    labelNames: ['status'],
    registers: [registry],
  }),
  openWindows: new Gauge({
    name: 'cota_batch_open_windows',
    help: 'Windows of batches whose runs are in Redis; shown by the scheduler that acts',
    registers: [registry],
  }),
  webhooks: new Histogram({
    name: 'cota_webhook_duration_seconds',
    help: 'Time of tries to deliver a webhook, by result',
    labelNames: ['result'],
    buckets: SECONDS,
    registers: [registry],
  }),
  webhookLag: new Histogram({
    name: 'cota_webhook_lag_seconds',
    help: 'Time between the moment at which a try was due and its start',
    buckets: SECONDS,
    registers: [registry],
  }),
  http: new Histogram({
    name: 'cota_http_request_duration_seconds',
    help: 'Time of HTTP requests',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  }),
  queueJobs: new Gauge({
    name: 'cota_queue_jobs',
    help: 'Jobs in a queue, by state',
    labelNames: ['queue', 'state'],
    registers: [registry],
  }),
  pendingRuns: new Gauge({
    name: 'cota_pending_runs',
    help: 'Runs that wait for admission',
    labelNames: ['model'],
    registers: [registry],
  }),
  inFlightRuns: new Gauge({
    name: 'cota_in_flight_runs',
    help: 'Admitted runs that are not closed',
    labelNames: ['model'],
    registers: [registry],
  }),
};

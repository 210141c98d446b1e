/** Is Redis there, is it new enough, does it keep what it is given, has it room, and does its clock agree with ours? */
import type { Redis } from 'ioredis';
import { redisInfo } from '../../../shared/redis.ts';
import { reachRedis } from '../../stack/ready.ts';
import { withoutPassword } from '../../stack/redis-server.ts';
import { size } from '../terminal.ts';
import { type Finding, wordsOf } from './finding.ts';

const REACH_MS = 5_000;
/** BullMQ, which the queues are made of, asks for 5.0 and recommends 6.2. */
const LEAST = [5, 0] as const;
const GOOD = [6, 2] as const;
/** The API refuses new runs at 75 %. */
const MEMORY_WARN = 0.6;
const MEMORY_FAIL = 0.75;
/** Links and deadlines are seconds to hours; S3 refuses signatures that are 15 minutes off. */
const SKEW_WARN_MS = 2_000;
const SKEW_FAIL_MS = 300_000;

/** @returns an open connection for further looks, where there is one */
export async function checkRedis(url: string): Promise<{ redis: Redis | undefined; findings: Finding[] }> {
  let redis: Redis;
  try {
    redis = await reachRedis(url, REACH_MS);
  } catch (error) {
    return { redis: undefined, findings: [{ level: 'fail', what: 'redis', found: wordsOf(error) }] };
  }
  try {
    return { redis, findings: await look(redis, url) };
  } catch (error) {
    const advice = 'its user must be allowed INFO and TIME, which every process of the cluster asks for as well';
    const found = `${withoutPassword(url)} answers, but not to everything: ${wordsOf(error)}`;
    return { redis: undefined, findings: [{ level: 'fail', what: 'redis', found, advice }] };
  }
}

async function look(redis: Redis, url: string): Promise<Finding[]> {
  const [server, memory, persistence] = await Promise.all([
    redisInfo(redis, 'server'),
    redisInfo(redis, 'memory'),
    redisInfo(redis, 'persistence'),
  ]);
  return [
    versionFinding(server, url),
    policyFinding(memory),
    memoryFinding(memory),
    persistenceFinding(persistence),
    await clockFinding(redis),
  ];
}

type Info = ReadonlyMap<string, string>;

function versionFinding(server: Info, url: string): Finding {
  const name = server.get('server_name') ?? 'redis';
  const version = server.get('valkey_version') ?? server.get('redis_version') ?? 'unknown';
  const found = `${name} ${version} at ${withoutPassword(url)}`;
  const what = 'redis';
  if (isOlder(version, LEAST)) return { level: 'fail', what, found, advice: 'install Redis 6.2 or newer, or Valkey' };
  if (isOlder(version, GOOD)) return { level: 'warn', what, found, advice: 'Redis 6.2 or newer, or Valkey, is better' };
  return { level: 'ok', what, found };
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a < major || (a === major && b < minor);
}

function policyFinding(memory: Info): Finding {
  const policy = memory.get('maxmemory_policy') ?? 'unknown';
  if (policy === 'noeviction') return { level: 'ok', what: 'redis policy', found: policy };
  const advice =
    'set "maxmemory-policy noeviction" in redis.conf, or: redis-cli CONFIG SET maxmemory-policy noeviction';
  return {
    level: 'fail',
    what: 'redis policy',
    found: `${policy}: it may drop runs, so no process will start`,
    advice,
  };
}

function memoryFinding(memory: Info): Finding {
  const what = 'redis memory';
  const used = Number(memory.get('used_memory') ?? 0);
  const limit = Number(memory.get('maxmemory') ?? 0);
  if (limit === 0) {
    const advice = 'set maxmemory, so that submits are refused before the machine has no memory left';
    return { level: 'warn', what, found: `${size(used)} used, no limit`, advice };
  }
  const found = `${size(used)} used of ${size(limit)}`;
  const share = used / limit;
  const advice = 'raise maxmemory, add model workers, or submit less at a time';
  if (share >= MEMORY_FAIL) return { level: 'fail', what, found: `${found}: new runs are refused`, advice };
  if (share >= MEMORY_WARN) return { level: 'warn', what, found, advice };
  return { level: 'ok', what, found };
}

function persistenceFinding(persistence: Info): Finding {
  const what = 'redis durability';
  if (persistence.get('aof_enabled') !== '1') {
    const advice = 'set "appendonly yes" and "appendfsync everysec" (infra/redis.conf)';
    return { level: 'warn', what, found: 'no append-only file: a restart of Redis loses runs', advice };
  }
  if (persistence.get('aof_last_write_status') !== 'ok') {
    const advice = 'look for a full disk; Redis refuses writes until it can keep them';
    return { level: 'fail', what, found: 'the append-only file cannot be written', advice };
  }
  return { level: 'ok', what, found: 'append-only file' };
}

async function clockFinding(redis: Redis): Promise<Finding> {
  const before = Date.now();
  const [seconds, micros] = await redis.time();
  const now = (before + Date.now()) / 2;
  const skew = Number(seconds) * 1000 + Number(micros) / 1000 - now;
  const off = Math.abs(skew);
  const found =
    off < 1_000
      ? `${Math.round(off)} ms from that of Redis`
      : `${(off / 1000).toFixed(1)} s ${skew > 0 ? 'behind' : 'ahead of'} Redis`;
  const what = 'clock';
  const advice = 'let both machines take their time from NTP';
  if (off >= SKEW_FAIL_MS) return { level: 'fail', what, found, advice };
  if (off >= SKEW_WARN_MS) return { level: 'warn', what, found, advice };
  return { level: 'ok', what, found };
}

/** What a design costs: Redis' own counters and the CPU time of processes, before and after. */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { redisInfo } from '../../shared/redis.ts';

/** Clock ticks of /proc per second on Linux. */
const TICKS = 100;

export interface Reading {
  readonly at: number;
  readonly redisCpuMs: number;
  readonly nodeCpuMs: number;
  readonly calls: ReadonlyMap<string, number>;
}

export async function read(redis: Redis, pids: readonly number[]): Promise<Reading> {
  const cpu = await redisInfo(redis, 'cpu');
  const stats = await redisInfo(redis, 'commandstats');
  const calls = new Map<string, number>();
  for (const [name, line] of stats) {
    const count = /calls=(\d+)/.exec(line)?.[1];
    if (count) calls.set(name.replace('cmdstat_', ''), Number(count));
  }
  return {
    at: performance.now(),
    redisCpuMs: 1000 * (Number(cpu.get('used_cpu_user')) + Number(cpu.get('used_cpu_sys'))),
    nodeCpuMs: pids.reduce((sum, pid) => sum + cpuOf(pid), cpuOf(process.pid)),
    calls,
  };
}

function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

export interface Cost {
  readonly perSecond: number;
  readonly commands: number;
  readonly redisUs: number;
  readonly nodeUs: number;
  /** Calls per run, by command, most first. */
  readonly byCommand: readonly (readonly [string, number])[];
}

export function costOf(before: Reading, after: Reading, runs: number): Cost {
  const byCommand = [...after.calls]
    .map(([name, count]) => [name, (count - (before.calls.get(name) ?? 0)) / runs] as const)
    .filter(([name, count]) => count >= 0.05 && name !== 'info')
    .sort((a, b) => b[1] - a[1]);
  return {
    perSecond: (runs * 1000) / (after.at - before.at),
    commands: byCommand.reduce((sum, [, count]) => sum + count, 0),
    redisUs: ((after.redisCpuMs - before.redisCpuMs) * 1000) / runs,
    nodeUs: ((after.nodeCpuMs - before.nodeCpuMs) * 1000) / runs,
    byCommand,
  };
}

/** Lines of a table, columns padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (high + (sorted[middle - 1] ?? Number.NaN)) / 2 : high;
}

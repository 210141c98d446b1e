import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type EngineMessage, type HostEvents, type WarmOptions, warmEngine } from './warm-engine.ts';

/** A host that only remembers what it was told; the test answers in its place. */
class Host {
  readonly asked: { id: number; request: unknown }[] = [];
  readonly cancelled: number[] = [];
  ended = false;
  busy = false;
  readonly events: HostEvents;
  constructor(events: HostEvents) {
    this.events = events;
  }
  post(message: EngineMessage): void {
    if ('cancel' in message) this.cancelled.push(message.cancel);
    else this.asked.push(message);
  }
  async end(): Promise<void> {
    this.ended = true;
  }
  hold(busy: boolean): void {
    this.busy = busy;
  }
  answer(request: string): void {
    const { id } = this.asked.find((one) => one.request === request)!;
    this.events.replied({ id, ok: true, value: `${request}!` });
  }
  get requests(): unknown[] {
    return this.asked.map(({ request }) => request);
  }
}

function engineOf(options: WarmOptions) {
  const hosts: Host[] = [];
  const engine = warmEngine((events) => {
    const host = new Host(events);
    hosts.push(host);
    return host;
  }, options);
  const ask = (request: string, timeLimitMs = 1_000, signal?: AbortSignal) => {
    const answer = engine.call(request, { timeLimitMs, signal });
    answer.catch(() => undefined);
    return answer;
  };
  return { hosts, ask, engine };
}

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

test('a host holds as many requests as it may, and is held until the last answer', async () => {
  const { hosts, ask } = engineOf({ inFlight: 2 });
  const answers = ['a', 'b', 'c'].map((request) => ask(request));
  const [host] = hosts as [Host];
  expect(host.requests).toEqual(['a', 'b']);
  host.answer('b');
  expect(host.requests).toEqual(['a', 'b', 'c']);
  host.answer('a');
  expect(host.busy).toBe(true);
  host.answer('c');
  expect(host.busy).toBe(false);
  expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!']);
});

test('after a crash each request goes once more, alone; only the one at fault is lost', async () => {
  const { hosts, ask } = engineOf({ inFlight: 3 });
  const answers = ['a', 'bad', 'c', 'd'].map((request) => ask(request));
  hosts[0]!.events.lost('crash', 'gone');
  expect(hosts[1]!.requests).toEqual(['a']);
  hosts[1]!.answer('a');
  expect(hosts[1]!.requests).toEqual(['a', 'bad']);
  hosts[1]!.events.lost('crash', 'gone again');
  expect(hosts[2]!.requests).toEqual(['c']);
  hosts[2]!.answer('c');
  hosts[2]!.answer('d');
  const ends = await Promise.allSettled(answers);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  await expect(answers[1]).rejects.toMatchObject({ reason: 'crash', message: 'gone again' });
  expect(hosts).toHaveLength(3);
});

test('time begins anew with each answer, and a time-out is found out alone', async () => {
  const { hosts, ask } = engineOf({ inFlight: 2 });
  const slow = ask('slow');
  const quick = ask('quick');
  const third = ask('third');
  await vi.advanceTimersByTimeAsync(900);
  hosts[0]!.answer('quick');
  await vi.advanceTimersByTimeAsync(900);
  expect(hosts[0]!.ended).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  expect(hosts[0]!.ended).toBe(true);
  expect(hosts[1]!.requests).toEqual(['slow']);
  await vi.advanceTimersByTimeAsync(1_100);
  await expect(slow).rejects.toMatchObject({ reason: 'time' });
  hosts[2]!.answer('third');
  expect(await Promise.all([quick, third])).toEqual(['quick!', 'third!']);
});

test('an aborted request among others ends no host; one that is abandoned is ended however many ask meanwhile', async () => {
  const { hosts, ask } = engineOf({ inFlight: 2, patienceMs: 500 });
  const stop = new AbortController();
  const aborted = ask('aborted', 10_000, stop.signal);
  const other = ask('other', 10_000);
  stop.abort(new Error('cancelled'));
  await expect(aborted).rejects.toThrow('cancelled');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(hosts[0]!.ended).toBe(false);
  expect(hosts[0]!.cancelled).toHaveLength(1);
  hosts[0]!.answer('other');
  expect(await other).toBe('other!');
  await vi.advanceTimersByTimeAsync(600);
  expect(hosts[0]!.ended).toBe(true);

  const single = engineOf({ patienceMs: 500 });
  const again = new AbortController();
  void single.ask('hangs', 10_000, again.signal);
  again.abort(new Error('cancelled'));
  for (let i = 0; i < 4; i++) {
    void single.ask(`next ${i}`, 10_000);
    await vi.advanceTimersByTimeAsync(150);
  }
  expect(single.hosts[0]!.ended).toBe(true);
  expect(single.hosts[1]!.requests).toEqual(['next 0']);
});

test('closing refuses what is open and what waits', async () => {
  const { hosts, ask, engine } = engineOf({ inFlight: 2 });
  const open = ['a', 'b', 'c'].map((request) => ask(request));
  await engine.close();
  for (const end of await Promise.allSettled(open)) expect(end).toMatchObject({ reason: { reason: 'closed' } });
  expect(hosts[0]!.ended).toBe(true);
  expect(hosts).toHaveLength(1);
});

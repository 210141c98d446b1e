import { afterEach, expect, it, vi } from 'vitest';
import { type Held, openHeld } from './held.ts';

const never = new AbortController().signal;
let held: Held<string>;
let log: string[];
afterEach(() => held.close());

function start(most: number, idleMs = 60_000): void {
  log = [];
  held = openHeld<string>({
    ...{ most, idleMs },
    close: async (value) => void log.push(`close ${value}`),
    isLasting: (error) => (error as Error).message === 'broken',
  });
}
const open = (name: string) => async () => {
  log.push(`open ${name}`);
  return name;
};
const touch = (name: string): Promise<string> => held.use(name, open(name), never, async (value) => value);
/** Work that goes on until `end`. */
function hold(name: string): { readonly end: () => void; readonly done: Promise<void> } {
  let end = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end: () => end(), done: held.use(name, open(name), never, () => until) };
}

it('opens once what many ask for, and gives the place of the longest unused to what is new', async () => {
  start(2);
  await Promise.all([touch('a'), touch('a'), touch('b')]);
  await touch('a');
  await touch('c');
  expect(log).toEqual(['open a', 'open b', 'close b', 'open c']);
  expect(held.open).toBe(2);
});

it('never opens more than its bound, and never closes what is being worked with', async () => {
  start(2);
  const [a, b] = [hold('a'), hold('b')];
  const third = touch('c');
  await vi.waitFor(() => expect(log).toEqual(['open a', 'open b']));
  b.end();
  expect(await third).toBe('c');
  expect(log).toEqual(['open a', 'open b', 'close b', 'open c']);
  a.end();
  await Promise.all([a.done, b.done]);
});

it('a step that is stopped while its model is opened ends at once, and the model is there for others', async () => {
  start(1);
  let there = (_value: string): void => undefined;
  const opening = new Promise<string>((resolve) => {
    there = resolve;
  });
  const control = new AbortController();
  const stopped = held.use(
    'a',
    () => opening,
    control.signal,
    async (value) => value,
  );
  const other = held.use('a', open('again'), never, async (value) => value);
  control.abort(new Error('cancelled'));
  await expect(stopped).rejects.toThrow('cancelled');
  there('a');
  expect(await other).toBe('a');
  expect(log).toEqual([]);
});

it('a step that is stopped while it waits for a place ends, and the place is still given', async () => {
  start(1);
  const a = hold('a');
  const control = new AbortController();
  const stopped = held.use('b', open('b'), control.signal, async (value) => value);
  control.abort(new Error('cancelled'));
  await expect(stopped).rejects.toThrow('cancelled');
  a.end();
  expect(await touch('c')).toBe('c');
});

it('what is deleted is closed at once, or when its last user is done', async () => {
  start(3);
  await touch('a');
  const b = hold('b');
  await vi.waitFor(() => expect(log).toContain('open b'));
  await held.keepOnly((key) => key === 'c');
  expect(log).toEqual(['open a', 'open b', 'close a']);
  b.end();
  await b.done;
  expect(log).toContain('close b');
  expect(held.open).toBe(0);
});

it('what is broken is not opened again with each step; what may pass is', async () => {
  start(1);
  const failing = (message: string) => async (): Promise<string> => {
    log.push(message);
    throw new Error(message);
  };
  for (const message of ['broken', 'broken', 'away', 'away']) {
    await expect(held.use(message, failing(message), never, async () => undefined)).rejects.toThrow(message);
  }
  expect(log).toEqual(['broken', 'away', 'away']);
  expect(await touch('a')).toBe('a');
});

it('what nobody asks for is closed by and by', async () => {
  start(2, 20);
  await touch('a');
  await vi.waitFor(() => expect(log).toEqual(['open a', 'close a']));
});

/** One pull at a time for each folder, over processes and, by the lock's age, over machines that share a disk. */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isAlive } from '../process-alive.ts';

const BEAT_MS = 5_000;
/** A holder on another machine that has not been heard of for so long is gone. */
const STALE_MS = 60_000;
const LOOK_MS = 300;

const holder = z.object({ token: z.string(), pid: z.int(), host: z.string() });
type Holder = z.infer<typeof holder>;

/**
 * Waits for whoever has the lock, then does the work.
 * @param path of the lock's file; its folder must be there
 * @param onWait told once who is waited for
 */
export async function withLock<T>(
  path: string,
  signal: AbortSignal,
  onWait: (who: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const me: Holder = { token: randomUUID(), pid: process.pid, host: hostname() };
  let told = false;
  while (!(await take(path, me))) {
    const other = await read(path);
    if (other === undefined) {
      // Let go in this moment, or not to be read by this user: that must not become a race of the processor.
      await sleep(LOOK_MS / 10, undefined, { signal });
      continue;
    }
    if (other.gone) {
      await clearAway(path, other.token);
      continue;
    }
    if (!told) onWait(`process ${other.pid} on ${other.host}`);
    told = true;
    await sleep(LOOK_MS, undefined, { signal });
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await clearAway(path, me.token);
  }
}

/** @returns false where somebody has it */
async function take(path: string, me: Holder): Promise<boolean> {
  // Whole at once: nobody reads half a lock.
  const own = `${path}.${me.token}`;
  const file = await open(own, 'wx');
  try {
    await file.writeFile(JSON.stringify(me));
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await file.close();
    await rm(own, { force: true });
  }
}

async function read(path: string): Promise<(Holder & { readonly gone: boolean }) | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const parsed = holder.safeParse(JSON.parse(text));
    const old = Date.now() - mtimeMs > STALE_MS;
    if (!parsed.success) return { token: '', pid: 0, host: 'unknown', gone: old };
    const { pid, host } = parsed.data;
    return { ...parsed.data, gone: old || (host === hostname() && !isAlive(pid)) };
  } catch {
    return undefined;
  }
}

/** Removes the lock if it is still that one. Another may have taken its place meanwhile: that one is put back. */
async function clearAway(path: string, token: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const text = await readFile(aside, 'utf8').catch(() => '');
  if (token !== '' && !text.includes(token)) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

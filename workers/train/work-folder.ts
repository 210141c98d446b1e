/** Folders of trainings that are under way: one for each try, gone with it; what a dead process left goes at the next start. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { CotaError } from '../../shared/errors.ts';
import { isAlive } from '../../shared/process-alive.ts';

const OWNER = 'owner.json';

/** @param name of the try */
export function makeFolder(root: string, jobId: string, name: string): string {
  const folder = resolve(root, `${jobId}-${name}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, OWNER), JSON.stringify({ pid: process.pid, host: hostname() }));
  } catch (cause) {
    const words = `The train worker cannot write ${folder}: set COTA_TRAIN_FOLDER to a folder that it can write.`;
    throw new CotaError('server_error', words, { cause });
  }
  return folder;
}

export const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 3 });

/**
 * Folders whose process has died on this machine; others may share the root over a network. To be called before this
 * process makes one: in a container that started again it has the number of the one that died.
 */
export function removeLeftovers(root: string): string[] {
  const gone: string[] = [];
  let names: string[] = [];
  try {
    names = readdirSync(root);
  } catch {
    // It is made with the first job.
  }
  for (const name of names.filter((one) => /^ftjob-[0-9a-z]{26}-[0-9a-f]{8}$/.test(one))) {
    try {
      const owner = JSON.parse(readFileSync(join(root, name, OWNER), 'utf8')) as { pid?: unknown; host?: unknown };
      if (owner.host !== hostname() || typeof owner.pid !== 'number') continue;
      if (owner.pid !== process.pid && isAlive(owner.pid)) continue;
      rmSync(join(root, name), { recursive: true, force: true });
      gone.push(name);
    } catch {
      // Somebody else takes it away, or it is not ours.
    }
  }
  return gone;
}

/** What can be said before anything is started: a missing file is told here in one line, not by a worker's log. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadModels } from '../../shared/models.ts';
import { UserError } from '../user-error.ts';
import { anyFreePort, freePortNear, isFree } from './ports.ts';

/** @throws UserError or SettingsError that names the file and what to do */
export function requireModels(path: string): void {
  const models = loadModels(path);
  for (const id of models.ids) {
    const entry = models.get(id);
    if (entry?.backend !== 'onnx') continue;
    const folder = models.resolve(entry.path);
    for (const file of ['config.json', 'onnx/model.onnx']) {
      if (existsSync(join(folder, file))) continue;
      throw new UserError(
        `the model "${id}" of ${path} is not there: ${join(folder, file)} is missing (see docs/models.md)`,
      );
    }
  }
}

const DEFAULT_PORT = 8080;

/**
 * @param asked the port that the user named; undefined: 8080 or the next free one
 * @throws UserError when the port that was asked for is taken
 */
export async function choosePort(asked: number | undefined, host: string): Promise<number> {
  if (asked === undefined) return freePortNear(DEFAULT_PORT, host);
  if (asked === 0) return anyFreePort(host);
  if (await isFree(asked, host)) return asked;
  throw new UserError(`port ${asked} of ${host} is taken: choose another with --port, or leave it out`);
}

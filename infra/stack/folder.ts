import { mkdirSync } from 'node:fs';
import { UserError } from '../user-error.ts';

/**
 * Makes a folder that only its owner sees into, and those above it.
 * @throws UserError where a file is in its way, or where it may not be made
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UserError(`cannot make the folder ${path}: ${(error as Error).message}`);
  }
}

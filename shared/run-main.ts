import { SettingsError } from './env.ts';
import { CotaError } from './errors.ts';

/** Runs a process' main function: a wrong setting ends it with one clear line and exit code 2, never a stack trace. */
export function runMain(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    const known =
      error instanceof SettingsError ||
      error instanceof CotaError ||
      (error instanceof Error && error.name === 'StoreAway');
    process.stderr.write(
      known ? `${(error as Error).message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exit(known ? 2 : 1);
  });
}

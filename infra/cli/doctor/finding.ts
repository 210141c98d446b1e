export interface Finding {
  /** `fail`: runs cannot be answered, or not kept safe. `warn`: they can, but look at it. */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly found: string;
  /** What to do; only where something is. */
  readonly advice?: string;
}

/** The first line of what was thrown: a stack trace helps nobody here. */
export function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? message;
}

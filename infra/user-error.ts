/** An error whose message is all that a person at a terminal needs: one line on what is wrong and what to do. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** 1: it was tried and failed. 2: it cannot be tried as asked. */
  readonly exitCode: 1 | 2;
  constructor(message: string, exitCode: 1 | 2 = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

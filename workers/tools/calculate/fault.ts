export type FaultCode =
  | 'bad_expression'
  | 'unknown_name'
  | 'division_by_zero'
  | 'undefined_result'
  | 'too_large'
  | 'bad_query'
  | 'not_solved';

/** What is wrong with an expression, in words that tell how to write it right. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  constructor(code: FaultCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const bad = (message: string): Fault => new Fault('bad_expression', message);

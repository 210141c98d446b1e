import { Fault } from '../calculate/fault.ts';

/** Not understood: the question has to be written otherwise. */
export const unread = (message: string): Fault => new Fault('bad_query', message);

/** Understood, but beyond this tool. */
export const unsolved = (message: string): Fault => new Fault('not_solved', message);

export const tooBig = (): Fault => new Fault('too_large', 'the numbers become too large: use smaller ones');

import nerdamer from 'nerdamer-prime';
import { serveEngine } from '../engines/serve-engine.ts';
import type { SymbolicRequest } from './symbolic.ts';

/** What a request may be made of, once more: this is where text meets a parser that is not ours. */
const PLAIN = /^[a-z0-9+\-*/^(),. ]{1,4000}$/;
const BOUND = /^-?(?:q\d|[\d./()]+|Infinity|pi|e)$/;

// It tells of what it cannot do on the console, which is that of the worker's log.
console.log = console.warn = () => undefined;

serveEngine((message) => {
  const request = message as SymbolicRequest | 'load';
  if (request === 'load') return null;
  const { task, of, by, to } = request;
  if (!PLAIN.test(of) || (by !== undefined && !/^q\d+$/.test(by)) || (to !== undefined && !BOUND.test(to)))
    throw new Error('nothing but plain terms is taken');
  const rest = [by, to].filter((part) => part !== undefined).map((part) => `,${part}`);
  return nerdamer(`${task}(${of}${rest.join('')})`).toString();
});

/** Questions about an expression: derivatives, integrals, limits, other forms. */
import { boundOf, expressionIn, nameFor } from './expression.ts';
import type { Question } from './question.ts';

const ORDERS = new Map([
  ['second', 2],
  ['third', 3],
  ['fourth', 4],
]);

function derivativeIn(text: string): Question | undefined {
  const leibniz = /\bd(?:\^?(\d))?\s*(?:[a-z]\s*)?\/\s*\(?d([a-z])(?:\^?\d)?\)?(?:\s*(?:of|=)?\s*)(.+)$/s.exec(text);
  const worded = /\b(?:(second|third|fourth)\s+)?(?:derivative|differentiate|differential)\b(?:\s+of)?(.+)$/is.exec(
    text,
  );
  if (!leibniz && !worded) return undefined;
  let rest = leibniz ? leibniz[3]! : worded![2]!;
  const at = /\b(?:at|when|where)\s+(?:the point\s+)?[a-z]\s*=\s*([^,?]+)[?.]?\s*$/i.exec(rest);
  if (at) rest = rest.slice(0, at.index);
  const by = /\b(?:with respect to|wrt|by|w\.r\.t\.?)\s+([a-z])\b/i.exec(rest);
  if (by) rest = rest.replace(by[0], ' ');
  const of = expressionIn(rest);
  const times = leibniz ? Number(leibniz[1] ?? 1) : (ORDERS.get(worded![1]?.toLowerCase() ?? '') ?? 1);
  return {
    task: 'differentiate',
    of,
    by: nameFor(of, leibniz?.[2] ?? by?.[1]),
    times: Math.min(10, Math.max(1, times)),
    ...(at && { at: expressionIn(at[1]!) }),
  };
}

function integralIn(text: string): Question | undefined {
  const sign =
    /∫\s*(?:_?\s*(?:\(([^()]*)\)|(-?[\w.]+))\s*\^\s*(?:\(([^()]*)\)|(-?[\w.]+)))?\s*(.+?)\s*\bd([a-z])\b/s.exec(
      text.replace(/(?<=[\w)])d(?=[xyztu]\b)/g, ' d'),
    );
  const word = /\b(?:integrate|integral|antiderivative)\b(?:\s+of)?(.+)$/is.exec(text);
  if (!sign && !word) return undefined;
  let rest = sign ? sign[5]! : word![1]!;
  const range =
    /\b(?:from|between)\s+(?:[a-z]\s*=\s*)?(.+?)\s+(?:to|and)\s+(?:[a-z]\s*=\s*)?([^?,]+)[?.]?\s*(?=$|with)/i.exec(
      rest,
    );
  if (range) rest = rest.slice(0, range.index) + rest.slice(range.index + range[0].length);
  const by = /\b(?:with respect to|wrt)\s+([a-z])\b|\bd([a-z])\s*[?.]?\s*$/i.exec(rest);
  if (by) rest = rest.replace(by[0], ' ');
  const of = expressionIn(rest);
  const from = sign?.[1] ?? sign?.[2] ?? range?.[1];
  const to = sign?.[3] ?? sign?.[4] ?? range?.[2];
  const bounds = from !== undefined && to !== undefined && { from: boundOf(from), to: boundOf(to) };
  return { task: 'integrate', of, by: nameFor(of, sign?.[6] ?? by?.[1] ?? by?.[2]), ...bounds };
}

function limitIn(text: string): Question | undefined {
  if (!/\blim(?:it)?(?![a-z])/i.test(text)) return undefined;
  const place =
    /_?\(?\s*(?:as\s+)?\b([a-z])\s*(?:->|approaches|tends to|goes to|to)\s*(-?\s*(?:inf\w*|[\d./]+|[a-z]+))\s*([+-](?=[\s)}])|\^\s*\(?[+-]\)?)?\s*\)?/i.exec(
      text,
    );
  if (!place) return undefined;
  const rest = text.replace(place[0], ' ').replace(/\blim(?:it)?(?![a-z])(?:\s+of)?_?/i, ' ');
  const side = place[3]?.includes('+') ? 1 : place[3]?.includes('-') ? -1 : 0;
  return { task: 'limit', of: expressionIn(rest), by: place[1]!, to: boundOf(place[2]!.replace(/\s/g, '')), side };
}

function rewriteIn(text: string): Question | undefined {
  const found =
    /^\W*(?:please\s+)?(factori[sz]e|factor|expand|simplify)\b(?:\s+(?:the\s+)?(?:expression|polynomial))?\s*:?(.+)$/is.exec(
      text,
    );
  if (!found) return undefined;
  const verb = found[1]!.toLowerCase();
  const task = verb.startsWith('factor') ? 'factor' : verb === 'expand' ? 'expand' : 'simplify';
  return { task, of: expressionIn(found[2]!) };
}

/** @returns undefined when the text asks for none of them */
export const calculusOf = (text: string): Question | undefined =>
  derivativeIn(text) ?? integralIn(text) ?? limitIn(text) ?? rewriteIn(text);

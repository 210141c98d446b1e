/** Whether what a chain says is what follows. */

import { CANNOT_TELL } from '../../../shared/data/chain.ts';
import { NUMBER_WORDS } from '../../../shared/data/number-words.ts';
import type { Option } from './contract.ts';
import { numbersSaid } from './numbers.ts';
import { remembered } from './remember.ts';

const words = remembered((text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[“”"'’`]/g, '')
    .replace(/\b(?:the|a|an|it is|its|they are|there are|there is)\b/g, ' ')
    .replace(/[^\p{L}\p{N}.,%+-]+/gu, ' ')
    .replace(/(?<!\d)[.,]|[.,](?!\d)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim(),
);

const unspaced = remembered((text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ''));

/** The one number that a text says; undefined where it says none or several. */
function numberOf(text: string): number | undefined {
  const said = numbersSaid(text);
  if (said.length === 0) {
    const word = words(text)
      .split(' ')
      .find((one) => NUMBER_WORDS.includes(one) || one === 'none');
    return word === undefined ? undefined : Math.max(0, NUMBER_WORDS.indexOf(word));
  }
  const [only] = said;
  if (said.length !== 1 || !only) return undefined;
  return /[-−]\s*[^\d\s]?\s*$/.test(text.slice(0, only.at)) && !/\d/.test(text.slice(0, only.at))
    ? -only.value
    : only.value;
}

export const saysCannotTell = (text: string): boolean =>
  words(text) === words(CANNOT_TELL) ||
  /^(?:it |this )?(?:cannot|can ?t|can not) be (?:told|determined|said|known|read)\b|^cannot (?:tell|be)|^(?:not enough information|unknown|unanswerable|none of (?:these|them|the above) can be told)/.test(
    words(text),
  );

/** Whether a text says one of the answers. */
export function says(text: string, answers: readonly (string | number)[]): boolean {
  const said = words(text);
  const number = numberOf(text);
  return answers.some((answer) => {
    if (typeof answer === 'number') return number !== undefined && Math.abs(number - answer) < 0.0051;
    const wanted = words(answer);
    // A blank between two words is the first that a reader of pictures loses or sees.
    if (said === wanted || (/\p{L}{3}/u.test(wanted) && unspaced(text) === unspaced(answer))) return true;
    // `yes, there is`, `a ball (0.42)` say no more than `yes` and `ball`.
    return (
      wanted.length > 1 &&
      (said.startsWith(`${wanted} `) || said.endsWith(` ${wanted}`)) &&
      !/\b(?:or|not|no|and)\b/.test(said.replace(wanted, ''))
    );
  });
}

/** The option that an answer chooses; undefined where it chooses none. */
export function chosen(answer: string, options: readonly Option[]): Option | undefined {
  const lettered = /^\(?([A-Z])\)?(?:[).:]|\s*[-–]|\s+|$)\s*(.*)$/s.exec(answer.trim());
  if (lettered) {
    const option = options.find(({ letter }) => letter === lettered[1]);
    const rest = words(lettered[2] ?? '');
    if (option && (rest === '' || rest === words(option.text))) return option;
    if (rest === '' || option) return undefined;
  }
  return options.find(({ text }) => words(text) === words(answer));
}

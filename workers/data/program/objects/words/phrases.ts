/** Texts that pictures are compared with. */
import { withArticle } from './kinds.ts';

/** `a red ball`, `an orange ball`. */
export const withColour = (colour: string, label: string): string => `${withArticle(colour)} ${label}`;

/** `a man riding a horse`. */
export const relationPhrase = (subject: string, predicate: string, object: string): string =>
  `${withArticle(subject)} ${predicate} ${withArticle(object)}`;

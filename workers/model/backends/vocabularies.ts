/** The vocabularies that weights may have been trained on: how their tokens are written, and what may be said in them. */
import { createHash } from 'node:crypto';
import * as nano from '../../../shared/nano/format.ts';
import * as nano1 from '../../../shared/nano-1/format.ts';
import type { MaskMaker } from '../engine/messages.ts';

export interface Vocabulary {
  readonly hash: string;
  /** Id of the token that ends a turn. */
  readonly end: number;
  toText(ids: readonly number[]): string;
  /** @throws Error for text that is not in its form */
  fromText(text: string): number[];
  readonly masks: MaskMaker;
}

/** That of cota-nano before version 1. */
export const vocabulary = createHash('sha256').update(JSON.stringify(nano.TOKENS)).digest('hex').slice(0, 16);

const ALL: readonly Vocabulary[] = [
  {
    ...{ hash: vocabulary, end: nano.ID.end, toText: nano.toText, fromText: nano.fromText },
    masks: { url: new URL('./speakable.ts', import.meta.url).href, export: 'speakable' },
  },
  {
    ...{ hash: nano1.VOCABULARY_HASH, end: nano1.ID.end, toText: nano1.toText, fromText: nano1.fromText },
    masks: { url: new URL('../../../shared/nano-1/speakable/mask.ts', import.meta.url).href, export: 'speakable' },
  },
];

/** @throws Error for one that this program does not speak */
export function vocabularyOf(folder: string, hash: string | undefined): Vocabulary {
  const found = ALL.find((one) => one.hash === hash);
  if (found) return found;
  const spoken = ALL.map((one) => one.hash).join(' and ');
  throw new Error(
    `${folder} was trained on vocabulary ${hash ?? '(none named)'}, this program speaks ${spoken}: export the model again`,
  );
}

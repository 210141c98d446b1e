/** Rows for Hugging Face datasets: the conversation as text, the pictures with their bytes, and the facts of the chain. */
import { conversationOf } from '../conversation.ts';
import type { Format } from '../format.ts';
import { picturePath } from '../pictures.ts';
import { markedConversation, picturesOf } from '../placeholders.ts';
import { readParquetRow } from '../read/parquet.ts';

export interface ParquetRow {
  readonly id: string;
  readonly source: string;
  readonly origin: string;
  readonly outcome: string;
  readonly family: string | null;
  readonly question: string;
  readonly choices: readonly string[] | null;
  readonly truth: string;
  readonly answer: string | null;
  readonly licence: string;
  readonly images: readonly { readonly bytes: Uint8Array; readonly path: string }[];
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

export const parquet: Format = {
  name: 'parquet',
  ending: 'parquet',
  contentType: 'application/vnd.apache.parquet',
  beside: false,
  native: false,
  path: (split, number) => `data/${split}-${number}.parquet`,
  async row(chain, { shown, bytes }): Promise<ParquetRow> {
    const { id, source, origin, outcome, facts, choices, licence } = chain;
    const messages = conversationOf(chain, shown);
    const images: { bytes: Uint8Array; path: string }[] = [];
    for (const image of picturesOf(messages)) {
      images.push({ bytes: await bytes(image), path: picturePath(image).slice('images/'.length) });
    }
    const clean = (text: string): string => text.toWellFormed();
    return {
      id,
      source,
      origin,
      outcome,
      family: facts?.family ?? null,
      question: clean(chain.question),
      choices: choices?.map(clean) ?? null,
      truth: clean(chain.truth),
      answer: chain.answer === null ? null : clean(chain.answer),
      licence,
      images,
      messages: markedConversation(messages).map(({ role, content }) => ({ role, content: clean(content) })),
    };
  },
  read: readParquetRow,
};

/** Lists of the API, page after page, as long as somebody wants more. */
import { z } from 'zod';
import { type Client, withPatience } from './client.ts';
import type { Arguments, Option } from './command.ts';
import { say } from './terminal.ts';

export const LIST_OPTIONS = {
  limit: { value: 'N', short: 'n', help: 'how many, newest first (default: 20)' },
  after: { value: 'ID', help: 'those after this one: the last line of the list before' },
} as const satisfies Record<string, Option>;

export interface Listed<T> {
  readonly data: readonly T[];
  readonly hasMore: boolean;
}

const MOST = 100_000;
const PAGE = 100;

/** @param query what is asked for beside pages, with undefined for what is not */
export async function list<T>(
  client: Client,
  path: string,
  args: Arguments,
  one: z.ZodType<T>,
  query: Readonly<Record<string, string | undefined>> = {},
): Promise<Listed<T>> {
  const page = z.looseObject({ data: z.array(one), last_id: z.string().nullable(), has_more: z.boolean() });
  const most = args.number('limit', 1, MOST) ?? 20;
  const data: T[] = [];
  let after = args.text('after');
  for (;;) {
    const given = { ...query, after, limit: String(Math.min(PAGE, most - data.length)) };
    const search = new URLSearchParams(
      Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
    const next = await withPatience(() => client.get(`${path}?${search}`, page));
    data.push(...next.data);
    after = next.last_id ?? undefined;
    if (!next.has_more || data.length >= most || after === undefined) return { data, hasMore: next.has_more };
  }
}

/** For people: that the list goes on, and how. */
export function sayMore<T extends { readonly id: string }>({ data, hasMore }: Listed<T>, command: string): void {
  if (hasMore) say(`\nthere are more: \`./cota ${command} --after ${data.at(-1)?.id}\`, or --limit N`);
}

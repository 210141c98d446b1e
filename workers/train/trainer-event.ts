/**
 * Lines of a trainer -> what they tell. Ours prints one JSON object a line; trainers on Hugging Face's Trainer print
 * Python dicts of figures, and a bar of steps. Any other line is text for the log.
 */
import { z } from 'zod';

const step = z.int().nonnegative();
const tokens = z.int().nonnegative().optional();

/** Below {out}: a text of the data that a trainer prints must not name a file of the machine. */
const below = z.string().refine((path) => path !== '' && !path.startsWith('/') && !path.split('/').includes('..'));

const line = z.discriminatedUnion('event', [
  z.looseObject({
    event: z.literal('started'),
    parameters: z.int().nonnegative().optional(),
    tokens_planned: tokens,
    resumed_at_step: step.optional(),
  }),
  z.looseObject({ event: z.literal('progress'), step, tokens, tokens_planned: tokens }),
  z.looseObject({
    event: z.literal('evaluation'),
    step,
    tokens,
    stage: z.string().optional(),
    figures: z.record(z.string(), z.record(z.string(), z.json())).optional(),
    passed: z.boolean().optional(),
  }),
  z.looseObject({
    event: z.literal('checkpoint'),
    step,
    tokens,
    path: below,
    sha256: z.string().optional(),
    /** Of the stage that ends with it. */
    stage: z.string().optional(),
  }),
  z.looseObject({ event: z.literal('stage'), name: z.string(), step: step.optional() }),
  z.looseObject({ event: z.literal('note'), message: z.string().optional() }),
  z.looseObject({ event: z.literal('done'), path: below.nullish() }),
  z.looseObject({ event: z.literal('stopped') }),
]);
export type TrainerEvent =
  | z.infer<typeof line>
  /** Of a bar: steps so far, of how many. */
  | { readonly event: 'bar'; readonly step: number; readonly steps: number }
  /** Of a dict, which names no step of its own. */
  | { readonly event: 'figures'; readonly figures: Readonly<Record<string, number>>; readonly step?: number };

const BAR = /\b(\d{1,9})\/(\d{1,9}) \[/;
const DICT = /^\s*\{\s*'[\w/ -]+':.*\}\s*$/;
const PAIR = /'([\w/ -]+)':\s*'?(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:\/(\d+))?'?(?=[,}\s])/gi;

/** Longer than any dict of figures or bar: a pattern that looks at more of what is none may take for ever. */
const MOST = 4_096;

/** @returns undefined for text */
export function trainerEventOf(text: string): TrainerEvent | undefined {
  if (text.startsWith('{"')) {
    try {
      const parsed = line.safeParse(JSON.parse(text));
      if (parsed.success) return parsed.data;
    } catch {
      // Text that begins like JSON.
    }
    return undefined;
  }
  if (text.length > MOST) return undefined;
  if (DICT.test(text)) {
    const figures: Record<string, number> = {};
    let at: number | undefined;
    for (const [, name = '', value = '', of] of text.matchAll(PAIR)) {
      if (/^(global_)?step/.test(name) && (of !== undefined || name === 'step')) at = Number(value);
      else if (of === undefined) figures[name] = Number(value);
    }
    if (Object.keys(figures).length > 0)
      return { event: 'figures', figures, ...(at === undefined ? {} : { step: at }) };
    return undefined;
  }
  const [, now, all] = BAR.exec(text) ?? [];
  return now !== undefined && all !== undefined && Number(all) >= Number(now) && Number(all) > 0
    ? { event: 'bar', step: Number(now), steps: Number(all) }
    : undefined;
}

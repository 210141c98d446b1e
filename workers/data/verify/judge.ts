/** A model as judge: asked only what no rule decides, at temperature 0, and never asked the same twice. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ChainImage, Verdict } from '../../../shared/data/chain.ts';
import type { judgeRecipe } from '../../../shared/data/recipe/model.ts';
import { CotaError } from '../../../shared/errors.ts';
import { paths } from '../../../shared/keys.ts';
import { ObjectMissing, type ObjectStore } from '../../../shared/object-store.ts';
import type { Services } from '../factory/services.ts';
import { AGAIN, JUDGE_PROMPT, systemOf, type ToJudge, userOf } from './judge-prompt.ts';

const MOST_TOKENS = 200;
/** More of an answer than any judge needs. */
const MOST_ANSWER = 4_000;

export interface Judgement {
  /** Undefined where the judge gave no score. */
  readonly verdict: Verdict | undefined;
  /** From the store: nobody was asked. */
  readonly cached: boolean;
  readonly tokens: { readonly input: number; readonly output: number };
  /** What became of a judge that gave none. */
  readonly why: string;
}

export interface Judge {
  /** @throws the signal's reason; CotaError where the model is none that can be asked */
  judge(asked: ToJudge, images?: readonly ChainImage[]): Promise<Judgement>;
}

export interface JudgeParts {
  readonly objects: ObjectStore;
  readonly tenant: string;
  readonly services: Pick<Services, 'ask' | 'modelVersion'>;
  readonly signal: AbortSignal;
}

const kept = z.object({
  model: z.string(),
  modelVersion: z.string(),
  prompt: z.string(),
  question: z.string(),
  truth: z.string().optional(),
  answer: z.string(),
  /** All that the judge said, reply by reply. */
  replies: z.array(z.string()),
  score: z.number().min(0).max(1).nullable(),
  why: z.string(),
});
type Kept = z.infer<typeof kept>;

const NO_TOKENS = { input: 0, output: 0 };

export function openJudge(
  recipe: z.infer<typeof judgeRecipe>,
  { objects, tenant, services, signal }: JudgeParts,
): Judge {
  const version = services.modelVersion?.(recipe.model) ?? '';
  const place = (asked: ToJudge, images: readonly ChainImage[]): string => {
    const seen = asked.truth === undefined ? images.map(({ sha256 }) => sha256 ?? '') : [];
    const about = [recipe.model, version, JUDGE_PROMPT, asked.question, asked.truth ?? null, asked.answer, ...seen];
    return paths.verdict(tenant, createHash('sha256').update(JSON.stringify(about)).digest('hex'));
  };

  async function ask(
    asked: ToJudge,
    images: readonly ChainImage[],
  ): Promise<{ document: Kept; tokens: Judgement['tokens'] }> {
    const replies: string[] = [];
    const tokens = { input: 0, output: 0 };
    let modelVersion = version;
    let read: { score: number; why: string } | undefined;
    for (const more of ['', `\n\n${AGAIN}`]) {
      const reply = await services.ask(
        {
          model: recipe.model,
          system: systemOf(asked),
          user: userOf(asked) + more,
          // With a reference the pictures would only tempt the judge to answer for itself.
          ...(asked.truth === undefined ? { images } : {}),
          maxTokens: MOST_TOKENS,
          temperature: 0,
          seed: 0,
        },
        signal,
      );
      ({ modelVersion } = reply);
      tokens.input += reply.tokens.input;
      tokens.output += reply.tokens.output;
      replies.push(reply.text);
      read = readScore(reply.text);
      if (read) break;
    }
    const { question, truth, answer } = asked;
    const document: Kept = {
      ...{ model: recipe.model, modelVersion, prompt: JUDGE_PROMPT, question, answer },
      ...(truth === undefined ? {} : { truth }),
      ...{ replies, score: read?.score ?? null, why: read?.why ?? 'the judge gave no score' },
    };
    return { document, tokens };
  }

  return {
    async judge(whole, images = []) {
      const asked = { ...whole, answer: whole.answer.slice(0, MOST_ANSWER) };
      const key = place(asked, images);
      const earlier = await readKept(objects, key);
      if (earlier)
        return { verdict: verdictOf(earlier, recipe.threshold), cached: true, tokens: NO_TOKENS, why: earlier.why };
      try {
        const { document, tokens } = await ask(asked, images);
        // No score may be this moment's mishap: it is asked anew another time.
        if (document.score !== null)
          await objects.put(key, Buffer.from(JSON.stringify(document)), { contentType: 'application/json' });
        return { verdict: verdictOf(document, recipe.threshold), cached: false, tokens, why: document.why };
      } catch (error) {
        if (
          !(error instanceof CotaError && (error.code === 'model_refused' || error.code === 'context_length_exceeded'))
        )
          throw error;
        return { verdict: undefined, cached: false, tokens: NO_TOKENS, why: error.message };
      }
    },
  };
}

function verdictOf({ model, modelVersion, prompt, score, why }: Kept, threshold: number): Verdict | undefined {
  if (score === null) return undefined;
  return { by: 'judge', correct: score >= threshold, why, score, judge: { model, modelVersion, prompt } };
}

async function readKept(objects: ObjectStore, key: string): Promise<Kept | undefined> {
  try {
    const { bytes } = await objects.get(key);
    const read = kept.safeParse(JSON.parse(bytes.toString()));
    return read.success ? read.data : undefined;
  } catch (error) {
    // Half a document cannot be there, but that of another version can.
    if (error instanceof ObjectMissing || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const reply = z.object({ score: z.number().min(0).max(1), why: z.string().max(1_000).default('') });

/** One JSON object, perhaps in a code fence, and nothing beside it: anything looser would let an answer speak for the judge. */
export function readScore(text: string): { readonly score: number; readonly why: string } | undefined {
  const bare = text.trim().replace(/^```(?:json)?\s*|\s*```$/g, '');
  try {
    const read = reply.safeParse(JSON.parse(bare));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

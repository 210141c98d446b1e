/** All that the filter and the mixture know of a chain: found in one pass over it, so that no later stage reads it again. */
import { hash as digest } from 'node:crypto';
import { type Chain, toolCalls } from '../../../shared/data/chain.ts';
import type { FilterRecipe } from '../../../shared/data/recipe/filter.ts';
import type { Recipe } from '../../../shared/data/recipe.ts';
import { compared, toDirect, turnsDirect } from '../mix/direct.ts';
import type { BenchmarkIndex } from './benchmark-index.ts';
import { comparedText, dialogue, plainQuestion } from './chain-text.ts';
import type { Fault } from './fault.ts';
import { formatFault } from './format.ts';
import { PERMUTATIONS, shingles, signature } from './minhash.ts';
import { skillOf, toolSequence } from './skill.ts';
import { countTokens } from './tokens.ts';
import { uselessStep } from './useful-steps.ts';

export interface ChainFactsRow {
  readonly id: string;
  readonly source: string;
  readonly origin: string;
  readonly split: string;
  readonly outcome: string;
  readonly family: string;
  /** Empty where there is none. */
  readonly skeleton: string;
  readonly skill: string;
  /** Called tools in order, `OCR>Calculate`. */
  readonly tools: string;
  readonly licence: string;
  /** Versions of the model and the tools that made it, `tool OCR 1.2`, one a line. */
  readonly made: string;
  /** By o200k_base, of the whole dialogue. */
  readonly tokens: number;
  /** The first rule that the chain fails by itself, with what is said of it; empty where it fails none. */
  readonly reason: string;
  readonly detail: string;
  /** 128 bits in hex: of the words and of the pictures, as far as these are known. */
  readonly exact: string;
  /** 64 bits in hex, of the question alone. */
  readonly asked: string;
  /** Picture hashes of the input images, 16 hex digits each or `?`, joined by blanks. */
  readonly pictures: string;
  /** Of the input images: the first 16 digits of their SHA-256, or `?`. */
  readonly bytes: string;
  /** MinHash of the compared text; empty where nobody asks for it. */
  readonly signature: Uint8Array;
}

const hash = (text: string, digits: number): string => digest('sha256', text).slice(0, digits);
const NONE = new Uint8Array(0);

/**
 * A chain that the mixture turns into a Direct one is judged as what it becomes.
 * @param recipe without a filter only what the mixture needs is found out
 * @param benchmarks what nothing may come from
 */
export function factsOf(
  chain: Chain,
  recipe: Pick<Recipe, 'filter' | 'mix' | 'seed'>,
  benchmarks?: BenchmarkIndex,
): ChainFactsRow {
  const { filter } = recipe;
  const direct = turnsDirect(chain, recipe);
  const become = direct ? { ...toDirect(chain, recipe.seed), outcome: chain.outcome, verdict: chain.verdict } : chain;
  const tokens = countTokens(dialogue(become));
  const fault = filter ? ownFault(become, filter, tokens, benchmarks) : undefined;
  // Of a chain that goes anyway nobody asks whether it is like another.
  const compare = filter !== undefined && fault === undefined;
  const text = compare ? comparedText(compared(chain, recipe)) : '';
  const pictures = chain.images.map(({ phash }) => phash ?? '?').join(' ');
  const bytes = chain.images.map(({ sha256 }) => sha256?.slice(0, 16) ?? '?').join(' ');
  return {
    id: chain.id,
    source: chain.source,
    origin: chain.origin,
    split: chain.split,
    outcome: chain.outcome,
    family: chain.facts?.family ?? chain.source,
    skeleton: chain.facts?.skeleton ?? '',
    skill: skillOf(become),
    tools: toolSequence(become),
    licence: chain.licence,
    made: versionsOf(chain),
    tokens,
    reason: fault?.reason ?? '',
    detail: fault?.detail ?? '',
    exact: compare ? hash(`${text.toLowerCase().replace(/\s+/g, ' ')}\n${bytes}`, 32) : '',
    asked: compare && filter.duplicates.image_bits !== undefined ? hash(plainQuestion(chain.question), 16) : '',
    pictures,
    bytes,
    signature: compare && filter.duplicates.text > 0 ? signature(shingles(text)) : NONE,
  };
}

function versionsOf({ made }: Chain): string {
  const tools = Object.entries(made.toolVersions).map(([name, version]) => `tool ${name} ${version}`);
  const model = made.model === undefined ? [] : [`model ${made.model} ${made.modelVersion ?? 'of unknown version'}`];
  return [...model, ...tools].sort().join('\n');
}

/** Length of a signature column's values. */
export const SIGNATURE_BYTES = PERMUTATIONS;

/** The first rule that a chain fails by itself, in the order of OWN_REASONS. */
function ownFault(
  chain: Chain,
  filter: FilterRecipe,
  tokens: number,
  benchmarks: BenchmarkIndex | undefined,
): Fault | undefined {
  const { verdict, outcome, images, origin, licence } = chain;
  const calls = toolCalls(chain).length;
  const format = formatFault(chain);
  if (format) return format;
  if (filter.checker && origin === 'program' && verdict?.correct !== true)
    return { reason: 'checker', detail: verdict?.why ?? 'nobody has checked it' };
  if (!filter.outcomes.includes(outcome)) return { reason: 'outcome', detail: outcome };
  const useless = filter.useful_steps ? uselessStep(chain) : undefined;
  if (useless) return useless;
  if (tokens > filter.max_tokens) return { reason: 'too-long', detail: `${tokens} tokens` };
  if (tokens < filter.min_tokens) return { reason: 'too-short', detail: `${tokens} tokens` };
  if (filter.max_calls !== undefined && calls > filter.max_calls)
    return { reason: 'too-many-calls', detail: `${calls} calls` };
  if (filter.max_images !== undefined && images.length > filter.max_images)
    return { reason: 'too-many-images', detail: `${images.length} images` };
  if (filter.licences && !filter.licences.includes(licence)) return { reason: 'licence', detail: licence };
  const hit = benchmarks?.hit(chain);
  return hit === undefined ? undefined : { reason: 'contamination', detail: hit };
}

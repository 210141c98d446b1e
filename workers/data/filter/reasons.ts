/**
 * Why chains are dropped, in the order in which the rules are asked: a chain that fails several has the first as its
 * reason. Rules that look at one chain alone come before those that compare chains, so that of two equal chains the one
 * that stays is never one that is dropped for something else.
 *
 * Reports of the stages use these names:
 * - `filter.scan` counts `chains`.
 * - `filter.decide` has notes `DecideNotes`.
 * - `filter.apply` counts `read`, `kept` and `dropped:<reason>`, and has notes `ApplyNotes`. Its files `chains-*` are
 *   those that stay, its files `dropped-*` hold a `DroppedChain` a line.
 */
import { z } from 'zod';
import { outcomeKind } from '../../../shared/data/chain.ts';

/** Reasons that one chain gives by itself. */
export const OWN_REASONS = [
  /** No end, an image or tool that there is not, observations that do not go with the calls. */
  'format',
  /** A program's chain that the independent checker does not confirm. */
  'checker',
  /** Its outcome is not one of those that stay. */
  'outcome',
  /** A reply could not be read. */
  'unparsable-turn',
  /** A call failed, and nothing after it made up for that. */
  'failed-step',
  /** The same call a second time, though it had worked. */
  'repeated-step',
  /** Nothing after a call uses its result. */
  'unused-result',
  'too-long',
  'too-short',
  'too-many-calls',
  'too-many-images',
  'licence',
  /** Its question or a picture is in a benchmark file. */
  'contamination',
] as const;

/** Reasons that come of looking at all chains. */
export const COMMON_REASONS = [
  /** Its source does better without actions. */
  'action-useless',
  /** Another chain has this id. */
  'same-id',
  /** The same words, and the same pictures. */
  'duplicate',
  'near-duplicate',
  /** The same question about nearly the same picture. */
  'same-picture',
  /** Its question's skeleton has its share already. */
  'skeleton-share',
] as const;

export const REASONS = [...OWN_REASONS, ...COMMON_REASONS] as const;
export type OwnReason = (typeof OWN_REASONS)[number];
export type Reason = (typeof REASONS)[number];

/** A line of a `dropped-*.jsonl.zst` file. */
export const droppedChain = z.object({
  id: z.string(),
  source: z.string(),
  reason: z.enum(REASONS),
  /** Which call, which other chain, how many tokens, ... */
  detail: z.string(),
});
export type DroppedChain = z.infer<typeof droppedChain>;

/** Of one source, before anything is dropped. */
export const sourceOutcomes = z.object({
  source: z.string(),
  /** Chains of the four verified outcomes. */
  verified: z.int(),
  /** Chains by outcome. */
  outcomes: z.partialRecord(outcomeKind, z.int()),
  /** Points by which CoT-pos and CoTA-neg lead CoTA-pos, in per cent of the verified chains; negative where they do not. */
  cotLead: z.number(),
  negativeLead: z.number(),
  /** `few`: fewer verified chains than the rule asks for, so it is not judged. */
  judged: z.enum(['useful', 'useless', 'few', 'no rule']),
  /** All of that in a line for people. */
  said: z.string(),
});
export type SourceOutcomes = z.infer<typeof sourceOutcomes>;

export const decideNotes = z.object({
  sources: z.array(sourceOutcomes),
  nearDuplicates: z.object({
    threshold: z.number(),
    bands: z.int(),
    rows: z.int(),
    /** Chains whose signatures come near another's, and were compared word by word. */
    suspects: z.int(),
    dropped: z.int(),
    /** dropped / chains that were compared. */
    rate: z.number(),
  }),
  /** Chains at most of one skeleton, where there is such a rule. */
  skeletonCap: z.int().optional(),
});
export type DecideNotes = z.infer<typeof decideNotes>;

export const applyNotes = z.object({
  /** Source -> counts. */
  sources: z.record(
    z.string(),
    z.object({ read: z.int(), kept: z.int(), dropped: z.partialRecord(z.enum(REASONS), z.int()) }),
  ),
});
export type ApplyNotes = z.infer<typeof applyNotes>;

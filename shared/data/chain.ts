/**
 * One chain of thought and action as data: what every stage of the data factory reads and writes, one JSON document a
 * line. Exports are made from it and read back to it; nothing that a model would be trained on stands anywhere else.
 */
import { z } from 'zod';
import { action, jsonObject } from '../contract.ts';

export const CHAIN_VERSION = 1;

/** What a chain says where the picture does not tell what was asked; truth of unanswerable questions. */
export const CANNOT_TELL = 'I cannot tell from the image.';

export const split = z.enum(['train', 'validation', 'holdout']);
export type Split = z.infer<typeof split>;

export const chainImage = z.object({
  /** `image-0`, ...: input images first, then each image that a tool made takes the next number. */
  name: z.string().regex(/^image-\d+$/),
  /** Pixels. */
  width: z.int().positive(),
  height: z.int().positive(),
  /**
   * Absent for a picture that was never drawn. `images/<sha256>`: kept by data jobs, see workers/data/factory/pictures.ts;
   * anything else is a key of the object store.
   */
  key: z.string().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  contentType: z.string().optional(),
  /** 64 bits in hex, nearly equal for pictures that look nearly equal; see filter/picture-hash.ts. */
  phash: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
});
export type ChainImage = z.infer<typeof chainImage>;

/** As in a trace: JSON, the tool's own argument and return names. */
export const chainObservation = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: jsonObject, images: z.array(chainImage).optional() }),
  z.object({ ok: z.literal(false), error: z.object({ code: z.string(), message: z.string() }) }),
]);
export type ChainObservation = z.infer<typeof chainObservation>;

export const chainTurn = z.object({
  thought: z.string(),
  actions: z.array(action),
  /** One for each action but Terminate, in order. */
  observations: z.array(chainObservation),
  /** Set where the reply could not be read: the words that went back to the model. */
  problem: z.string().optional(),
});
export type ChainTurn = z.infer<typeof chainTurn>;

/**
 * `pos`: the answer is right. CoTA: at least one tool was called; CoT: none was; Direct: the truth with no chain at all
 * (one turn that terminates with it).
 */
export const outcomeKind = z.enum(['CoTA-pos', 'CoTA-neg', 'CoT-pos', 'CoT-neg', 'Direct']);
export type OutcomeKind = z.infer<typeof outcomeKind>;

/** Who said that an answer is right or wrong, and how. */
export const verdict = z.object({
  by: z.enum(['rule', 'judge', 'checker', 'none']),
  correct: z.boolean(),
  /** The rule's name, or the judge's words. */
  why: z.string(),
  /** 0 to 1, of a judge. */
  score: z.number().min(0).max(1).optional(),
  judge: z.object({ model: z.string(), modelVersion: z.string(), prompt: z.string() }).optional(),
});
export type Verdict = z.infer<typeof verdict>;

/** Where a program-made chain comes from; what audits, splits, balance and caps look at. */
export const chainFacts = z.object({
  /** Question family: `count`, `closer-to-anchor`, `sums`, ... */
  family: z.string(),
  /** Layout or world that the scene was made by. */
  template: z.string(),
  /** The question with its slots unfilled. */
  skeleton: z.string(),
  /** Name of the scene (for several images: of the set); never in two splits. */
  scene: z.string(),
  form: z.enum(['multiple-choice', 'short-answer']),
  observed: z.enum(['annotation', 'noise', 'tool']),
  /** How worn the picture is: `none`, `light`, ... */
  wear: z.string(),
  unanswerable: z.boolean(),
  /** What is true of the scene, where that is not what the chain should say: its observations do not show it. */
  sceneTruth: z.string().optional(),
  /** The answerable chain whose unanswerable twin this is. */
  twinOf: z.string().optional(),
});
export type ChainFacts = z.infer<typeof chainFacts>;

export const chain = z.object({
  version: z.literal(CHAIN_VERSION),
  /** Unique in its dataset: `<source>/<number or name>`. */
  id: z.string(),
  /** Name of the source in the recipe, or the dataset that the question is from. */
  source: z.string(),
  origin: z.enum(['model', 'program']),
  split,
  outcome: outcomeKind,
  /** All that the user says, with the options where there are any. */
  question: z.string(),
  /** Texts of the options A, B, ... that the question lists. */
  choices: z.array(z.string()).optional(),
  /** What is right: for multiple choice the letter; CANNOT_TELL where the picture does not tell. */
  truth: z.string(),
  /** What the chain answers; null where it gave none. */
  answer: z.string().nullable(),
  images: z.array(chainImage),
  /** Names of the tools that were offered, Terminate among them. */
  tools: z.array(z.string()),
  turns: z.array(chainTurn),
  facts: chainFacts.optional(),
  /** What the dataset of the question calls category, skill or capability. */
  skills: z.array(z.string()).optional(),
  verdict: verdict.optional(),
  made: z.object({
    /** The recipe's seed and what else the chain is a pure function of. */
    seed: z.int(),
    model: z.string().optional(),
    modelVersion: z.string().optional(),
    toolVersions: z.record(z.string(), z.string()),
    /** The run that it was. */
    run: z.string().optional(),
    /** Why the run ended: `terminate`; `budget_replies` and the like where its answer was forced. */
    stopReason: z.string().optional(),
    /** Which of the samples of its question, from 0. */
    sample: z.int().nonnegative().optional(),
    tokens: z.object({ input: z.int(), output: z.int() }).optional(),
    /** US dollars, where the price is known. */
    cost: z.number().optional(),
  }),
  /** SPDX id, or the source's own words. */
  licence: z.string(),
});
export type Chain = z.infer<typeof chain>;

/** Calls of tools in a chain, Terminate not counted. */
export const toolCalls = ({ turns }: Pick<Chain, 'turns'>): Chain['turns'][number]['actions'] =>
  turns.flatMap(({ actions }) => actions.filter(({ name }) => name !== 'Terminate'));

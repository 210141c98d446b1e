import { z } from 'zod';
import { textArgument } from './arguments.ts';
import { statusOfAsking } from './asked-model.ts';
import { toolSettings } from './settings.ts';
import { type Tool, ToolError } from './tool.ts';

/** A few sentences, and room for models that think before they answer. */
const MOST_TOKENS = 1_000;
/** Above the usual time limits of an engine (first_token_timeout_s, token_timeout_s), which speak more clearly. */
const CALL_LIMIT_MS = 300_000;

const INSTRUCTIONS =
  'You are asked a question by a program that answers questions about images, which you cannot see. ' +
  'Answer from general knowledge, in at most three plain sentences, with names and numbers where the question wants ' +
  'them. If you do not know, or if it cannot be answered without the image, say so.';

const queryArguments = z.object({
  query: textArgument('the question; it must say all there is to know, since the images are not shown', 8_000),
});

/**
 * Asks a language model. TACO's own asks one closed model, with 300 tokens that no budget knows of; this one asks a
 * model of models.yaml, within that model's limits, and its tokens are the run's.
 */
export const queryLanguageModel: Tool<z.infer<typeof queryArguments>> = {
  name: 'QueryLanguageModel',
  version: '1',
  /** The address and name behind an id may change, but so may what a server says at any time: it is not cached. */
  get engine() {
    return `model:${toolSettings().config.language_model ?? "the run's own"}`;
  },
  description: 'Asks a language model a question of general knowledge. It does not see the images.',
  arguments: queryArguments,
  returns: 'result: its answer, a few sentences',
  example: { query: 'Which vitamins are in a lemon?' },
  pool: 'remote',
  timeLimitMs: CALL_LIMIT_MS,
  deterministic: false,
  cache: false,
  status: () => statusOfAsking('language', toolSettings()),
  async run({ query }, { ask }) {
    const { text, cutOff } = await ask({ instructions: INSTRUCTIONS, text: query, maxTokens: MOST_TOKENS });
    if (text === '') {
      const why = cutOff ? 'used all its tokens before it said anything' : 'said nothing';
      throw new ToolError('empty_reply', `The language model ${why}. Ask something simpler, or do without it.`);
    }
    return { result: cutOff ? `${text} [cut off here]` : text };
  },
};

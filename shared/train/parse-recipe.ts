/** A training recipe as somebody wrote it, checked: what is wrong with it is told with its place and what to do. */
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { CotaError } from '../errors.ts';
import { isTooDeep } from '../json-depth.ts';
import { parseStrictly } from '../request/issues.ts';
import type { AskedHyperparameters } from './job.ts';
import { type TrainRecipe, trainRecipe } from './recipe.ts';

const MOST_CHARACTERS = 262_144;
const body = z.strictObject({ recipe: trainRecipe });

/** @param given YAML or JSON as text, or what it stands for @throws CotaError with `param` such as `recipe.nano.lr` */
export function parseTrainRecipe(given: unknown): TrainRecipe {
  const value = typeof given === 'string' ? fieldsOf(given) : given;
  // Depth first: an alias of YAML may hold itself.
  if (isTooDeep(value) || JSON.stringify(value ?? null).length > MOST_CHARACTERS) {
    const words = `A recipe has at most ${MOST_CHARACTERS.toLocaleString('en')} characters, and is no deep nest.`;
    throw new CotaError('invalid_value', words, { param: 'recipe' });
  }
  const { recipe } = parseStrictly(body, { recipe: value });
  assertTrainable(recipe);
  return recipe;
}

/**
 * What the trainer nano would refuse, after all the preparation of its data. Not in the schema: it reads the documents of
 * earlier jobs too.
 */
function assertTrainable({ nano }: TrainRecipe): void {
  if (!nano) return;
  const { model, look_back = [], longest, batch_tokens, micro_tokens = 0 } = nano;
  const heads = model.num_attention_heads;
  const fault = (field: string, must: string): CotaError =>
    new CotaError('invalid_value', `recipe.nano.${field} ${must}.`, { param: `recipe.nano.${field}` });
  const whole = (field: string, otherwise: number): number => {
    const value = model[field] ?? otherwise;
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
    throw fault(`model.${field}`, 'must be a whole number of at least 1');
  };
  const keys = whole('num_key_value_heads', heads);
  if (heads % keys !== 0) throw fault('model.num_key_value_heads', `must divide the ${heads} attention heads evenly`);
  if (look_back.length > keys)
    throw fault('look_back', `must be ${keys} distances at most: one for each head that has keys of its own`);
  const places = whole('max_position_embeddings', 2_048);
  if (longest > places) throw fault('longest', `must be ${places} at most, the model's max_position_embeddings`);
  if (micro_tokens > batch_tokens) throw fault('micro_tokens', 'must be batch_tokens at most: it is a part of a step');
}

function fieldsOf(text: string): unknown {
  if (text.length > MOST_CHARACTERS) return text;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    const words = `The recipe is not valid YAML: ${error.message} (line ${line}, column ${col}).`;
    throw new CotaError('invalid_value', words, { param: 'recipe' });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const words = `The recipe cannot be read: ${(cause as Error).message}.`;
    throw new CotaError('invalid_value', words, { param: 'recipe' });
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  const words = 'The recipe is no list of fields: it begins with `name:`, `base:` and `trainer:` (docs/training.md).';
  throw new CotaError('invalid_type', words, { param: 'recipe' });
}

/**
 * The recipe with what a request asks for. `auto` leaves a value as the recipe has it.
 * @param param where the values stand in the request
 * @throws CotaError for one that this recipe does not have
 */
export function withHyperparameters(
  recipe: TrainRecipe,
  asked: AskedHyperparameters,
  param: string,
  seed: number | undefined,
): TrainRecipe {
  const own: TrainRecipe['hyperparameters'] = { ...recipe.hyperparameters };
  for (const name of ['n_epochs', 'batch_size'] as const) {
    const value = asked[name];
    if (value === undefined || value === 'auto') continue;
    // The trainer nano reads both; a command may have no place for them.
    if (own[name] === undefined && recipe.trainer.kind === 'command') {
      const words = `The recipe "${recipe.name}" has no ${name}: its hyperparameters do not name it. Leave it out, or send a recipe of your own.`;
      throw new CotaError('unsupported_parameter', words, { param: `${param}.${name}` });
    }
    own[name] = value;
  }
  const changed = { ...recipe, hyperparameters: own, seed: seed ?? recipe.seed };
  const times = asked.learning_rate_multiplier;
  if (times === undefined || times === 'auto') return changed;
  if (changed.nano && own.learning_rate === undefined) {
    return { ...changed, nano: { ...changed.nano, lr: changed.nano.lr * times } };
  }
  if (own.learning_rate === undefined) {
    const words = `The recipe "${recipe.name}" names no learning_rate that could be multiplied.`;
    throw new CotaError('unsupported_parameter', words, { param: `${param}.learning_rate_multiplier` });
  }
  own.learning_rate *= times;
  return changed;
}

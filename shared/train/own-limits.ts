/** How much a recipe that came with a request may ask of a train worker's machine; those of its operator may ask any. */
import { CotaError } from '../errors.ts';
import type { TrainRecipe } from './recipe.ts';

interface Limit {
  readonly param: string;
  readonly most: number;
  readonly what: string;
  of(recipe: TrainRecipe): number;
}

const model = ({ nano }: TrainRecipe): NonNullable<TrainRecipe['nano']>['model'] =>
  nano?.model ?? { hidden_size: 0, intermediate_size: 0, num_hidden_layers: 0, num_attention_heads: 1 };
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Numbers of a Llama-like decoder, its embedding aside. */
export function parametersOf(recipe: TrainRecipe): number {
  const { hidden_size: width, intermediate_size: inner, num_hidden_layers: layers } = model(recipe);
  return layers * width * (4 * width + 3 * inner);
}

const LIMITS: readonly Limit[] = [
  { param: 'processes', most: 8, what: 'processes', of: ({ processes }) => processes },
  { param: 'nano.model', most: 50_000_000, what: 'parameters', of: parametersOf },
  {
    param: 'nano.model.max_position_embeddings',
    most: 8_192,
    what: 'places',
    of: (recipe) => Number(model(recipe).max_position_embeddings ?? 0),
  },
  { param: 'nano.longest', most: 8_192, what: 'tokens', of: ({ nano }) => nano?.longest ?? 0 },
  {
    param: 'nano.batch_tokens',
    most: 262_144,
    what: 'tokens',
    of: ({ nano }) => Math.max(nano?.batch_tokens ?? 0, nano?.micro_tokens ?? 0),
  },
  {
    param: 'nano.stages',
    most: 1_000_000_000,
    what: 'tokens in all',
    of: ({ nano }) => sum((nano?.stages ?? []).map(({ tokens }) => tokens)),
  },
  {
    param: 'nano.data.drills',
    most: 1_000_000,
    what: 'examples in all',
    of: ({ nano }) => sum((nano?.data.drills ?? []).map(({ examples }) => examples)),
  },
  {
    param: 'nano.data.drills',
    most: 200,
    what: 'rows a page',
    of: ({ nano }) => Math.max(0, ...(nano?.data.drills ?? []).map(({ rows }) => rows[1] ?? 0)),
  },
  {
    param: 'nano.data.shard',
    most: 10_000,
    what: 'files for a million examples',
    of: ({ nano }) => (nano ? Math.ceil(1_000_000 / nano.data.shard) : 0),
  },
];

/** @throws CotaError that names the first field which asks for more */
export function assertModest(recipe: TrainRecipe): void {
  for (const { param, most, what, of } of LIMITS) {
    const asked = of(recipe);
    if (asked <= most) continue;
    const words = `recipe.${param} asks for ${asked.toLocaleString('en')} ${what}; a recipe of your own may ask for ${most.toLocaleString('en')}. With a key of the scope "admin", or as a recipe of this cluster (COTA_TRAIN_RECIPES), there is no such limit.`;
    throw new CotaError('invalid_value', words, { param: `recipe.${param}` });
  }
}

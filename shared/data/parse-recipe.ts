/** A recipe as somebody wrote it, checked: what is wrong with it is told with its place and what to do. */
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { CotaError } from '../errors.ts';
import { isTooDeep } from '../json-depth.ts';
import { parseStrictly } from '../request/issues.ts';
import { type Recipe, recipe } from './recipe.ts';

/** Longer than any recipe that a person writes; it is kept with each job. */
const MOST_CHARACTERS = 262_144;
/** Shards that program sources may be cut into; stages behind them make several of each. */
const MOST_PROGRAM_SHARDS = 50_000;
const body = z.strictObject({ recipe });

/** @param given YAML or JSON as text, or what it stands for @throws CotaError with `param` such as `recipe.sources[0].name` */
export function parseRecipe(given: unknown): Recipe {
  const value = typeof given === 'string' ? fieldsOf(given) : given;
  // Depth first: an alias of YAML may hold itself.
  if (isTooDeep(value) || JSON.stringify(value ?? null).length > MOST_CHARACTERS) {
    const words = `A recipe has at most ${MOST_CHARACTERS.toLocaleString('en')} characters, and is no deep nest.`;
    throw new CotaError('invalid_value', words, { param: 'recipe' });
  }
  const parsed = parseStrictly(body, { recipe: value }).recipe;
  assertWhole(parsed);
  return parsed;
}

/** @throws CotaError with line and column */
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
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      const words = 'The recipe is no list of fields: it begins with `name:`, `seed:` and `sources:` (docs/data.md).';
      throw new CotaError('invalid_type', words, { param: 'recipe' });
    }
    return value;
  } catch (error) {
    if (error instanceof CotaError) throw error;
    throw new CotaError('invalid_value', `The recipe cannot be read: ${(error as Error).message}.`, {
      param: 'recipe',
    });
  }
}

/** @throws CotaError for what no single field shows */
function assertWhole({ mix, sources, shard }: Recipe): void {
  const parts = mix?.parts ?? [];
  for (const [at, part] of parts.entries()) {
    const param = `recipe.mix.parts[${at}]`;
    if (parts.findIndex(({ name }) => name === part.name) !== at) {
      throw new CotaError('invalid_value', `Two parts of the mixture are named "${part.name}".`, { param });
    }
    const of = typeof part.rows === 'object' ? part.rows.of : undefined;
    if (of === undefined) continue;
    if (of === part.name || !parts.some(({ name }) => name === of)) {
      const others = parts.map(({ name }) => name).filter((name) => name !== part.name);
      const words = `\`of\` names another part of the mixture (${others.join(', ') || 'there is none'}), not "${of}".`;
      throw new CotaError('invalid_value', words, { param: `${param}.rows.of` });
    }
  }
  const shards = sources.reduce((sum, { program }) => sum + Math.ceil((program?.chains ?? 0) / shard), 0);
  if (shards > MOST_PROGRAM_SHARDS) {
    const words = `The recipe's chains make ${shards.toLocaleString('en')} shards of ${shard.toLocaleString('en')}; ${MOST_PROGRAM_SHARDS.toLocaleString('en')} are the most. Raise \`shard\`, or make fewer chains in one job.`;
    throw new CotaError('invalid_value', words, { param: 'recipe.shard' });
  }
  for (const [at, { program }] of sources.entries()) {
    const param = `recipe.sources[${at}].program`;
    const shares =
      program && Object.entries({ observe: program.observe, splits: program.splits, families: program.families });
    for (const [name, some] of shares ?? []) {
      if (some === undefined || Object.values(some).some((share) => (share ?? 0) > 0)) continue;
      throw new CotaError('invalid_value', `All shares of ${name} are 0: nothing can be made.`, {
        param: `${param}.${name}`,
      });
    }
  }
}

import type { Mask } from './turn.ts';

/** For tests of the engine: a turn may consist of the tokens that `constraint` lists, commas between them. */
export function onlyTokens(_prompt: readonly number[], constraint: string): Mask {
  const ids = constraint.split(',').map(Number);
  if (ids.some(Number.isNaN)) throw new Error(`there is no token "${constraint}"`);
  return (_said, logits) => {
    for (let id = 0; id < logits.length; id++) if (!ids.includes(id)) logits[id] = Number.NEGATIVE_INFINITY;
  };
}

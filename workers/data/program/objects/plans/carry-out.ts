/** Carries any plan out. */
import type { Look } from '../look.ts';
import { colour, colourCount, predicate } from './colour.ts';
import { depth } from './depth.ts';
import { count, exists, extreme, frequent, head, present, relation } from './one-look.ts';
import type { Found, Plan } from './plan.ts';
import { bothSides, moreIn, sameColour, total, whichHas, whichHasColour, whichMany, whichSide } from './several.ts';

export function carryOut(look: Look, plan: Plan): Promise<Found> {
  switch (plan.kind) {
    case 'count':
      return count(look, plan);
    case 'exists':
      return exists(look, plan);
    case 'present':
      return present(look, plan);
    case 'frequent':
      return frequent(look, plan);
    case 'extreme':
      return extreme(look, plan);
    case 'depth':
      return depth(look, plan);
    case 'colour':
      return colour(look, plan);
    case 'colour-count':
      return colourCount(look, plan);
    case 'relation':
      return relation(look, plan);
    case 'predicate':
      return predicate(look, plan);
    case 'head':
      return head(look, plan);
    case 'which-has':
      return whichHas(look, plan);
    case 'which-has-colour':
      return whichHasColour(look, plan);
    case 'which-side':
      return whichSide(look, plan);
    case 'which-many':
      return whichMany(look, plan);
    case 'total':
      return total(look, plan);
    case 'same-colour':
      return sameColour(look, plan);
    case 'both-sides':
      return bothSides(look, plan);
    case 'more-in':
      return moreIn(look, plan);
  }
}

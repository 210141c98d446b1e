/** Where one box is as seen from another. */
import { area, centre, overlap } from '../boxes.ts';
import type { Box } from '../contract.ts';
import { closer } from './evidence.ts';
import type { Side } from './meaning.ts';

/** Share of a box that must lie in another for it to be inside. */
const INSIDE = 0.9;

/**
 * The side of `b` that `a` is on, by the axis on which their centres differ more; undefined where that cannot be told.
 * @param asked `inside` is looked for only where the question knows of it, or where nothing else can be said
 */
export function sideBetween(a: Box, b: Box, asked?: Side): Side | undefined {
  const within = area(a) > 0 && overlap(a, b) / area(a) >= INSIDE;
  if (within) return asked === undefined || asked === 'inside' ? 'inside' : undefined;
  const [[ax, ay], [bx, by]] = [centre(a), centre(b)];
  const [dx, dy] = [Math.abs(ax - bx), Math.abs(ay - by)];
  if (Math.abs(dx - dy) < 1e-9) return undefined;
  if (dx > dy) return closer(ax, bx) ? undefined : ax < bx ? 'left' : 'right';
  return closer(ay, by) ? undefined : ay < by ? 'above' : 'below';
}

/** How an option or an answer may say it. */
export const SIDE_SPELLINGS: Readonly<Record<Side, readonly string[]>> = {
  left: [
    'left',
    'left of',
    'left of it',
    'to the left',
    'to the left of',
    'to the left of it',
    'on the left',
    'on the left of',
    'on the left side of',
    'on the left side',
  ],
  right: [
    'right',
    'right of',
    'right of it',
    'to the right',
    'to the right of',
    'to the right of it',
    'on the right',
    'on the right of',
    'on the right side of',
    'on the right side',
  ],
  above: [
    'above',
    'above it',
    'over',
    'over it',
    'higher up',
    'higher up than',
    'further up',
    'further up than',
    'higher',
    'higher than',
  ],
  below: [
    'below',
    'below it',
    'under',
    'under it',
    'underneath',
    'beneath',
    'lower down',
    'lower down than',
    'further down',
    'further down than',
    'lower',
    'lower than',
  ],
  inside: ['inside', 'inside it', 'inside of', 'within', 'in', 'in it'],
};

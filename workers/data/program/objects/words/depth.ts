/** Question templates about which is nearer; slots as in single.ts. */

const IN = '[in the image|in the picture|in the photo|in this image|in this picture|in this photo|here]';
const MAYBE_IN = '[ in the image| in the picture| in the photo| in this image| in this picture|]';
const OF_THESE = '[of these|of these objects|of these things|of the following|of the objects named]';
const CAMERA = '[the camera|the viewer|us]';

/** `pair` for two candidates, `listed` for more, `open` where options follow. Smaller depth is nearer. */
const away = (pair: string, best: string) => ({
  pair: [
    `which is ${pair} ${CAMERA} ${IN}: $list?`,
    `which of the two is ${pair} ${CAMERA} ${IN}, $list?`,
    `[what|which one] [stands|lies|is] ${pair} ${CAMERA}${MAYBE_IN}: $list?`,
    `$list: which [is|stands|lies] ${pair} ${CAMERA} ${IN}?`,
    `[tell me|say|please say|find out] which is ${pair} ${CAMERA} ${IN}: $list.`,
  ],
  listed: [
    `which is ${best} ${CAMERA} ${IN}: $list?`,
    `[what|which one] [stands|lies|is] ${best} ${CAMERA}${MAYBE_IN}: $list?`,
    `$list: which [is|stands|lies] ${best} ${CAMERA} ${IN}?`,
    `[tell me|say|please say|find out] which is ${best} ${CAMERA} ${IN}: $list.`,
  ],
  open: [
    `which ${OF_THESE} [is|stands|lies] ${best} ${CAMERA} ${IN}?`,
    `${IN}, which ${OF_THESE} [is|stands|lies] ${best} ${CAMERA}?`,
    `[name|find|pick|choose] the one ${OF_THESE} that is ${best} ${CAMERA} ${IN}.`,
    `[what|which] ${OF_THESE} has the ${best.includes('far') ? 'greatest' : 'smallest'} distance from ${CAMERA} ${IN}?`,
  ],
});

/** By depth alone: the smaller (larger) difference of depths to the anchor's. */
const toAnchor = (near: string, like: string) => ({
  listed: [
    `which is ${near} the $anchor in depth ${IN}: $list?`,
    `[by|going by|judging by] depth, which is ${near} the $anchor${MAYBE_IN}: $list?`,
    `whose distance from ${CAMERA} is ${like} that of the $anchor ${IN}: $list?`,
    `$list: which is ${near} the $anchor in depth ${IN}?`,
    `[tell me|say|please say|find out] which is ${near} the $anchor in depth ${IN}: $list.`,
  ],
  open: [
    `which ${OF_THESE} is ${near} the $anchor in depth ${IN}?`,
    `${IN}, which ${OF_THESE} is ${near} the $anchor [in depth|by depth|going by depth]?`,
    `[by|going by|judging by] depth, which ${OF_THESE} is ${near} the $anchor${MAYBE_IN}?`,
    `which ${OF_THESE} has a distance from ${CAMERA} that is ${like} that of the $anchor ${IN}?`,
  ],
});

export const DEPTH = {
  closer: away('[closer to|nearer to]', '[closest to|nearest to]'),
  farther: away('[farther from|further from|farther away from]', '[farthest from|furthest from|farthest away from]'),
  'closer-to-anchor': toAnchor('[closest to|nearest to]', '[most like|most similar to|closest to]'),
  'farther-to-anchor': toAnchor('[farthest from|furthest from]', '[least like|least similar to|most different from]'),
} as const;

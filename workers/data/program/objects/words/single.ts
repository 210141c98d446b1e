/**
 * Question templates about one image. `[a|b|]` is a choice, which may nest; a `$slot` is filled later:
 * `$thing` a noun in the singular (`ball`), `$a_thing` with its article (`an umbrella`), `$things` in the plural;
 * `$anchor` as `$thing`; `$colour`; `$side` a place (words of `SIDES`);
 * `$plurals` candidates as `balls, cups or trees`; `$list` candidates as `the ball, the cup or the tree`;
 * `$colours` candidates as `red, blue or green`. Templates without a list go with options that follow the question.
 */

const IN = '[in the image|in the picture|in the photo|in this image|in this picture|in this photo|here]';
const MAYBE_IN = '[ in the image| in the picture| in the photo| in this image| in this picture|]';
const OF_THESE = '[of these|of these objects|of these things|of the following|of the objects named]';
const SEEN = '[are there|can be seen|are visible|do you see|can you see|can you count|are shown|are present]';

/** Place words that fill `$side`, and the rule that each stands for. */
export const SIDES = {
  left: ['to the left of', 'left of', 'on the left of'],
  right: ['to the right of', 'right of', 'on the right of'],
  above: ['above', 'higher up than', 'further up than'],
  below: ['below', 'lower down than', 'further down than'],
} as const;
export type Side = keyof typeof SIDES;

/** Answer: a number, counted over regions that are there. */
const count = [
  `how many $things ${SEEN} ${IN}?`,
  `[count|please count|count up] [the|all the|all] $things ${IN}.`,
  `[what is|what's] the [number|total number|count] of $things ${IN}?`,
  `[give|state|report|tell me] the [number|count] of $things ${IN}.`,
  `[i want to know|tell me|please say|can you say] how many $things there are ${IN}.`,
  `[in all|altogether|in total], how many $things ${SEEN}${MAYBE_IN}?`,
];

/** `yesNo`: answer yes or no. `which`: exactly one of the options is there; the answer is that one. */
const exists = {
  yesNo: [
    `[is there|do you see|can you see|can you find|can you spot|is there anywhere] $a_thing ${IN}?`,
    `[are there|do you see|can you see|can you find] any $things ${IN}?`,
    `does [the image|the picture|the photo|this image|this picture] [show|contain|have|include] [$a_thing|any $things]?`,
    `[tell me|say|please say|check] whether there is $a_thing ${IN}.`,
    `is [even one|at least one|any] $thing [visible|shown|present|to be seen] ${IN}?`,
  ],
  which: [
    `which ${OF_THESE} [is|is there|can be seen|is shown|appears|is visible|is present] ${IN}?`,
    `${IN}, which ${OF_THESE} [is there|can be seen|is shown|is present]?`,
    `[which|which one] ${OF_THESE} [can you see|do you see|can you find|does one see] ${IN}?`,
    `[name|find|pick|choose] the one ${OF_THESE} that [is|can be seen|is shown|appears] ${IN}.`,
    `only one ${OF_THESE} is ${IN}. which [is it|one]?`,
  ],
};

/** Which of the candidates has the most, or fewest, regions that are there. */
const most = {
  listed: [
    `which [are there most of|is there most of|are the most numerous|are most frequent|appear most often|do you see most often] ${IN}: $plurals?`,
    `[what|which] is the most [frequent|common|numerous] [kind of object|object|kind of thing] ${IN}: $plurals?`,
    `of [which|what] are there [most|the most] ${IN}, $plurals?`,
    `[tell me|say|please say] which there are most of, $plurals, ${IN}.`,
    `$plurals: which [are there most of|are the most numerous|appear most often|outnumber the others] ${IN}?`,
  ],
  open: [
    `which ${OF_THESE} [are there most of|is the most frequent|appears most often|is the most common|is there most of] ${IN}?`,
    `${IN}, which ${OF_THESE} [is the most frequent|appears most often|are there most of|is the most common]?`,
    `[what|which] ${OF_THESE} [outnumbers the others|occurs most often|has the largest number] ${IN}?`,
    `[name|find|pick|choose] the one ${OF_THESE} that there are most of ${IN}.`,
  ],
};
const least = {
  listed: [
    `which [are there fewest of|is there least of|are the least numerous|are least frequent|appear least often|do you see least often] ${IN}: $plurals?`,
    `[what|which] is the least [frequent|common|numerous] [kind of object|object|kind of thing] ${IN}: $plurals?`,
    `of [which|what] are there [fewest|the fewest] ${IN}, $plurals?`,
    `[tell me|say|please say] which there are fewest of, $plurals, ${IN}.`,
    `$plurals: which [are there fewest of|are the least numerous|appear least often|are outnumbered by the others] ${IN}?`,
  ],
  open: [
    `which ${OF_THESE} [are there fewest of|is the least frequent|appears least often|is the least common|is there least of] ${IN}?`,
    `${IN}, which ${OF_THESE} [is the least frequent|appears least often|are there fewest of|is the least common]?`,
    `[what|which] ${OF_THESE} [is outnumbered by the others|occurs least often|has the smallest number] ${IN}?`,
    `[name|find|pick|choose] the one ${OF_THESE} that there are fewest of ${IN}.`,
  ],
};

/** Which of the candidates lies furthest to a side. */
const extreme = (far: string, one: string) => ({
  listed: [
    `which [is|lies|stands|sits|is placed] ${far} ${IN}: $list?`,
    `which is [the ${one} one|the ${one} object|the ${one} thing] ${IN}: $list?`,
    `[what|which one] [is|lies|is placed] ${far}${MAYBE_IN}, $list?`,
    `$list: which [is|lies|stands|is placed] ${far} ${IN}?`,
    `[tell me|say|please say|find out] which is ${far} ${IN}: $list.`,
  ],
  open: [
    `which ${OF_THESE} [is|lies|stands|sits|is placed] ${far} ${IN}?`,
    `${IN}, which ${OF_THESE} [is|lies|is placed] ${far}?`,
    `[name|find|pick|choose] the ${one} ${OF_THESE} ${IN}.`,
    `[what|which] is the ${one} ${OF_THESE} ${IN}?`,
  ],
});
const leftmost = extreme('[furthest to the left|farthest left|furthest left|most to the left]', '[leftmost|left-most]');
const rightmost = extreme(
  '[furthest to the right|farthest right|furthest right|most to the right]',
  '[rightmost|right-most]',
);
const topmost = extreme('[highest up|furthest up|highest]', '[topmost|highest|uppermost]');
const bottommost = extreme('[lowest down|furthest down|lowest]', '[bottommost|lowest|lowermost]');

/** The colour of the one thing of its kind; `listed` gives colours to choose from, `free` none or options. */
const attribute = {
  free: [
    `[what|which] [colour|color] is the $thing ${IN}?`,
    `[what is|what's] the [colour|color] of the $thing ${IN}?`,
    `[which|what] [colour|color] does the $thing ${IN} have?`,
    `[tell me|say|name|state|give] the [colour|color] of the $thing ${IN}.`,
    `in [which|what] [colour|color] is the $thing [shown|drawn|seen|painted]${MAYBE_IN}?`,
  ],
  listed: [
    `is the $thing ${IN} $colours?`,
    `[what|which] [colour|color] is the $thing ${IN}: $colours?`,
    `[what is|what's] the [colour|color] of the $thing ${IN}, $colours?`,
    `[which|what] [colour|color] does the $thing have${MAYBE_IN}: $colours?`,
  ],
};

/** Answer: a number, over regions of the label whose best text has the colour. */
const attributedCount = [
  `how many $colour $things ${SEEN} ${IN}?`,
  `how many of the $things ${IN} are $colour?`,
  `[count|please count|count up] the $colour $things ${IN}.`,
  `[what is|what's] the [number|total number|count] of $colour $things ${IN}?`,
  `[give|state|report|tell me] the [number|count] of $colour $things ${IN}.`,
  `[in all|altogether|in total], how many $things that are $colour ${SEEN}${MAYBE_IN}?`,
];

/** Answer: left, right, above or below, of the first against the second, by centres. */
const relation = {
  listed: [
    `is the $thing left of, right of, above or below the $anchor ${IN}?`,
    `[where|on which side] is the $thing as seen from the $anchor ${IN}: left, right, above or below?`,
    `[where is|where does one see|where do you see] the $thing [relative to|in relation to|compared with] the $anchor${MAYBE_IN}: left, right, above or below?`,
    `${IN}, is the $thing to the left of, to the right of, above or below the $anchor?`,
    `[tell me|say|please say] whether the $thing is left of, right of, above or below the $anchor ${IN}.`,
    `[what is|what's] the place of the $thing [relative to|in relation to] the $anchor${MAYBE_IN}: left, right, above or below?`,
  ],
  open: [
    `where is the $thing [relative to|in relation to|compared with|as seen from] the $anchor ${IN}?`,
    `how is the $thing [placed|positioned] [relative to|in relation to] the $anchor ${IN}?`,
    `[what is|what's] the [place|position] of the $thing [relative to|in relation to] the $anchor ${IN}?`,
    `${IN}, where is the $thing [relative to|in relation to|as seen from] the $anchor?`,
    `which [word|option|answer] says where the $thing is [relative to|in relation to] the $anchor ${IN}?`,
  ],
  /** Of annotated pictures: the options are verbs and places (`riding`, `next to`), chosen by likeness. */
  predicate: [
    `[what is|what's] the [relation|relationship] between the $thing and the $anchor ${IN}?`,
    `how is the $thing related to the $anchor ${IN}?`,
    `[which|what] [option|word|phrase] [describes|says] what the $thing is to the $anchor ${IN}?`,
    `${IN}, [which|what] is the [relation|relationship] of the $thing to the $anchor?`,
    `[which|what] [relation|relationship] does the $thing have [to|with] the $anchor ${IN}?`,
  ],
};

/** Which one of the candidates is at that side of the anchor. */
const relationHead = {
  listed: [
    `which [is|lies|is placed] $side the $anchor ${IN}: $list?`,
    `[what|which one] [is|lies|can be seen] $side the $anchor${MAYBE_IN}: $list?`,
    `$side the $anchor, [what|which] [is there|can be seen|do you see]${MAYBE_IN}: $list?`,
    `$list: which [is|lies|is placed] $side the $anchor ${IN}?`,
    `[tell me|say|please say|find out] which is $side the $anchor ${IN}: $list.`,
  ],
  open: [
    `which ${OF_THESE} [is|lies|is placed|can be seen] $side the $anchor ${IN}?`,
    `${IN}, which ${OF_THESE} [is|lies|is placed] $side the $anchor?`,
    `[name|find|pick|choose] the one ${OF_THESE} that is $side the $anchor ${IN}.`,
    `which ${OF_THESE} [does one see|do you see|can you see] $side the $anchor ${IN}?`,
  ],
};

export const SINGLE = {
  count: { count },
  exists,
  most,
  least,
  leftmost,
  rightmost,
  topmost,
  bottommost,
  attribute,
  'attributed-count': { count: attributedCount },
  relation,
  'relation-head': relationHead,
} as const;

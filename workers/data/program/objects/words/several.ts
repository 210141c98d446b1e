/**
 * Question templates about several images; slots as in single.ts, and `$first`, `$second` names of images (`image-0`),
 * `$images` all of them (`image-0, image-1 and image-2`), `$choose` the same with `or`. Answers that are images are
 * their names.
 */

const IMAGE = '[image|picture|photo]';
const WHICH = `[which ${IMAGE}|which of the [images|pictures|photos]|which one of the [images|pictures|photos]]`;
const CHOOSE = '[: $choose|, $choose|]';

/** Exactly one image has it. */
const selectObject = [
  `${WHICH} [has|shows|contains|has got] [$a_thing|at least one $thing|any $thing]${CHOOSE}?`,
  `[in|on] ${WHICH} [is there|can one see|do you see|can you see] $a_thing${CHOOSE}?`,
  `[find|name|pick|choose] the ${IMAGE} [with|that has|that shows] $a_thing.`,
  `$a_thing can be seen in only one of the [images|pictures|photos]. which [is it|one]?`,
];
const selectAttributed = [
  `${WHICH} [has|shows|contains|has got] [$a_colour_thing|at least one $colour $thing]${CHOOSE}?`,
  `[in|on] ${WHICH} [is there|can one see|do you see|can you see] $a_colour_thing${CHOOSE}?`,
  `[find|name|pick|choose] the ${IMAGE} [with|that has|that shows] $a_colour_thing.`,
  `$a_colour_thing can be seen in only one of the [images|pictures|photos]. which [is it|one]?`,
];
const selectRelation = [
  `[in|on] ${WHICH} is the $thing $side the $anchor${CHOOSE}?`,
  `[in|on] ${WHICH} [can one see|do you see|can you see] the $thing $side the $anchor${CHOOSE}?`,
  `[find|name|pick|choose] the ${IMAGE} in which the $thing is $side the $anchor.`,
  `${WHICH} [shows|has] the $thing $side the $anchor${CHOOSE}?`,
  `the $thing is $side the $anchor in only one of the [images|pictures|photos]. which [is it|one]?`,
];
const selectMany = (most: string) => [
  `${WHICH} [has|shows|contains|has got] the ${most} $things${CHOOSE}?`,
  `[in|on] ${WHICH} are there the ${most} $things${CHOOSE}?`,
  `[in|on] ${WHICH} [can one see|do you see|can you see|can you count] the ${most} $things${CHOOSE}?`,
  `[find|name|pick|choose] the ${IMAGE} [with|that has|that shows] the ${most} $things.`,
];

/** Sum over all the images. */
const TOGETHER =
  '[in all the [images|pictures|photos] together|in $images together|in all of the [images|pictures|photos]|in these [images|pictures|photos] taken together|across all the [images|pictures|photos]]';
const SEEN = '[are there|can be seen|are visible|do you see|can you count]';
const aggregate = (things: string) => [
  `how many ${things} ${SEEN} ${TOGETHER}?`,
  `[what is|what's] the [total number|number|total] of ${things} ${TOGETHER}?`,
  `[count|please count|add up] the ${things} ${TOGETHER}.`,
  `[in all|altogether|in total], how many ${things} ${SEEN} ${TOGETHER}?`,
];

/** `yesNo`: same colour or not. `which`: the options are pairs of colours, `red and blue`, of the first and the second. */
const compareAttribute = {
  yesNo: [
    `does the $thing in $first have the same [colour|color] as the $thing in $second?`,
    `are the $thing in $first and the $thing in $second of [the same|one and the same] [colour|color]?`,
    `do the $things in $first and $second have [the same|one and the same] [colour|color]?`,
    `[tell me|say|please say|check] whether the $thing has the same [colour|color] in $first [as|as it has] in $second.`,
    `[comparing|looking at|going by|judging from] $first and $second, does the $thing have the same [colour|color] in both?`,
    `has the $thing the same [colour|color] [in both $first and $second|in $first as in $second|in $first and in $second]?`,
    `$first and $second both show $a_thing. are [the two|they|both] [the same|of the same|of one and the same] [colour|color]?`,
  ],
  which: [
    `[what|which] [colours|colors] [are|do you see on|can you see on] the $thing in $first and the $thing in $second?`,
    `[name|give|tell me|say] the [colours|colors] of the $thing in $first and in $second, in [this|that] order.`,
    `[what|which] [colour|color] is the $thing in $first, and [what|which] [colour|color] in $second?`,
    `of [what|which] [colours|colors] are the $things in $first and $second, [in this order|in that order|one after the other]?`,
    `which [pair of colours|pair of colors|option] [fits|is right for] the $thing in $first and the $thing in $second?`,
  ],
};

/** Answer: `both`, `only image-0`, `only image-1` or `neither`. */
const EACH = 'both, only $first, only $second or neither';
const compareRelation = {
  listed: [
    `in which of $first and $second is the $thing $side the $anchor: ${EACH}?`,
    `[comparing|looking at|going by|judging from] $first and $second, [where|in which] is the $thing $side the $anchor: ${EACH}?`,
    `is the $thing $side the $anchor in both $first and $second, in one of them or in neither? [answer|say|reply] with ${EACH}.`,
    `the $thing $side the $anchor: is [that|this] [so|true|the case] in ${EACH}?`,
    `[tell me|say|please say] in which of $first and $second the $thing is $side the $anchor: ${EACH}.`,
    `[where|in which image|in which picture|in which photo] [can one see|do you see|can you see] the $thing $side the $anchor: ${EACH}?`,
  ],
  open: [
    `in which of $first and $second is the $thing $side the $anchor?`,
    `[comparing|looking at|going by|judging from] $first and $second, [where|in which] is the $thing $side the $anchor?`,
    `is the $thing $side the $anchor in both $first and $second, in one of them or in neither?`,
    `[where|in which image|in which picture|in which photo] is the $thing $side the $anchor, $first or $second?`,
    `[of|out of] $first and $second, which [show|have] the $thing $side the $anchor?`,
    `[in|on] which of [the images|the pictures|the photos] $first and $second [is|can one see|do you see|can you see] the $thing $side the $anchor?`,
  ],
};

/** `which`: answer an image's name or `the same number`. `more`: how many more there are in the first. */
const compareCount = {
  which: [
    `which [has|shows|contains] more $things, $first or $second, or [do they have|have they|do both have] the same number?`,
    `are there more $things in $first, more in $second, or the same number [in both|in each]?`,
    `[comparing|looking at|going by|judging from] $first and $second, which has more $things, or [do they have|do both have] the same number?`,
    `where [are there|can one see|do you see|can you count] more $things: $first, $second, or the same number [in both|in each]?`,
    `[tell me|say|please say] which has more $things, $first or $second, or whether [they have|both have] the same number.`,
    `of $first and $second, which [shows|has|contains] more $things, or is it the same number?`,
  ],
  more: [
    `how many more $things [are there|can be seen|are visible|do you see|can you count] in $first than in $second?`,
    `by how many do the $things in $first outnumber [those|the ones|the $things] in $second?`,
    `[what is|what's] the [difference|difference in number] between the $things in $first and [the $things|those] in $second?`,
    `[comparing|looking at|going by|judging from] $first and $second, how many more $things [does $first have|are there in $first]?`,
    `$first [has|shows|contains] more $things than $second[. how many more|; by how many|. what is the difference|. how many more are there]?`,
    `[counting|looking only at|thinking of] the $things, how many more [does $first have|does $first show] than $second?`,
    `[tell me|say|please say|work out|find out] how many more $things there are in $first than in $second.`,
  ],
};

export const SEVERAL = {
  'select-object': { which: selectObject },
  'select-attributed': { which: selectAttributed },
  'select-relation': { which: selectRelation },
  'select-most': { which: selectMany('[most|largest number of|greatest number of]') },
  'select-least': { which: selectMany('[fewest|smallest number of|lowest number of]') },
  'aggregate-count': { count: aggregate('$things') },
  'aggregate-attributed': { count: aggregate('[$colour $things|$things that are $colour]') },
  'compare-attribute': compareAttribute,
  'compare-relation': compareRelation,
  'compare-count': compareCount,
} as const;

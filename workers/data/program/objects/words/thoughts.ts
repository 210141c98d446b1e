/**
 * What is thought at each step: what is needed and why, then what was seen and what follows. Grammar as in template.ts.
 * `$seen` is a recap of observations, made in ../recap.ts; `$what` what is asked about, in words; `$image` a name.
 */

const I = '[i have to|i need to|i must|i should|the thing to do is to|the next thing is to|let me]';
const BOXES = '[LocalizeObjects|the detector|a look with LocalizeObjects]';
const SO = '[so|therefore|hence|from this,|that means]';

export const THOUGHTS = {
  /** First looks. */
  findCount: `[to count $what in $image, ${I} find every one of them|how many of $what there are in $image can be counted once each has a box|the number of $what is asked for, so ${I} mark each of them in $image|counting by eye is unsure; ${BOXES} [can mark|marks] all of $what in $image]. [each region that is sure counts once|the sure regions can then be counted|then the boxes can be counted|one box stands for one of them].`,
  findWhether: `[whether there is $what in $image is a matter of finding it|the question is if $what is there, so ${I} look for it in $image|to say anything about $what in $image, ${I} search there|${I} check $image for $what]. [a sure region means that it is there, none that it is not|what has no region is not there|if ${BOXES} finds it, it is there].`,
  findKinds: `[to compare how often $what appear in $image, ${I} find all of them|the question compares the numbers of $what, so ${I} count each kind in $image|which kind it is depends on how many there are of $what in $image|${I} mark all of $what in $image and count by kind]. [one call can look for all the kinds|then the boxes of each kind can be counted|the number of sure regions decides].`,
  findPlaces: `[where things are has to be read off their boxes, so ${I} locate $what in $image|to compare places in $image, ${I} find $what|the answer depends on the positions of $what in $image|${I} find out where $what are in $image before comparing]. [the centres of the boxes decide|then the centres can be compared|boxes give the centres that are compared].`,
  findForDepth: `[to compare distances, ${I} find out first where $what are in $image|depth is measured for a region, so ${I} locate $what in $image|the question is about how far away $what are; first their places in $image are needed|${I} find $what in $image before measuring how far away they are]. [then the depth of each box can be measured|each box can then be given to EstimateRegionDepth|after that come the depths].`,
  findForColour: `[to see the colour of $what, ${I} find it in $image first|the colour can be judged best on a cut-out, so ${I} locate $what in $image|before the colour of $what can be told, its place in $image is needed|${I} find out where $what is in $image to look at its colour]. [then it can be cut out|a box lets me cut it out|its box can then be looked at alone].`,
  findNext: `[next comes $image|now the same for $image|$image is still to be looked at|${I} look at $image in the same way]: [where is $what there|find $what there too|the same search for $what].`,
  listTags: `[which things are in $image can be listed by GetObjects|to see if $what is in $image, its objects can be listed|a list of the objects in $image tells if $what is among them|${I} find out what kinds of things $image shows, so GetObjects will do]. [places are not needed|only the kinds matter here|no box is needed for that].`,
  /** Second looks. */
  zoom: `[the region $name in $image is doubtful with a score of only $score|a score of $score for $name in $image is too low to count on|$name at $score is neither sure nor to be dismissed]. [as it would change the answer, ${I} look closer|it matters for the answer, so ${I} enlarge that part of $image|${I} zoom in on it before deciding].`,
  lookCloser: `[now look for $what again in the enlarged $image|${I} search the enlarged part, $image, for $what again|the enlarged part is $image: is $what really there|with $image enlarged, LocalizeObjects can be asked for $what once more][.|, to settle the doubt.]`,
  /** Depth. */
  measure: `[$seen ][now ${I} measure how far away $what is in $image|the depth of $what in $image comes next|$what: its depth in $image is needed|to place $what in depth, ${I} measure its region in $image|${I} get the depth of $what in $image][.|; smaller means nearer.|, where a smaller value is nearer.]`,
  measureObject: `[$seen ][the distance of $what in $image can be estimated by name|EstimateObjectDepth finds $what in $image and measures it in one step|${I} find out how far away $what is in $image|next, how far away is $what in $image|to compare distances, ${I} get the depth of $what in $image][.|; the smaller value is the nearer one.|, and smaller is nearer.]`,
  searchMissing: `[no depth for $what in $image, as nothing was found|$what could not be found in $image by name|that gave no depth for $what in $image]: [${I} search for it directly|${I} make sure with LocalizeObjects|a search by LocalizeObjects can confirm that|before giving up, look for it once more].`,
  /** Colours and relations. */
  cut: `$seen [${I} cut $what out of $image to leave the rest out|a cut-out of $what from $image shows only what matters|a closer view of $what in $image will show more|to judge $what, take that part of $image|now take $what out of $image by the box|${I} look at $what in $image without all that is around].`,
  compareTexts: `[now ${I} compare $image with texts that name the possible [answers|choices]|which text fits $image best tells what it is|the similarity of $image to each phrase will decide|GetImageToTextsSimilarity can say which phrase fits $image|${I} see which description $image matches best][.|; the highest value wins.|, the best match being the answer.]`,
  compareImages: `[the question is which image fits $what, and GetTextToImagesSimilarity compares that text with each image|${I} compare the text for $what with every image|to choose among $images, compare each with the words for $what|one text against $images: that finds the best match for $what][.|; the highest similarity decides.|, and the best one is the answer.]`,
  /** Sums. */
  add: `$seen [${I} add these up|the numbers have to be added|the total is their sum|together they make the answer|now the sum of these][, which Calculate does exactly|. Calculate gives the sum|, best with Calculate|].`,
  subtract: `$seen [${I} take the one from the other|the difference is asked for|the answer is the difference|now the smaller from the larger][, which Calculate does exactly|. Calculate gives it|, best with Calculate|].`,
  failed: `[$tool failed|$tool gave an error|that call of $tool did not work|no result from $tool], [but nothing is wrong with the arguments|which may pass|perhaps only this once|though the call itself was right]. [${I} try it again|the same call once more|one more try with the same arguments is worthwhile].`,
  /** Ends. */
  end: `$seen [${SO} the answer is $answer|${SO} it is $answer|this gives $answer as the answer|that makes the answer $answer|which answers the question: $answer|the answer to the question is $answer].`,
  endLetter: `$seen [${SO} it is $said, which is option $answer|this means $said, so option $answer is right|that is $said: option $answer|among the options, $said is $answer|the answer is $said, given as $answer|$said stands under $answer, which is the answer].`,
  cannot: `$seen [${SO} the picture does not tell|this does not settle the question|with that, no single answer follows|that leaves the question open|neither answer can be borne out by this|what was seen does not decide it][, and a guess would be no answer|, so it cannot be told|, and i will say so|].`,
} as const;

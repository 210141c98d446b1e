/** What rules say of options, words, lists and refusals, row by row, as a person would mark it. */
import { table } from '../../../test/rule-table.ts';

const animals = ['cat', 'dog', 'a black horse', 'horse'];
table(
  'option',
  `
  + | B | B
  + | B | b
  + | B | B.
  + | B | (B)
  + | B | [B]
  + | B | **B**
  + | B | "B"
  + | B | B)
  + | B | B: dog
  + | B | B. dog
  + | B | (B) dog
  + | B | (b) Dog.
  + | B | B - dog
  + | B | dog
  + | B | A dog
  + | B | The dog.
  + | B | It is a dog.
  + | B | The answer is B.
  + | B | The correct answer is (B).
  + | B | Answer: B
  + | B | Option B
  + | B | option (b)
  + | B | The correct option is B, since it barks.
  + | B | I choose B
  + | B | My final answer is **B**.
  + | B | The picture shows a dog, so the answer is B.
  + | B | It must be (B).
  + | C | C
  + | C | a black horse
  + | C | It is a black horse.
  + | D | horse
  + | D | The horse.
  + | D | D. horse
  - | B | A
  - | B | (A)
  - | B | A. cat
  - | B | cat
  - | B | a cat
  - | B | The answer is C
  - | B | horse
  - | B | Option A is right
  - | D | a black horse
  - | B | I cannot tell from the image.
  - | B | I can't tell
  - | B |
  ? | B | A or B
  ? | B | (A) or (B)
  ? | B | A) or B)
  ? | B | cat or dog
  ? | B | It is not a cat.
  ? | B | a bird
  ? | B | The animal on the left
  ? | B | It could be many things
  `,
  { choices: animals },
);

table(
  'option with sayings of their own',
  `
  + | A | A
  + | A | 3
  + | A | There are 3.
  + | C | 30
  - | A | 30
  - | A | C
  + | D | None of these
  + | D | D) None of these
  + | D | none of these
  - | B | None of these
  `,
  { choices: ['3', '13', '30', 'None of these'] },
);

table(
  'yes or no',
  `
  + | yes | Yes
  + | yes | Yes.
  + | yes | yes, there is one
  + | yes | The answer is yes.
  + | Yes | True
  + | no | No
  + | no | No, it is closed.
  + | no | nope
  + | true | yes
  + | no | Not at all.
  - | yes | No
  - | yes | no, there is none
  - | no | Yes, it is.
  - | no | yes
  - | false | True.
  - | yes | I cannot tell from the image.
  ? | yes | There is a dog in the picture.
  ? | no | The door is open.
  ? | yes | No doubt about it
  `,
);

table(
  'text',
  `
  + | red | red
  + | red | Red.
  + | red | RED
  + | red | the red
  + | red | The car is red.
  + | red car | a red car
  + | café | Cafe
  + | naïve | naive
  + | Müller | Muller
  + | wi-fi | Wi Fi
  + | ice cream | icecream
  + | New York | It is New York.
  + | New York | "New York"
  + | McDonald's | McDonald’s
  + | STOP | The sign says STOP.
  + | stop | The sign reads "Stop"
  + | A. Smith | A. Smith
  + | left | on the left
  + | no parking | No parking
  + | rock & roll | Rock & Roll
  + | ok | OK!
  + | -- | --
  + | A | (a)
  - | A | B.
  ? | brown | One cannot see its tail, but the dog is brown
  ? | red | blue
  ? | red | The car is not red.
  ? | red | red or blue
  ? | red | It might be red
  ? | couch | sofa
  ? | red | reddish
  ? | dog | dogs
  ? | left | The woman with the hat stands far to the right of what one sees on the left of the picture behind the trees
  ? | no parking | parking
  ? | New York | York
  - | red | I cannot tell from the image.
  - | red | The colour is not visible.
  - | red | It is impossible to say.
  - | red | I don't know
  - | red | not enough information
  - | red |
  `,
);

table(
  'what cannot be told',
  `
  + | I cannot tell from the image. | I cannot tell from the image.
  + | I cannot tell from the image. | It cannot be determined.
  + | unanswerable | I can't tell
  + | unanswerable | unanswerable
  + | unknown | The image does not show it; I don't know
  + | not answerable | There is not enough information.
  - | I cannot tell from the image. | 5
  - | unanswerable | red
  - | unknown | The total is 7.
  `,
);

table(
  'several parts',
  `
  + | -1<AND>-5 | x = -1 or x = -5
  + | -1<AND>-5 | -5 and -1
  + | -1<AND>-5 | The solutions are -1 and -5.
  - | -1<AND>-5 | x = -1
  - | -1<AND>-5 | x = 1 and x = 5
  - | -1<AND>-5 | 7
  + | 12<OR>=12 | 12
  + | 14.8<OR>14,8 | 14.80
  + | 13.6<OR>13.7 | 13.7
  - | 13.6<OR>13.7 | 14
  ? | 13.6<OR>13.7 | 13.62
  + | sofa<OR>couch | a couch
  + | sofa<OR>couch | The sofa.
  ? | sofa<OR>couch | an armchair
  + | red<AND>blue | blue and red
  + | red<AND>blue | red, blue
  ? | red<AND>blue | red
  + | cat<OR>kitten<AND>mat<OR>rug | The kitten is on the rug
  ? | cat<AND>mat | a cat and no mat
  + | red <and> blue | Red and blue
  `,
);

table(
  'list',
  `
  + | red, green, blue | blue, red, green
  + | red, green, blue | Red, green and blue.
  + | red and green | green and red
  + | ["red", "green"] | green, red
  + | ['a', 'b'] | b, a
  + | 1, 2, 3 | 3, 2, 1
  + | 1, 2, 3 | 1, 2 and 3
  + | 1,2,3 | 1, 2, 3
  + | cats & dogs | dogs and cats
  + | red; green | green; red
  - | 1, 2, 3 | 1, 2
  - | 1, 2, 3 | 1, 2, 4
  ? | red, green | red
  ? | red, green | red, yellow
  ? | red, green, blue | red, green, blue, black
  ? | red, green | both colours
  `,
);

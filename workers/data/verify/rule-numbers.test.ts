/** What rules say of numbers, measures, dates and times, row by row, as a person would mark it. */
import { table } from '../../../test/rule-table.ts';

table(
  'number',
  `
  + | 3 | 3
  + | 3 | 3.
  + | 3 | 3.0
  + | 3 | three
  + | 3 | Three.
  + | 3 | There are 3.
  + | 3 | There are three dogs.
  + | three | 3
  + | 12 | a dozen
  + | 12 dogs | 12
  + | 12 | twelve
  + | 21 | twenty-one
  + | 21 | twenty one
  + | 105 | one hundred and five
  + | 2500 | two thousand five hundred
  + | 0 | zero
  + | 0 | none
  + | 0 | There are no dogs.
  + | 1 | one
  + | 1234 | 1,234
  + | 1,234 | 1234
  + | 1,234.5 | 1234.5
  + | 1.234,5 | 1234.5
  + | 14.8 | 14,8
  + | 14.80 | 14.8
  + | 1234567 | 1,234,567
  + | 1 000 | 1000
  + | 10 000 | 10,000
  + | -7 | -7
  + | -7 | −7
  + | -7 | minus seven
  + | 0.5 | 1/2
  + | 1/2 | 0.5
  + | 1/2 | half
  + | 3/4 | 0.75
  + | 1 1/2 | 1.5
  + | 1.5 | 1½
  + | ½ | 0.5
  + | 2.5 million | 2,500,000
  + | 2.5M | 2.5 million
  + | 3k | 3000
  + | 1e5 | 100000
  + | 1.2 x 10^5 | 120000
  + | x = 5 | 5
  + | 5 | x = 5
  + | =12 | 12
  + | 12 | 3 * 4 = 12
  + | 7 | The total is 7.
  + | 7 | 3 + 4 = 7
  + | 7 | Adding 3 and 4, the answer is 7
  + | .5 | 0.5
  + | 42 | The answer is 42.
  + | 42 | Answer: 42
  + | 2018 | In 2018.
  - | 3 | 4
  - | 3 | four
  - | 3 | There are 4.
  - | 3 | 30
  - | 3 | 0.3
  - | 3 | none
  - | -7 | 7
  - | 7 | -7
  - | 1234 | 1,235
  - | 1.5 | 15
  - | 1/2 | 1/3
  - | 2.5 million | 2.5
  - | 2.5 million | 2.5 thousand
  - | 14.8 | 14
  - | 5 | x = 6
  - | 7 | 3 + 5 = 8
  - | 5 | I cannot tell from the image.
  - | 5 | It is not possible to determine the number.
  - | 5 | unknown
  - | 12 | 2 and 3
  ? | 3 | 3 or 4
  ? | 3 | There are 3 dogs and 4 cats.
  ? | 3 | several
  ? | 3 | It is not 3.
  ? | 13.6 | 13.62
  ? | 4.3 | 4.299
  ? | 3 | many dogs
  ? | 7 | 7 of the 9
  `,
);

table(
  'number with a unit',
  `
  + | $3.65 | 3.65
  + | $3.65 | $3.65
  + | $3.65 | 3.65 dollars
  + | $3.65 | USD 3.65
  + | 3.65 | $3.65
  + | $1,200 | 1200 dollars
  + | $0.50 | 50 cents
  + | €14,80 | 14.80 €
  + | £5 | 5 pounds sterling
  + | RM 9.00 | 9.00
  + | 9.00 | RM9.00
  + | 9.00 | The total is RM 9.00.
  + | -$5 | -5
  + | 25% | 25 %
  + | 25% | 25 percent
  + | 25% | 25
  + | 25% | 0.25
  + | 0.25 | 25%
  + | 5 km | 5 kilometers
  + | 5 km | 5km
  + | 1 km | 1000 m
  + | 100 cm | 1 m
  + | 1 h | 60 minutes
  + | 2 kg | 2000 g
  + | 5 km | 5
  + | 20°C | 20 °C
  + | 20 degrees | 20°
  + | 60 mph | 60 mph
  + | 355 ml | 355 mL
  - | $5 | €5
  - | $3.65 | $3.56
  - | 25% | 2.5%
  - | 25% | 52%
  - | 5 km | 5 miles
  - | 5 km | 5 m
  - | 2 kg | 2 g
  - | 5 km | 6 km
  - | $0.50 | 5 cents
  - | 1 h | 30 minutes
  `,
);

table(
  'number within a tolerance of 5 %',
  `
  + | 100 | 103
  + | 100 | about 97
  + | 100 | 105
  + | $200 | 195 dollars
  - | 100 | 106
  - | 100 | 94
  - | 0 | 1
  `,
  { tolerance: 0.05 },
);

table(
  'date and time',
  `
  + | 25/12/2018 | 25 December 2018
  + | 25/12/2018 | December 25, 2018
  + | 25/12/2018 | 2018-12-25
  + | 25/12/2018 | 25.12.2018
  + | 25/12/2018 | 25-12-2018
  + | 25/12/18 | 25/12/2018
  + | 25/12/2018 | Dec 25th, 2018
  + | 12/25/2018 | 25 Dec 2018
  + | 3/4/2018 | 3/4/2018
  + | 3/4/2018 | 3 April 2018
  + | 3/4/2018 | March 4, 2018
  + | July 4 | 4 July
  + | 25/12/2018 | The date is 25 December 2018.
  + | 8:13 PM | 20:13
  + | 8:13 PM | 8:13 pm
  + | 8:13 | 08:13
  + | 20:13:39 | 20:13:39
  + | 8 PM | 20:00
  + | 8 p.m. | 8 PM
  + | 10:10 | The clock shows 10:10.
  + | 12:30 AM | 0:30
  - | 25/12/2018 | 26/12/2018
  - | 25/12/2018 | 25/12/2019
  - | 25/12/2018 | 25 November 2018
  - | 8:13 PM | 8:13 AM
  - | 8:13 | 8:31
  - | 10:10 | 2:50
  ? | 3/4/2018 | 4/3/2018
  ? | 25/12/2018 | Christmas
  ? | 8:13 | in the morning
  ? | 10:10 | 10:10 or 11:10
  `,
);

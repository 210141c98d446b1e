import { describe, expect, it } from 'vitest';
import { deriveFromRows } from './derive.ts';

type Expected = number | string | 'unknown' | 'unparsed';
const heard = (question: string, rows: readonly string[]): readonly Expected[] => {
  const derived = deriveFromRows(question, rows);
  return derived === 'unknown' ? ['unknown'] : 'answers' in derived ? derived.answers : ['unparsed'];
};

const menu = [
  'The Blue Oven',
  'Starters',
  'Onion Soup\t4.50',
  'Herb Bread\t3.20',
  'Mains',
  'Fish Pie\t11.90',
  'Plum & Corn Dip\t6.10',
  'Bean Stew\t9.75',
  'Drinks',
  'Root Beer Large\t2.80',
  'Root Beer Small\t1.90',
];
const two = ['Quay Cafe', 'Soup of Leek\t€5,00\tRye Toast\t€2,50', 'Trout\t€14,20\tPork Stew\t€11,00'];
const below = ['Regular', '3.459', 'Super Plus', '3.899', 'E85', '2.999'];
const board = ['FUEL', 'Unleaded 95\t1.27 9/10', 'Unleaded 98\t1.42 9/10', 'Diesel\t87\t1.31 9/10', 'Plus\t1.50 9/10'];
const chart = ['turnout by country', 'Peru\t34%', 'Chile\t58%', 'Kenya\t12%', '0%\t20%\t40%\t60%'];
const years = ['exports in tons', '1999\t345', '2000\t410', '2001\t288'];
const bars = ['cost per month', '$818', '$614', '$74', 'Finance\tSupport\tLegal'];
const doubled = ['Tea\t2.00', 'Tea\t3.00', 'Cake\t4.00'];
const torn = ['Tea\t2 50', 'Coffee\t3. 10', 'Cake\t425', 'Juice\t2.80', 'Water\t1.00', 'Soda\t1.20', 'Milk\t1.10'];
const nourishing = [
  'Nutrition Facts',
  'Servings per pack\t4',
  'Serving size\t30g',
  'Calories\t150',
  'Total Fat\t7.5 g\t12%',
  'Sodium\t220mg\t9%',
  'Added Sugars\t8g',
];
const pump = ['PUMP 3', 'Total Sale', '40.00', 'Gallons', '12.500'];

const TABLE: readonly (readonly [readonly string[], readonly (readonly [string, Expected])[]])[] = [
  [
    menu,
    [
      ['How much is the Onion Soup?', 4.5],
      ['what does fish pie cost', 11.9],
      ['price of the bean stew?', 9.75],
      ['Tell me the price of bean stew please', 9.75],
      ['In the image, how much is herb bread?', 3.2],
      ['how mcuh is the herb bread', 3.2],
      ['How much for one stew?', 9.75],
      ['how much is the plum and corn dip', 6.1],
      ['how much is the root beer?', 'unknown'],
      ['how much is the root beer large', 2.8],
      ['how much is the lobster?', 'unknown'],
      ['how much is the lobster stew?', 'unknown'],
      ['Which item costs 9.75?', 'Bean Stew'],
      ['what can i get for $11.90', 'Fish Pie'],
      ['which dish is priced at 7.77', 'unknown'],
      ['What do I pay for two onion soups and one fish pie?', 20.9],
      ['total for 3 herb breads, a bean stew and two root beer small', 23.15],
      ['i want 2 plum and corn dip and one bean stew. what do i owe?', 21.95],
      ['how much are two fish pies and one lobster together', 'unknown'],
      ['how much is 4 herb bread', 12.8],
      ['How much dearer is fish pie than bean stew?', 2.15],
      ['what is the difference between onion soup and herb bread', 1.3],
      ['how much more is the fish pie than the lobster', 'unknown'],
      ['How much change from $20 for the fish pie?', 8.1],
      ['i buy two onion soup and one herb bread with a $20 note, how much change do i get?', 7.8],
      ['what is left of 50 after paying for 1 fish pie and 2 bean stew', 18.6],
      ['how much change from $20 for the lobster', 'unknown'],
      ['how much is the bean stew with 20% off', 7.8],
      ['with a 10% discount, what does the fish pie cost', 10.71],
      ['Which item is the most expensive?', 'Fish Pie'],
      ['name the cheapest dish', 'Root Beer Small'],
      ['what is the highest price', 11.9],
      ['how much is the cheapest item', 1.9],
      ['find the most affordable dish', 'Root Beer Small'],
      ['which of the starters is the cheapest?', 'Herb Bread'],
      ['what is the dearest of the mains', 'Fish Pie'],
      ['which drink costs the most', 'Root Beer Large'],
      ['what is the average of all prices', 5.74],
      ['what is the sum of all listed prices', 40.15],
      ['where is the nearest station', 'unparsed'],
      ['how many calories does the cat eat', 'unknown'],
    ],
  ],
  [
    two,
    [
      ['how much is the rye toast', 2.5],
      ['how much is the trout', 14.2],
      ['two rye toasts and a pork stew, how much?', 16],
      ['which dish costs €11,00', 'Pork Stew'],
      ['what is the cheapest dish', 'Rye Toast'],
    ],
  ],
  [
    below,
    [
      ['what is the price of regular', 3.459],
      ['price of e85?', 2.999],
      ['How many gallons of Super Plus can i buy for $40', 10.26],
      ['which fuel is the dearest', 'Super Plus'],
    ],
  ],
  [
    board,
    [
      ['how much is unleaded 98', 1.42],
      ['how much is unleaded 97?', 'unknown'],
      ['how much is unleaded', 'unknown'],
      ['what is the price of diesel', 1.31],
      ['what do 30 litres of diesel cost', 39.3],
      ['For $75 i get how many litres of Plus', 50],
      ['how much is the plus', 1.5],
    ],
  ],
  [
    chart,
    [
      ['what is the turnout of Chile', 58],
      ['which country has the highest turnout', 'Chile'],
      ['what is the lowest turnout', 12],
      ['which country has 34%', 'Peru'],
      ['how much higher is peru than kenya', 22],
      ['what is the average turnout', 34.67],
      ['what is the turnout of Ghana', 'unknown'],
    ],
  ],
  [
    years,
    [
      ['what is the value for 2000', 410],
      ['which year has the highest exports', '2000'],
      ['by how much do 1999 and 2001 differ', 57],
    ],
  ],
  [
    bars,
    [
      ['what is the highest cost', 818],
      ['what is the average cost', 502],
      ['which column is the highest', 'unknown'],
    ],
  ],
  [
    doubled,
    [
      ['how much is the tea', 'unknown'],
      ['how much are one tea and one cake', 'unknown'],
      ['how much is the cake', 4],
    ],
  ],
  [
    torn,
    [
      ['how much is the tea', 2.5],
      ['how much is the coffee', 3.1],
      ['how much is the cake', 4.25],
    ],
  ],
  [
    nourishing,
    [
      ['How many calories are in the whole pack?', 600],
      ['how many calories are in three servings', 450],
      ['how much sodium is in 2 servings', 440],
      ['how much total fat is there', 7.5],
      ['what does the label say for added sugars', 8],
      ['how much iron is in it', 'unknown'],
      ['which nutrient has 220mg', 'Sodium'],
    ],
  ],
  [
    pump,
    [
      ['what is the price per gallon?', 3.2],
      ['how much was paid', 40],
      ['how many gallons were filled', 12.5],
    ],
  ],
];

describe('questions about names with amounts', () => {
  it.each(TABLE.flatMap(([rows, asked]) => asked.map(([question, answer]) => [question, answer, rows] as const)))(
    '%s -> %s',
    (question, answer, rows) => expect(heard(question, rows)).toContain(answer),
  );

  it('does not take a whole number for an amount with a lost mark where the page has whole numbers', () =>
    expect(heard('how much is the cake', ['Tea\t250', 'Cake\t425', 'Soda\t1.20'])).toEqual([425]));
  it('cannot tell which amount is meant by a name before another name', () =>
    expect(heard('how much is the soup', ['Soup\tTonic\t3.00', 'Bread\t2.00', 'Milk\t1.00'])).toEqual(['unknown']));
});

import { describe, expect, it } from 'vitest';
import { deriveFromRows } from './derive.ts';

type Expected = number | string;
const heard = (question: string, rows: readonly string[]): readonly Expected[] => {
  const derived = deriveFromRows(question, rows);
  return derived === 'unknown' ? ['unknown'] : 'answers' in derived ? derived.answers : ['unparsed'];
};

const staff = [
  'Report 2019',
  'Name\tAge\tSalary\tDepartment',
  'Baker\t34\t5,200\tSales',
  'Novak\t51\t6,100\tLegal',
  'Silva\t28\t4,800\tSales',
  'Weber\t45\t7,300\tDesign',
];
const trips = [
  'To\tDeparture\tArrival\tFare\tPlatform',
  'Ashford\t07:30\t09:10\t12.50\t3',
  'Larkham\t08:15\t10:05\t17.00\tB2',
  'Yarrow\t11:40\t12:20\t9.80\t5',
];
const totals = ['Team\tGoals\tPoints', 'Rovers\t12\t31', 'United\t19\t40', 'Lions\t7\t22', 'Total\t38\t93'];
const ties = ['Team\tGoals', 'Rovers\t12', 'United\t12', 'Lions\t7'];
const glued = [
  'Name\tAge\tSalary',
  'Baker\t34 5200',
  'Van\tDyke\t51\t6100',
  'Silva\t28\t4800',
  'Weber\t45\t7300',
  'Haas\t39\t5900',
];
const split = ['Name\tAge\tSalary', 'Baker\t34\t5200', 'Novak', '51', '6100', 'Silva\t28\t4800', 'Weber\t45\t7300'];
const missing = [
  'Name\tAge\tSalary',
  'Baker\t34\t5200',
  'Novak\t51',
  'Silva\t28\t4800',
  'Weber\t45\t7300',
  'Haas\t39\t5900',
];

const TABLE: readonly (readonly [readonly string[], readonly (readonly [string, Expected])[]])[] = [
  [
    staff,
    [
      ['What is the salary of Baker?', 5200],
      ['what department is Novak in', 'Legal'],
      ['how old is Silva', 28],
      ['how much does weber earn', 7300],
      ['in the row of Novak, what is the age', 51],
      ["what is weber's age", 45],
      ['what is the shoe size of Baker', 'unknown'],
      ['what is the salary of Fischer', 'unknown'],
      ['who has the age 51', 'Novak'],
      ['which person has the salary 4,800', 'Silva'],
      ['whose department is Design', 'Weber'],
      ['who works in sales', 'unknown'],
      ['who earns the most', 'Weber'],
      ['who is the youngest', 'Silva'],
      ['which person has the highest age', 'Novak'],
      ['what is the lowest salary', 4800],
      ['what is the department of the person with the highest salary', 'Design'],
      ['what is the average age', 39.5],
      ['what is the total salary of all people', 23400],
      ['what is the average salary without Weber', 5366.67],
      ['what is the average salary of Sales', 5000],
      ['what is the total salary of the sales department', 10000],
      ['how much older is Novak than Silva', 23],
      ['what is the difference in salary between Baker and Weber', 2100],
      ['how much salary do Baker and Silva have together', 10000],
      ['whose age is below the average', 'unknown'],
    ],
  ],
  [
    trips,
    [
      ['when does the train to Larkham leave', '08:15'],
      ['when does the bus to Yarrow arrive', '12:20'],
      ['what is the fare for Ashford', 12.5],
      ['from which platform does the train to Larkham leave', 'B2'],
      ['which train leaves at 11:40', 'Yarrow'],
      ['how much is a ticket for yarrow', 9.8],
      ['which destination has the lowest fare', 'Yarrow'],
      ['what is the fare for Penwood', 'unknown'],
    ],
  ],
  [
    totals,
    [
      ['which team has the most goals', 'United'],
      ['what is the total points of all rows', 93],
      ['what is the highest goals', 19],
      ['what is the average goals', 12.67],
    ],
  ],
  [
    ties,
    [
      ['which team has the most goals', 'unknown'],
      ['which team has the least goals', 'Lions'],
      ['what is the highest goals', 12],
    ],
  ],
  [
    glued,
    [
      ['what is the salary of Baker', 5200],
      ['what is the age of van dyke', 51],
      ['what is the highest salary', 7300],
    ],
  ],
  [
    split,
    [
      ['what is the salary of Novak', 6100],
      ['who has the highest age', 'Novak'],
    ],
  ],
  [
    missing,
    [
      ['what is the salary of Novak', 'unknown'],
      ['what is the highest salary', 'unknown'],
      ['what is the salary of Haas', 5900],
    ],
  ],
];

describe('questions about tables', () => {
  it.each(TABLE.flatMap(([rows, asked]) => asked.map(([question, answer]) => [question, answer, rows] as const)))(
    '%s -> %s',
    (question, answer, rows) => expect(heard(question, rows)).toContain(answer),
  );
});

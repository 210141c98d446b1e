/** What the demo asks about its own pictures (make-pictures.ts), and what stands on them. */
export interface DemoQuestion {
  readonly picture: string;
  readonly question: string;
  /** Shown beside the answer; nobody but the reader of the demo is told. */
  readonly expected: string;
}

export const QUESTIONS: readonly DemoQuestion[] = [
  { picture: 'menu.png', question: 'What do a mushroom pie and an oolong tea cost together?', expected: '12.10' },
  { picture: 'receipt.png', question: 'What is the total?', expected: '53.93' },
  { picture: 'equation.png', question: 'What is the result?', expected: '60' },
];

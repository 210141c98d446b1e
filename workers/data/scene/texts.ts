/** Scenes of words and sums: signs, plates, products, lists, equations. */
import type { Random } from '../random.ts';
import { inventName, inventWord, randomCode, randomLetters } from '../words/invent.ts';
import { goods, parts, signWords, strategies } from '../words/shop.ts';
import { distinctNames, type Vocabulary } from './names.ts';
import { type EquationFacts, type ListFacts, type Place, type Scene, type SignFacts, sceneRows } from './scene.ts';

export function signScene(rng: Random, words: Vocabulary): Scene {
  const out = sceneRows();
  const what = rng.pick(['sign', 'sign', 'plate', 'product'] as const);
  const lines: Place[] = [];
  const add = (text: string, title = false): Place => {
    const at = { row: out.add(title ? 'title' : 'text', [text]), cell: 0 };
    lines.push(at);
    return at;
  };
  let main: Place;
  if (what === 'plate') {
    main = add(randomCode(rng).replace('/', ' '), true);
  } else if (what === 'product') {
    const brand = rng.chance(0.7) ? inventWord(rng).toUpperCase() : randomLetters(rng).toUpperCase();
    main = add(brand, true);
    for (const extra of rng.sample(
      [
        words.pick(rng, goods),
        `Model ${randomCode(rng)}`,
        '12:45',
        'Menu',
        'Made in EU',
        '500 ml',
        'New!',
        'Extra Strong',
        `${rng.int(1, 99)}%`,
      ],
      rng.int(0, 3),
    ))
      add(extra);
  } else {
    main = add(rng.chance(0.55) ? words.pick(rng, signWords).toUpperCase() : inventName(rng), true);
    for (
      let i = rng.weighted([
        [0, 4],
        [1, 3],
        [2, 1],
      ] as const);
      i > 0;
      i--
    )
      add(rng.chance(0.5) ? words.pick(rng, signWords) : inventName(rng));
  }
  return { template: `sign-${what}`, rows: out.rows, facts: { kind: 'sign', what, main, lines } satisfies SignFacts };
}

export function listScene(rng: Random, words: Vocabulary): Scene {
  const out = sceneRows();
  const numbered = rng.chance(0.75);
  const isParts = numbered && rng.chance(0.4);
  const noun = isParts
    ? rng.pick(['part', 'structure', 'label', 'layer'])
    : rng.pick(['step', 'rule', 'tip', 'idea', 'task', 'instruction', 'goal', 'method']);
  const texts = distinctNames(rng, rng.int(3, 8), () =>
    rng.weighted([
      [() => words.pick(rng, isParts ? parts : strategies), 6],
      [() => inventName(rng).toLowerCase(), 2],
      [() => `${words.pick(rng, strategies).split(' ')[0]} the ${inventWord(rng).toLowerCase()}`, 2],
    ])(),
  );
  const title = rng.chance(0.65)
    ? {
        row: out.add('title', [
          rng.pick([
            `${rng.int(3, 12)} ${noun}s`,
            `${noun}s for ${inventWord(rng)}`,
            `How to ${rng.pick(['learn', 'cook', 'build', 'study', 'relax'])}`,
            `${inventWord(rng)} ${noun}s`,
          ]),
        ]),
        cell: 0,
      }
    : undefined;
  if (!numbered && rng.chance(0.4)) {
    // Two or three to a row: read like lines of writing.
    const columns = rng.int(2, 3);
    const entries: ListFacts['entries'][number][] = [];
    for (let i = 0; i < texts.length; i += columns) {
      const line = texts.slice(i, i + columns);
      const row = out.add('item', line);
      line.forEach((text, cell) => {
        entries.push({ mark: '', text, at: { row, cell } });
      });
    }
    return {
      template: 'list-grid',
      rows: out.rows,
      facts: { kind: 'list', numbered, noun, entries, ...(title ? { title } : {}) } satisfies ListFacts,
    };
  }
  const mark = rng.pick(['1.', '1)', '1', 'Step 1', '#1', '1 -']);
  const bullet = rng.pick(['-', '*', '•', '']);
  const glued = rng.chance(0.7) ? [0] : [];
  const entries = texts.map((text, i) => {
    const m = numbered ? mark.replace('1', String(i + 1)) : bullet;
    if (m === '') return { mark: '', text, at: { row: out.add('item', [text]), cell: 0 } };
    const row = out.add('item', [m, text], false, glued);
    return { mark: numbered ? String(i + 1) : '', text, at: { row, cell: 1 }, markAt: { row, cell: 0 } };
  });
  return {
    template: `list-${numbered ? 'numbered' : 'plain'}`,
    rows: out.rows,
    facts: { kind: 'list', numbered, noun, entries, ...(title ? { title } : {}) } satisfies ListFacts,
  };
}

/** One sum as printed, and what Calculate is asked. `expression` has only characters that the print has, in its order. */
function equation(rng: Random): { text: string; expression: string; unknown?: string } {
  const times = rng.pick(['x', '×', '*', '×']);
  const divide = rng.pick(['÷', '/', '÷']);
  const space = rng.chance(0.5) ? ' ' : '';
  const op = (sign: string): string => `${space}${sign}${space}`;
  const print = (expression: string): string =>
    expression.replace(/[+\-*/]/g, (s) => op(s === '*' ? times : s === '/' ? divide : s));
  const small = (): number => rng.int(1, rng.pick([9, 12, 20, 99]));
  if (rng.chance(0.22)) {
    const letter = rng.pick(['x', 'y', 'n', 'a', 'z']);
    const a = small();
    const b = small();
    const k = rng.int(2, 9);
    return rng.pick([
      { text: `${letter}${op('+')}${a}${op('=')}${a + b}`, expression: `${a + b}-${a}`, unknown: letter },
      { text: `${letter}${op('-')}${a}${op('=')}${b}`, expression: `${b}+${a}`, unknown: letter },
      { text: `${k}${letter}${op('=')}${k * a}`, expression: `${k * a}/${k}`, unknown: letter },
      {
        text: `${k}${letter}${op('+')}${b}${op('=')}${k * a + b}`,
        expression: `(${k * a + b}-${b})/${k}`,
        unknown: letter,
      },
      {
        text: `${k}${letter}${op('-')}${b}${op('=')}${k * a - b}`,
        expression: `(${k * a - b}+${b})/${k}`,
        unknown: letter,
      },
    ]);
  }
  const d = rng.int(2, 12);
  const expression = rng.pick([
    `${small()}+${small()}`,
    `${small()}-${small()}`,
    `${small()}*${small()}`,
    `${d * rng.int(1, 12)}/${d}`,
    `${small()}+${small()}*${rng.int(2, 9)}`,
    `${small()}*${rng.int(2, 9)}-${small()}`,
    `(${small()}+${small()})*${rng.int(2, 9)}`,
    `${d * rng.int(1, 9)}/${d}+${small()}`,
    `${small()}-(${small()}+${small()})`,
    `${small()}+${small()}+${small()}`,
    `${small()}*${rng.int(2, 9)}+${rng.int(2, 9)}*${rng.int(2, 9)}`,
  ]);
  return {
    text:
      print(expression) +
      rng.weighted([
        [`${op('=')}?`, 3],
        [op('=').trimEnd(), 4],
        ['', 1],
        [`${op('=')}__`, 1],
      ] as const),
    expression,
  };
}

/** One equation, a list of them, or a grid of two or three columns. */
export function equationScene(rng: Random): Scene {
  const out = sceneRows();
  const columns = rng.weighted([
    [1, 5],
    [2, 5],
    [3, 1],
  ] as const);
  const lines =
    columns === 1
      ? rng.weighted([
          [1, 5],
          [2, 1],
          [3, 2],
          [4, 2],
          [5, 1],
        ] as const)
      : rng.int(1, 4);
  if (rng.chance(0.2))
    out.add('title', [rng.pick(['Solve', 'Math Quiz', 'Worksheet', 'Practice', 'Exercise 3', 'Homework'])]);
  const numbered = columns * lines > 1 && rng.chance(0.15);
  const equations: EquationFacts['equations'][number][] = [];
  const seen = new Set<string>();
  for (let line = 0; line < lines; line++) {
    const made = Array.from({ length: columns }, () => {
      let e = equation(rng);
      while (seen.has(e.text)) e = equation(rng);
      seen.add(e.text);
      return e;
    });
    const cells = made.flatMap((e, column) => (numbered ? [`${line * columns + column + 1})`, e.text] : [e.text]));
    const row = out.add('item', cells, false, numbered ? made.map((_, i) => i * 2) : []);
    made.forEach((e, column) => {
      equations.push({ at: { row, cell: numbered ? column * 2 + 1 : column }, line, column, ...e });
    });
  }
  return { template: `equations-${columns}`, rows: out.rows, facts: { kind: 'equations', columns, lines, equations } };
}

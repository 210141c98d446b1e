import { describe, expect, test } from 'vitest';
import { type Piece, readingOrder } from '../ocr-page/columns.ts';
import { convexHull, corners, smallestBox } from '../ocr-page/geometry.ts';
import { rowsOf } from '../ocr-page/rows.ts';
import { skewOf } from '../ocr-page/skew.ts';
import { turnBack, turnPicture } from '../ocr-page/turn.ts';
import { alphabetOf, decode } from './ctc.ts';
import { textAreas } from './text-areas.ts';
import { tidy } from './tidy.ts';
import { emptyColumns, gapBetween, isWordGap } from './word-gaps.ts';

const degrees = Math.PI / 180;

/** A piece whose letters are as wide as half its height. */
function piece(text: string, left: number, middle: number, height = 20): Piece {
  const width = text.length * height * 0.5;
  return { text, x: left + width / 2, y: middle, width, height, angle: 0 };
}

/** The pieces as a photo shows them that was turned around the page's corner. */
function turned<T extends Piece>(pieces: readonly T[], angle: number): T[] {
  return pieces.map((one) => ({
    ...one,
    x: one.x * Math.cos(angle) - one.y * Math.sin(angle),
    y: one.x * Math.sin(angle) + one.y * Math.cos(angle),
    angle,
  }));
}

const texts = (rows: readonly (readonly Piece[])[]) => rows.map((row) => row.map(({ text }) => text).join(' | '));

describe('geometry', () => {
  test('the smallest box of a turned rectangle is that rectangle', () => {
    for (const angle of [0, 10, -30, 44]) {
      const box = { x: 50, y: 40, width: 60, height: 12, angle: angle * degrees };
      const found = smallestBox(convexHull(corners(box)));
      expect(found.angle / degrees).toBeCloseTo(angle, 6);
      expect([found.x, found.y, found.width, found.height].map((n) => n.toFixed(6))).toEqual(
        [50, 40, 60, 12].map((n) => n.toFixed(6)),
      );
    }
  });

  test('text areas: two words apart, a speck and a faint smear', () => {
    const [width, height] = [100, 40];
    const map = new Float32Array(width * height);
    const fill = (x0: number, y0: number, x1: number, y1: number, share: number) => {
      for (let y = y0; y < y1; y++) map.fill(share, y * width + x0, y * width + x1);
    };
    fill(10, 10, 40, 16, 0.9);
    fill(50, 10, 90, 16, 0.9);
    fill(70, 30, 72, 32, 0.9);
    fill(10, 28, 40, 34, 0.4);
    const boxes = textAreas(map, width, height).sort((a, b) => a.x - b.x);
    expect(boxes.map(({ x, y }) => [x, y])).toEqual([
      [25, 13],
      [70, 13],
    ]);
    // 30 x 6 grown by 180 * 1.6 / 72 = 4 on each side.
    expect(boxes[0]).toMatchObject({ width: 38, height: 14, angle: 0 });
  });

  test('areas that meet only further down are one', () => {
    const map = new Float32Array(20 * 20);
    for (let y = 4; y < 16; y++) for (const x of [4, 5, 6, 13, 14, 15]) map[y * 20 + x] = 1;
    for (let y = 12; y < 16; y++) map.fill(1, y * 20 + 4, y * 20 + 16);
    expect(textAreas(map, 20, 20)).toHaveLength(1);
  });
});

describe('rows', () => {
  const receipt = [
    piece('Total', 0, 100),
    piece('RM', 200, 102),
    piece('33.92', 300, 99),
    piece('Cash', 0, 124),
    piece('50.00', 300, 123),
    piece('Change', 0, 148),
    piece('16.08', 300, 147),
  ];
  const rows = ['Total | RM | 33.92', 'Cash | 50.00', 'Change | 16.08'];

  test('a label stands beside its amount', () => expect(texts(rowsOf(receipt))).toEqual(rows));

  test('also on a turned photo, where lines give the angle', () => {
    const lines = ['KAWASAN PERINDUSTRIAN BALAKONG', 'THANK YOU AND COME AGAIN'];
    const page = [...receipt, ...lines.map((line, i) => piece(line, 10, 180 + 24 * i))];
    for (const angle of [-12, -5, 3, 9])
      expect(texts(rowsOf(turned(page, angle * degrees)))).toEqual([...rows, ...lines]);
  });

  test('lines that fan out, as on a photo from aside', () => {
    const page = Array.from({ length: 12 }, (_, i) => [
      piece(`${i} some long description`, 0, 100 + 30 * i),
      piece(`${i}.50`, 500, 100 + 30 * i),
    ]).flat();
    const seen = page.map((one) => ({
      ...one,
      y: 265 + (one.y - 265) * (1 + one.x / 3000),
      angle: Math.atan((one.y - 265) / 3000),
    }));
    expect(texts(rowsOf(seen))).toEqual(Array.from({ length: 12 }, (_, i) => `${i} some long description | ${i}.50`));
  });

  test('a large price belongs to the label at its middle, not to the one below', () => {
    const board = [piece('Diesel', 0, 100), piece('3.60', 90, 100, 60), piece('No.2', 0, 125)];
    expect(texts(rowsOf(board))).toEqual(['Diesel | 3.60', 'No.2']);
  });

  test('a note written across two rows parts neither', () => {
    const note = { ...piece('9.9', 150, 134, 44), width: 60 };
    expect(texts(rowsOf([note, ...receipt]))).toEqual([rows[0], 'Cash | 9.9 | 50.00', rows[2]]);
  });

  test('text that runs upwards joins no row', () => {
    const page = [{ ...piece('Sales', -30, 110, 60), sideways: true }, ...receipt];
    expect(texts(rowsOf(page))).toEqual(expect.arrayContaining([...rows, 'Sales']));
  });

  test('the slant is told by long lines and not by a slanted sign', () => {
    const lines = Array.from({ length: 8 }, (_, i) => piece('a line of a good length', 0, 50 * i));
    const sign = { ...piece('a slanted sign that is longer still', 0, 450), angle: 0.6 };
    expect(skewOf([...turned(lines, 0.05), sign])(100, 100)).toBeCloseTo(0.05, 6);
    expect(skewOf([])(0, 0)).toBe(0);
  });
});

describe('columns', () => {
  const prose = (count: number, left: number, pitch: number) =>
    Array.from({ length: count }, (_, i) => piece(`line ${i} of running text here`, left, 100 + pitch * i));

  test('running text is read down the left column, then down the right one', () => {
    const heading = piece('A heading over the whole width of both of them columns', 0, 60);
    const rows = texts(readingOrder([...prose(6, 400, 24), heading, ...prose(6, 0, 24)]));
    expect(rows).toHaveLength(13);
    expect(rows[0]).toBe(heading.text);
    expect(rows.slice(1, 7)).toEqual(rows.slice(7));
  });

  test('blocks whose lines do not meet are parted', () => {
    const left = Array.from({ length: 9 }, (_, i) => piece('Ingredient', 0, 100 + 24 * i));
    const right = Array.from({ length: 7 }, (_, i) => piece('Step to take', 300, 104 + 31 * i));
    expect(texts(readingOrder([...right, ...left]))).toEqual([
      ...texts(left.map((one) => [one])),
      ...texts(right.map((one) => [one])),
    ]);
  });

  test('a table of words and a menu are not parted, also with gaps in them', () => {
    const names = ['Administration', 'Finance', 'Marketing', 'Engineering', 'Maintenance', 'Procurement'];
    const table = names.flatMap((name, i) => [piece(name, 0, 100 + 30 * i), piece('Johannes Berg', 300, 101 + 30 * i)]);
    expect(texts(readingOrder(table))).toEqual(names.map((name) => `${name} | Johannes Berg`));
    const menu = names.flatMap((name, i) => [
      piece(name, 0, 100 + 30 * i),
      ...(i % 3 ? [piece(`${i},90`, 300, 98 + 30 * i)] : []),
    ]);
    expect(texts(readingOrder(menu))).toEqual(names.map((name, i) => (i % 3 ? `${name} | ${i},90` : name)));
  });
});

describe('reading', () => {
  const alphabet = alphabetOf('a\nb\n美\n：\n');

  /** One step per letter: `_` blank; its class gets 0.9, and each of `also` what it says. */
  function shares(steps: string, also: Record<number, Record<string, number>> = {}): Float32Array {
    const classes = alphabet.chars.length;
    const out = new Float32Array(steps.length * classes);
    [...steps].forEach((char, step) => {
      out[step * classes + (char === '_' ? 0 : alphabet.chars.indexOf(char))] = 0.9;
      for (const [other, share] of Object.entries(also[step] ?? {}))
        out[step * classes + alphabet.chars.indexOf(other)] = share;
    });
    return out;
  }

  const read = (steps: string, latin = false, also = {}) =>
    decode(shares(steps, also), steps.length, alphabet, latin)
      .map(({ char }) => char)
      .join('');

  test('repeats are one character, unless a blank stands between them', () => {
    expect(read('aab_bb__a')).toBe('abba');
    expect(read('____')).toBe('');
  });

  test('full-width signs come as plain ones', () => expect(read('a_:')).toBe('a:'));

  test('among Latin letters the best Latin class is taken', () => {
    expect(read('a_美_b')).toBe('a美b');
    expect(read('a_美_b', true, { 2: { b: 0.05 } })).toBe('abb');
  });

  test('the share of the space class before a character is kept', () => {
    const [, second] = decode(shares('a__b', { 1: { ' ': 0.2 }, 2: { ' ': 0.4 } }), 4, alphabet, false);
    expect(second?.spaceBefore).toBeCloseTo(0.4, 5);
  });

  test('a word gap needs evidence: paper, distance and a share of the space class together', () => {
    const gap = { before: 'a', after: 'b', earlier: 'x', share: 0, empty: 0.02, pitch: 1 };
    expect(isWordGap(gap)).toBe(false);
    expect(isWordGap({ ...gap, share: 0.9 })).toBe(true);
    expect(isWordGap({ ...gap, share: 0.05, empty: 0.3, pitch: 1.6 })).toBe(true);
    expect(isWordGap({ ...gap, share: 0.05, empty: 0.1 })).toBe(false);
    // The wide gap after a decimal point is none between words.
    expect(isWordGap({ before: '.', after: '5', earlier: '3', share: 0.1, empty: 0.3, pitch: 1.2 })).toBe(false);
  });

  test('empty columns are found on dark and on light paper', () => {
    const line = (ink: number, paper: number) => {
      const rgb = new Uint8Array(60 * 48 * 3).fill(paper);
      for (const x of [...Array(12).keys(), ...Array.from({ length: 12 }, (_, i) => i + 40)])
        for (let y = 10; y < 38; y++) rgb.fill(ink, (y * 60 + x) * 3, (y * 60 + x) * 3 + 3);
      return { width: 60, rgb };
    };
    for (const empty of [emptyColumns(line(20, 230)), emptyColumns(line(240, 30))]) {
      expect([...empty].map(String).join('')).toBe(
        `${'0'.repeat(12)}${'1'.repeat(28)}${'0'.repeat(12)}${'1'.repeat(8)}`,
      );
      expect(gapBetween(empty, 6, 46)).toBeCloseTo(28 / 48, 6);
    }
  });

  test('mix-ups that a word shows are undone, and others left', () => {
    const pairs = {
      '5.9O∈': '5.90€',
      '8,SOE': '8,50€',
      '$1.l0': '$1.10',
      'MARINARA S, 1OE': 'MARINARA 5,10€',
      '55, 57 & 59': '55, 57 & 59',
      '1O0': '100',
      '2O:30': '20:30',
      'TOTAL RM 33.9O': 'TOTAL RM 33.90',
      L0T: 'LOT',
      EZ10HD05: 'EZ10HD05',
      SO00022185: 'SO00022185',
      'SO.SO': 'SO.SO',
      'x ∈ A': 'x ∈ A',
      '3 for 2': '3 for 2',
    };
    for (const [seen, meant] of Object.entries(pairs)) expect(tidy(seen)).toBe(meant);
  });
});

test('turns of a page are undone in its boxes', () => {
  const rgb = Uint8Array.from({ length: 2 * 3 * 3 }, (_, i) => i);
  const picture = { width: 2, height: 3, rgb };
  for (const quarters of [1, 2, 3]) {
    const there = turnPicture(picture, quarters);
    expect(turnPicture(there, 4 - quarters)).toEqual(picture);
    // The pixel at the left top of the picture, wherever it went, comes back as the left top corner.
    const at = there.rgb.findIndex((value, i) => i % 3 === 0 && value === 0) / 3;
    const [x, y] = [(at % there.width) / there.width, Math.floor(at / there.width) / there.height];
    const back = turnBack([x, y, x + 1 / there.width, y + 1 / there.height], quarters);
    for (const [i, value] of [0, 0, 1 / 2, 1 / 3].entries()) expect(back[i]).toBeCloseTo(value, 9);
  }
});

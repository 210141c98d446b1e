/**
 * Drawings of things, as SVG in a field that is 100 high and 100 times its aspect wide (see sizes.ts). Each fills its
 * field to the edges, so that the field is the thing's box.
 */

/** How a thing is painted. */
export interface Paint {
  /** Of the parts that give the thing its colour: a colour or a pattern. */
  readonly fill: string;
  /** The same colour, darker. */
  readonly shade: string;
  readonly line: string;
}

type Drawing = (paint: Paint) => string;

/** Colours of parts that are alike on all things of a kind; greys and wood tell no colour of the thing. */
const WOOD = '#9c7a52';
const METAL = '#b9bdc4';

const path = (d: string, fill: string): string => `<path d="${d}" fill="${fill}"/>`;
const oval = (x: number, y: number, rx: number, ry: number, fill: string): string =>
  `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}" fill="${fill}"/>`;
const slab = (x: number, y: number, w: number, h: number, fill: string, r = 0): string =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}" fill="${fill}"/>`;
const stroke = (d: string, colour: string, width: number): string =>
  `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round"/>`;

function starPath(): string {
  const points = Array.from({ length: 10 }, (_, i) => {
    const r = i % 2 === 0 ? 1 : 0.42;
    const turn = (i * Math.PI) / 5;
    return `${(52.5 + 52.5 * r * Math.sin(turn) * 1.04).toFixed(1)} ${(55 - 55 * r * Math.cos(turn)).toFixed(1)}`;
  });
  return `M${points.join('L')}Z`;
}

export const DRAWINGS: Readonly<Record<string, Drawing>> = {
  ball: ({ fill, shade }) =>
    oval(50, 50, 49, 49, fill) + stroke('M14 22Q50 52 16 80', shade, 4) + stroke('M86 22Q50 52 84 80', shade, 4),
  box: ({ fill, shade }) =>
    path('M1 28L28 2L114 2L114 70L88 98L1 98Z', shade) +
    slab(1, 28, 87, 71, fill) +
    path('M1 28L28 2L114 2L88 28Z', fill),
  cup: ({ fill, shade }) =>
    stroke('M86 26Q122 22 113 54Q108 72 82 74', shade, 9) +
    path('M1 10L8 88Q10 99 22 99L72 99Q82 99 84 88L91 10Z', fill) +
    oval(46, 10, 45, 9, shade),
  tree: ({ fill }) =>
    slab(29, 68, 14, 31, WOOD) +
    path('M36 1Q64 2 62 24Q76 36 68 54Q62 74 36 72Q10 74 4 54Q-4 36 10 24Q8 2 36 1Z', fill),
  house: ({ fill, shade }) =>
    slab(10, 42, 85, 57, fill) +
    path('M1 46L52 1L104 46Z', shade) +
    slab(44, 62, 20, 37, '#efe7d6') +
    slab(18, 54, 18, 18, '#d8ecf5') +
    slab(72, 54, 16, 18, '#d8ecf5'),
  car: ({ fill }) =>
    path('M1 80L1 54Q4 42 34 40L58 6Q62 1 72 1L128 1Q138 1 144 8L166 40Q198 44 199 60L199 80Z', fill) +
    path('M54 40L70 12L96 12L96 40Z', '#d8ecf5') +
    path('M104 40L104 12L130 12L148 40Z', '#d8ecf5') +
    [46, 154].map((x) => oval(x, 78, 22, 21, '#2b2b2e') + oval(x, 78, 9, 9, METAL)).join(''),
  fish: ({ fill, shade }) =>
    path('M124 50L169 8L160 50L169 92Z', shade) +
    path('M1 52Q30 2 78 6Q118 18 134 50Q116 88 78 96Q28 98 1 52Z', fill) +
    oval(32, 42, 7, 7, '#ffffff') +
    oval(31, 42, 3, 3, '#111111') +
    stroke('M54 26Q66 50 54 76', shade, 4),
  star: ({ fill }) => path(starPath(), fill),
  bottle: ({ fill, shade }) =>
    slab(11, 1, 14, 9, shade, 2) +
    path('M12 9L24 9L24 30Q35 38 35 52L35 92Q35 99 28 99L8 99Q1 99 1 92L1 52Q1 38 12 30Z', fill) +
    slab(1, 56, 34, 22, '#f3efe4'),
  chair: ({ fill, shade }) =>
    slab(1, 1, 9, 98, shade) +
    slab(1, 8, 12, 48, fill) +
    slab(1, 52, 60, 11, fill, 2) +
    slab(52, 62, 9, 37, shade) +
    slab(16, 62, 6, 30, shade),
  lamp: ({ fill, shade }) =>
    slab(28, 44, 6, 50, METAL) + path('M16 1L46 1L61 48L1 48Z', fill) + path('M10 99Q12 88 31 88Q50 88 52 99Z', shade),
  table: ({ fill, shade }) =>
    slab(12, 18, 11, 81, shade) +
    slab(127, 18, 11, 81, shade) +
    slab(36, 18, 8, 62, shade) +
    slab(106, 18, 8, 62, shade) +
    slab(1, 1, 148, 19, fill, 4),
  book: ({ fill, shade }) =>
    slab(8, 4, 71, 95, '#f6f1e2') +
    slab(1, 1, 72, 94, fill, 3) +
    slab(1, 1, 11, 94, shade) +
    slab(24, 20, 38, 16, '#f6f1e2'),
  clock: ({ fill }) =>
    oval(50, 50, 49, 49, fill) +
    oval(50, 50, 37, 37, '#fffdf4') +
    stroke('M50 50L50 22', '#222222', 5) +
    stroke('M50 50L70 60', '#222222', 5) +
    [0, 1, 2, 3]
      .map((i) =>
        slab(
          48 + 33 * Math.round(Math.sin((i * Math.PI) / 2)),
          48 - 33 * Math.round(Math.cos((i * Math.PI) / 2)),
          4,
          4,
          '#222222',
        ),
      )
      .join(''),
  umbrella: ({ fill, shade }) =>
    stroke('M57 40L57 86Q57 97 46 97Q38 97 38 88', WOOD, 5) +
    path('M1 52Q6 4 57 4Q109 4 114 52Q104 42 96 52Q86 42 76 52Q67 42 57 52Q47 42 38 52Q28 42 19 52Q10 42 1 52Z', fill) +
    stroke('M57 4Q36 22 38 52M57 4Q78 22 76 52', shade, 2.5) +
    slab(55, 1, 4, 5, WOOD),
  kite: ({ fill, shade }) =>
    path('M37 1L74 36L37 76L1 36Z', fill) +
    path('M37 1L74 36L37 36Z', shade) +
    stroke('M37 76Q28 84 37 90Q44 94 38 98', WOOD, 2.5) +
    path('M30 84L44 90L30 94L44 84Z', shade),
  boat: ({ fill, shade }) =>
    slab(58, 1, 5, 66, WOOD) +
    path('M64 4Q104 34 108 60L64 60Z', '#f4f0e4') +
    path('M56 10Q24 38 18 60L56 60Z', '#f4f0e4') +
    path('M1 66L124 66Q114 99 96 99L28 99Q8 96 1 66Z', fill) +
    stroke('M4 76L121 76', shade, 4),
  flower: ({ fill }) =>
    stroke('M30 44L30 98', '#4c7a3a', 5) +
    path('M30 84Q8 84 6 66Q26 64 30 84Z', '#4c7a3a') +
    path('M30 76Q52 76 54 58Q34 56 30 76Z', '#4c7a3a') +
    [0, 1, 2, 3, 4]
      .map((i) =>
        oval(30 + 17 * Math.sin((i * 2 * Math.PI) / 5), 27 - 15 * Math.cos((i * 2 * Math.PI) / 5), 12, 11.5, fill),
      )
      .join('') +
    oval(30, 27, 9, 9, '#5b4636'),
  hat: ({ fill, shade }) =>
    oval(80, 78, 79, 21, fill) +
    path('M36 76Q34 2 62 2Q80 12 98 2Q126 2 124 76Q80 92 36 76Z', fill) +
    path('M36 62Q80 78 124 62L124 76Q80 92 36 76Z', shade),
  balloon: ({ fill, shade }) =>
    stroke('M30 68Q22 80 31 88Q38 94 32 98', '#555555', 2) +
    path('M24 74L36 74L30 64Z', shade) +
    oval(30, 34, 29, 33, fill) +
    oval(20, 22, 6, 9, '#ffffff66'),
  apple: ({ fill }) =>
    stroke('M46 26Q46 10 54 3', '#5a3d20', 5) +
    path('M50 16Q62 2 78 8Q68 22 50 16Z', '#4c7a3a') +
    path('M46 26Q64 12 82 26Q97 44 84 76Q72 102 58 98Q46 94 34 98Q20 102 8 76Q-5 44 10 26Q28 12 46 26Z', fill),
  candle: ({ fill, shade }) =>
    path('M16 1Q25 12 16 22Q7 12 16 1Z', '#ffb52e') +
    slab(15, 20, 3, 10, '#333333') +
    slab(5, 28, 22, 62, fill, 2) +
    slab(5, 28, 22, 7, shade, 2) +
    slab(1, 90, 30, 9, METAL, 3),
  bucket: ({ fill, shade }) =>
    stroke('M7 34Q10 3 47 3Q84 3 88 34', METAL, 4.5) +
    path('M1 32L12 99L83 99L94 32Z', fill) +
    oval(47.5, 32, 46.5, 9, shade),
  butterfly: ({ fill, shade }) =>
    path('M63 50Q30 -8 6 4Q-8 30 22 54Q44 62 63 52Z', fill) +
    path('M67 50Q100 -8 124 4Q138 30 108 54Q86 62 67 52Z', fill) +
    path('M63 54Q28 56 20 84Q34 122 63 62Z', shade) +
    path('M67 54Q102 56 110 84Q96 122 67 62Z', shade) +
    oval(65, 52, 5, 30, '#3a3030') +
    stroke('M63 26Q56 12 48 10M67 26Q74 12 82 10', '#3a3030', 3),
  envelope: ({ fill, shade }) =>
    slab(1, 1, 148, 98, fill, 4) + path('M3 3L75 58L147 3Z', shade) + stroke('M3 97L56 44M147 97L94 44', shade, 3),
  pencil: ({ fill, shade }) =>
    slab(1, 8, 18, 68, fill) +
    slab(7, 8, 6, 68, shade) +
    path('M1 76L19 76L10 99Z', '#ecd2a8') +
    path('M7 91L13 91L10 99Z', '#222222') +
    slab(1, 1, 18, 10, '#e9a3a3', 3) +
    slab(1, 9, 18, 6, METAL),
  ladder: ({ fill }) =>
    [1, 33].map((x) => slab(x, 1, 8, 98, fill, 2)).join('') +
    [10, 28, 46, 64, 82].map((y) => slab(5, y, 32, 7, fill)).join(''),
  leaf: ({ fill, shade }) =>
    stroke('M31 80L31 98', '#5a3d20', 4) +
    path('M31 1Q72 34 56 68Q46 86 31 88Q16 86 6 68Q-10 34 31 1Z', fill) +
    stroke('M31 12L31 86M31 40L48 28M31 40L14 28M31 62L50 50M31 62L12 50', shade, 3),
  flag: ({ fill }) =>
    slab(1, 1, 6, 98, METAL, 2) + path('M7 6Q30 -4 50 10Q70 22 89 10L89 54Q70 66 50 54Q30 42 7 52Z', fill),
  shirt: ({ fill, shade }) =>
    path('M36 1Q55 16 74 1L90 6L109 40L90 52L84 42L84 99L26 99L26 42L20 52L1 40L20 6Z', fill) +
    stroke('M36 3Q55 20 74 3', shade, 4),
  mushroom: ({ fill }) =>
    path('M34 52L32 88Q34 99 48 99Q62 99 63 88L61 52Z', '#efe6d2') +
    path('M1 56Q4 2 47 1Q91 2 94 56Q48 68 1 56Z', fill) +
    oval(28, 34, 8, 7, '#ffffffcc') +
    oval(60, 24, 9, 8, '#ffffffcc') +
    oval(72, 44, 6, 5, '#ffffffcc'),
  key: ({ fill }) =>
    `<path d="M21 1A20 20 0 1 1 20.9 1ZM21 11A10 10 0 1 0 21.1 11Z" fill="${fill}" fill-rule="evenodd"/>` +
    slab(17, 39, 9, 60, fill) +
    slab(26, 72, 13, 8, fill) +
    slab(26, 88, 15, 8, fill),
  heart: ({ fill }) => path('M54 98Q-8 50 3 24Q14 -4 40 4Q50 8 54 20Q58 8 68 4Q94 -4 105 24Q116 50 54 98Z', fill),
  teapot: ({ fill, shade }) =>
    stroke('M108 40Q136 34 134 58Q130 78 106 74', shade, 8) +
    path('M30 66Q12 60 8 34L1 30L18 26Q24 48 36 46Z', shade) +
    path('M30 36Q72 14 108 36Q122 70 98 97L40 97Q18 70 30 36Z', fill) +
    path('M44 30Q70 16 96 30Q70 40 44 30Z', shade) +
    oval(70, 12, 9, 10, shade),
  rocket: ({ fill, shade }) =>
    path('M12 56L1 88L16 80Z', shade) +
    path('M38 56L49 88L34 80Z', shade) +
    path('M16 84L34 84L25 99Z', '#ffb52e') +
    path('M25 1Q44 26 38 82L12 82Q6 26 25 1Z', fill) +
    oval(25, 36, 7, 7, '#d8ecf5'),
  bird: ({ fill, shade }) =>
    path('M104 36L129 26L122 56Z', shade) +
    path('M1 40L18 30L18 46Z', '#f0a020') +
    path('M14 34Q14 1 42 1Q64 4 72 28Q100 22 118 40Q104 84 66 84Q26 84 14 34Z', fill) +
    path('M56 40Q82 30 98 44Q84 66 60 60Z', shade) +
    oval(34, 22, 5, 5, '#ffffff') +
    oval(33, 22, 2.5, 2.5, '#111111') +
    stroke('M58 84L58 98M72 84L72 98', '#8a5a20', 4),
  drum: ({ fill, shade }) =>
    path('M1 24L1 78Q55 118 109 78L109 24Z', fill) +
    stroke('M2 30L28 90L54 36L80 90L108 30', '#f4ead0', 3) +
    oval(55, 24, 54, 22, '#f4ead0') +
    stroke('M1 78Q55 118 109 78', shade, 4),
  bell: ({ fill, shade }) =>
    slab(39, 1, 12, 14, shade, 5) +
    oval(45, 90, 10, 9, METAL) +
    path('M45 10Q74 12 74 48Q76 72 89 80L89 88L1 88L1 80Q14 72 16 48Q16 12 45 10Z', fill) +
    stroke('M2 80L88 80', shade, 4),
};

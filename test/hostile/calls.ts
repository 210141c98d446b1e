/** Actions that a broken, confused or hijacked model might ask for. The same seed gives the same calls. */
import type { JsonObject } from '../../shared/contract.ts';
import { type Random, random } from '../../workers/data/random.ts';
import type { Tool } from '../../workers/tools/tool.ts';

export interface HostileCall {
  readonly tool: string;
  readonly arguments: JsonObject;
}

/** Places that must neither be read nor visited. */
export interface Canaries {
  /** Path of a file. */
  readonly file: string;
  /** Address of a server on loopback. */
  readonly url: string;
}

type Json = JsonObject[string];

/** Parsed, not written: in a literal, `__proto__` sets the prototype instead of a field. */
const polluting = (): Json =>
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');

function nested(depth: number): Json {
  let value: Json = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

function values({ file, url }: Canaries, chance: Random, images: number): Json[] {
  const image = `image-${chance.int(0, images - 1)}`;
  return [
    ...[null, true, 0, -1, 1e308, -1e308, 5e-324, 2 ** 53, '', ' ', 'NaN', 'Infinity', '-0', '1e999'],
    ...[[], {}, [[]], [null], [{}], nested(500), polluting()],
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'],
    ...[
      file,
      `file://${file}`,
      `../../../../../..${file}`,
      `..\\..\\${file}`,
      '/proc/self/environ',
      '/dev/zero',
      '~/.ssh',
    ],
    ...[
      url,
      `${url}/image-0.png`,
      'http://169.254.169.254/latest/meta-data/',
      's3://cota/t/other',
      'gopher://x',
      '//x',
    ],
    ...['a'.repeat(100_000), '漢'.repeat(5_000), '\u0000\u0001\u001b[31m', '\u202eabc', '\ud800', '😀'.repeat(300)],
    ...[
      `$\{process.env.COTA_API_KEY}`,
      '$(cat /etc/passwd)',
      '`id`',
      '; rm -rf /',
      '%s%s%s%n',
      "' OR 1=1 --",
      '{{7*7}}',
    ],
    ...[
      'image-99999999',
      'image--1',
      'image-0\u0000.png',
      'IMAGE-0',
      `${image}/../image-0`,
      image,
      [image],
      [image, image],
    ],
    ...[
      [0, 0, 1, 1],
      [0.5, 0.5, 0.5, 0.5],
      [1, 1, 0, 0],
      [0, 0, 1e-9, 1e-9],
      [-1, -1, 2, 2],
      ['a', 'b', 'c', 'd'],
      [0, 0, 1],
    ],
    ...[Array.from({ length: 5_000 }, (_, i) => `thing ${i}`), Array.from({ length: 300 }, () => image)],
  ];
}

/** What has made calculators and solvers crash, hang or run code. */
const EXPRESSIONS: readonly string[] = [
  ...[
    '9**9**9**9',
    '10^10^10^10',
    '2**-2**99',
    '9'.repeat(1_900),
    '1e99999*1e99999',
    '0**-1',
    '1/0',
    '0/0',
    '5 % 0',
    '-1!',
  ],
  ...['factorial(1000000000)', '1000000!', '(((3!)!)!)!', 'comb(10**9, 5*10**8)', 'perm(10**9, 10**8)', 'gcd(0, 0)'],
  ...[
    '('.repeat(900),
    `${'('.repeat(400)}1${')'.repeat(400)}`,
    `${'-'.repeat(1_500)}1`,
    '1+'.repeat(900),
    '[[[['.repeat(300),
  ],
  ...['range(10**12)', 'sum(range(10**10))', '[0]*10**9', '"a"*10**9', 'sorted(range(10**8))', 'pow(7, 10**100, 13)'],
  ...[
    '__import__("os").system("id")',
    'import os',
    'open("/etc/passwd").read()',
    'eval("1+1")',
    'exec("x=1")',
    'globals()',
  ],
  ...[
    '[].constructor.constructor("return process")()',
    'constructor',
    '__proto__',
    'this.process.exit(1)',
    'process.exit(1)',
  ],
  ...[
    'require("fs")',
    'import("node:fs")',
    'function(){while(1){}}()',
    'while(true){}',
    '(x => x(x))(x => x(x))',
    'new Array(1e9)',
  ],
  ...[
    'f(x)=f(x+1); f(1)',
    'createUnit("foo")',
    'import({a:1})',
    'parse("1+1")',
    'simplify("x+x")',
    'x = 5; x',
    'a.b.c',
    'a["b"]',
  ],
  ...[
    'lambda: 1',
    '[x for x in range(10**9)]',
    '(1).__class__.__mro__',
    '"".join(["a"])',
    'f"{1+1}"',
    '1;2;3',
    '1//0',
    '\\input{/etc/passwd}',
  ],
  ...[
    'sin(10**2000)',
    'tan(pi/2)',
    'log(-1)',
    'log(0)',
    'sqrt(-1)',
    'acos(2)',
    '0x',
    '1e',
    '.',
    '..',
    '1..2',
    '٣+٤',
    '１＋２',
  ],
  ...[
    'x^1000000 = 1',
    'x^x^x^x = 10',
    'sin(x) = cos(x^9)',
    'x: x^2+2x+1=0',
    'solve',
    '=',
    '==',
    'x = x',
    '0 = 1',
    'x = y = z = w',
  ],
  ...[
    'integrate x^x^x dx',
    'integral of 1/(x^7+sin(x)^5) dx',
    'derivative of gamma(x!)',
    'limit of 1/x as x -> 0',
    'd/dx'.repeat(200),
  ],
  ...[
    '(x+1)^5000 = 0',
    '(a+b+c+d+e)^60',
    'expand (x+y+z)^400',
    'factor 2^521-1',
    'factor x^200-1',
    'x+y=1, '.repeat(100),
  ],
  ...[
    'x^2+y^2+z^2=1, x*y*z=1, x+y=z',
    'sqrt(sqrt(sqrt(x)))+sqrt(x+1)=sqrt(x^3+2)',
    'abs(abs(abs(x)-1)-1)=x',
    'e^x = x',
    'x! = 120',
  ],
];

/** @param images how many the run has */
export function hostileCalls(
  tools: readonly Tool[],
  count: number,
  images: number,
  canaries: Canaries,
  seed = 1,
): readonly HostileCall[] {
  const calls: HostileCall[] = [];
  for (let i = 0; calls.length < count; i++) {
    const tool = tools[i % tools.length];
    if (tool)
      calls.push({ tool: tool.name, arguments: hostileArguments(tool, random(seed, `call ${i}`), images, canaries) });
  }
  return calls;
}

function hostileArguments(tool: Tool, chance: Random, images: number, canaries: Canaries): JsonObject {
  const args: JsonObject = structuredClone(tool.example);
  const names = Object.keys(args);
  const kind = chance.weighted([
    ['one value', 5],
    ['picture', 4],
    ['all values', 2],
    ['expression', 4],
    ['keys', 1],
  ] as const);
  const bad = (): Json => chance.pick(values(canaries, chance, images));
  const picture = (): string => `image-${chance.int(0, images - 1)}`;
  const withPictures = (): void => {
    for (const name of names) {
      if (/^image$/.test(name)) args[name] = picture();
      if (/images$/.test(name)) args[name] = Array.from({ length: chance.int(1, 4) }, picture);
    }
  };
  // Half of what is wrong with the other arguments meets an ordinary picture, so that it is not refused before.
  if (kind === 'picture' || chance.chance(0.4)) withPictures();
  if (kind === 'one value' && names.length > 0) args[chance.pick(names)] = bad();
  if (kind === 'all values') for (const name of names) args[name] = bad();
  if (kind === 'keys') return { ...(polluting() as JsonObject), ...args, [String(bad()).slice(0, 200)]: bad() };
  if (kind === 'expression') {
    const texts = names.filter((name) => typeof args[name] === 'string' && !/^image$/.test(name));
    for (const name of texts) args[name] = chance.pick(EXPRESSIONS);
  }
  return args;
}

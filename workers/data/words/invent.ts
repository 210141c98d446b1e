/**
 * Names that nobody has seen. Half of all names in the factory come from here, so that a model learns to choose and to
 * copy by the letters and not by knowing the word. Each style is a list of syllables of a made-up language.
 */
import type { Random } from '../random.ts';

type Style = { readonly start: readonly string[]; readonly middle: readonly string[]; readonly end: readonly string[] };
const words = (text: string): string[] => text.trim().split(/\s+/);

const styles: Readonly<Record<string, Style>> = {
  plain: {
    start: words(
      'bar dan fel gor har jel kal lum mar nor pel quor ras sel tam vor wil yel zan bri cla dre flo gra plo stu tri',
    ),
    middle: words('a e i o u an en il or ul ada eni iro ola umi ba de fi go lu me na po ra se ti'),
    end: words('ton ler by den mark field ham wick ster ling son ford ex on ia um er et ow ish'),
  },
  italian: {
    start: words('bru ca fo gia lu ma pe ri sa ta ve zu pro fun mez cre for pan bis'),
    middle: words('ca ghe la mi ne po ro sci te ve zza gno lli cche rra nta'),
    end: words('ta to ni na lli cco ssa tto zzi gna ra no le tti cia sca'),
  },
  spanish: {
    start: words('al ca chi du en fri gua her ja lo mo pa que ra so tor va za'),
    middle: words('ba can de fri go la ma ne pe rra sa ti vi lle ncho'),
    end: words('da dos nes llo za ro ja co tas cho ria mo ndo les que'),
  },
  german: {
    start: words('brat kar schn wei ger hof kno lau mund pfan roh schw stra tre wal zwie hau'),
    middle: words('er en el tz ck sch ing ber stein tel ner'),
    end: words('mann burg feld stein wurst brot kuchen el chen er heim bach salat bier'),
  },
  malay: {
    start: words('na sa ke la ma pa ba ta ro me ku da ja se'),
    middle: words('si la ri ma na pu ko ta ba nga ya du li'),
    end: words('ng k r m lam yam dang pis kat mas lor pan bu tan'),
  },
  french: {
    start: words('beau cha cro fro gra jar mar pom ro sau tar vin bou cre'),
    middle: words('che de gi la ma ne pa ri so ti ver li'),
    end: words('ine ette on eau ier age elle eux ais ard iere oise ot'),
  },
};
const styleNames = Object.keys(styles);
const letters = 'abcdefghijklmnopqrstuvwxyz';

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** A pronounceable word of two to four syllables, capitalised. */
export function inventWord(rng: Random, styleName?: string): string {
  const style = styles[styleName ?? rng.pick(styleNames)] as Style;
  let word = rng.pick(style.start);
  const middles = rng.weighted([
    [0, 3],
    [1, 5],
    [2, 1],
  ] as const);
  for (let i = 0; i < middles; i++) word += rng.pick(style.middle);
  return capital(word + rng.pick(style.end));
}

/** A string of random letters: nothing about it can be guessed. */
export function randomLetters(rng: Random, low = 3, high = 8): string {
  let word = '';
  const n = rng.int(low, high);
  for (let i = 0; i < n; i++) word += letters[rng.int(0, 25)];
  return rng.chance(0.7) ? capital(word) : word.toUpperCase();
}

/** A code as on tickets and goods: letters and digits, now and then a dash or slash. */
export function randomCode(rng: Random): string {
  const digits = (n: number): string => Array.from({ length: n }, () => rng.int(0, 9)).join('');
  const upper = (n: number): string =>
    Array.from({ length: n }, () => letters[rng.int(0, 25)])
      .join('')
      .toUpperCase();
  return rng.weighted([
    [() => upper(rng.int(1, 3)) + digits(rng.int(3, 6)), 4],
    [() => digits(rng.int(5, 13)), 3],
    [() => `${upper(2)}-${digits(rng.int(3, 5))}`, 2],
    [() => `${upper(1)}${digits(2)}/${digits(4)}`, 1],
    [() => `${digits(3)}-${upper(2)}-${digits(2)}`, 1],
  ])();
}

/** An invented name of one to three words. */
export function inventName(rng: Random): string {
  const style = rng.pick(styleNames);
  const n = rng.weighted([
    [1, 5],
    [2, 4],
    [3, 1],
  ] as const);
  return Array.from({ length: n }, () => inventWord(rng, style)).join(' ');
}

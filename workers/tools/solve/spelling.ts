import { withoutLatex } from '../calculate/latex.ts';
import { SAME } from '../calculate/tokens.ts';

const GREEK = 'alpha|beta|gamma|delta|epsilon|theta|lambda|mu|rho|sigma|tau|phi|omega';
const SIGNS = new Map(
  Object.entries({
    π: ' pi ',
    θ: ' theta ',
    α: ' alpha ',
    β: ' beta ',
    γ: ' gamma ',
    λ: ' lambda ',
    φ: ' phi ',
    ω: ' omega ',
    '∞': ' inf ',
    '→': '->',
    '½': '(1/2)',
    '⅓': '(1/3)',
    '¼': '(1/4)',
    '¾': '(3/4)',
    '⅔': '(2/3)',
    '√': ' sqrt ',
    '±': '+-',
    '\u00a0': ' ',
    '\u2009': ' ',
    '℃': '°C',
    '℉': '°F',
  }),
);
const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const LOWERED = '₀₁₂₃₄₅₆₇₈₉';

/** Signs of other alphabets, LaTeX and Python in the few spellings that the rest of the reader knows. */
export function plainText(query: string): string {
  const text = [...query]
    .map((char) => SIGNS.get(char) ?? SAME.get(char) ?? char)
    .join('')
    .replace(/[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (digits) => `^(${[...digits].map(raised).join('')})`)
    .replace(/[₀₁₂₃₄₅₆₇₈₉]/g, (digit) => String(LOWERED.indexOf(digit)));
  const plain = /\\/.test(text) ? withoutLatex(beforeLatex(text)) : text;
  return plain
    .replace(/`/g, '')
    .replace(/\*\*/g, '^')
    .replace(/\b(?:math|np|numpy|sympy|sp)\.(?=[a-z])/g, '')
    .replace(/&&/g, ' and ');
}

const raised = (char: string): string => (char === '⁻' ? '-' : char === '⁺' ? '' : String(RAISED.indexOf(char)));

/** What equations have in LaTeX and plain calculations have not. */
function beforeLatex(text: string): string {
  return text
    .replace(/\\(?:begin|end)\{[a-z]*\*?\}(?:\{[a-z]*\})?/g, ' ')
    .replace(/\\\\/g, '\n')
    .replace(/(?<!\\)&/g, ' ')
    .replace(/\\[()[\]]/g, ' ')
    .replace(/\\(?:left|right)\\?([|.{}])/g, (_, sign: string) => (sign === '.' || /[{}]/.test(sign) ? ' ' : sign))
    .replace(/\\text\{\s*(and|or|for|if)\s*\}/g, ' $1 ')
    .replace(/\\(?:display|text)style|\\(?:limits|qquad|big+[lr]?)(?![a-z])/gi, ' ')
    .replace(/\\(?:lvert|rvert|vert|mid)(?![a-z])/g, '|')
    .replace(/\\lt(?![a-z])/g, '<')
    .replace(/\\gt(?![a-z])/g, '>')
    .replace(/\\infty/g, ' inf ')
    .replace(/\\(?:to|rightarrow)(?![a-z])/g, '->')
    .replace(/\\pm/g, '+-')
    .replace(/\\int(?![a-z])/g, ' ∫')
    .replace(/\\lim(?![a-z])/g, ' lim')
    .replace(/\\(?:sec|csc|cot)(?![a-z])/g, (name) => ` ${name.slice(1)}`)
    .replace(/\\[dt]?frac(\d)(\d)/g, '(($1)/($2))')
    .replace(/\\[dt]?frac\{d\}\{d([a-z])\}/g, ' d/d$1 ')
    .replace(/\\sqrt(\d)/g, 'sqrt($1)')
    .replace(new RegExp(`\\\\(${GREEK})(?![a-z])`, 'g'), ' $1 ')
    .replace(/\\var(theta|phi|epsilon)/g, ' $1 ')
    .replace(/([_^])\{([\w.+-]+)\}/g, (_, sign: string, inside: string) =>
      sign === '_' || /^\w$/.test(inside) ? `${sign}${inside}` : `${sign}(${inside})`,
    );
}

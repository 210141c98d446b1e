import { bad } from './fault.ts';

/** Commands that stand for one sign or name. */
const SIGNS = new Map(
  Object.entries({
    times: '*',
    cdot: '*',
    ast: '*',
    div: '/',
    pi: 'pi',
    le: '<=',
    leq: '<=',
    ge: '>=',
    geq: '>=',
    ne: '!=',
    neq: '!=',
    left: '',
    right: '',
    quad: ' ',
    degree: '°',
  }),
);

/** Commands that are functions under the same name. */
const FUNCTIONS = /^(sin|cos|tan|arcsin|arccos|arctan|sinh|cosh|tanh|exp|ln|log|min|max|gcd)$/;

/**
 * Plain signs for LaTeX: fractions, roots, products, braces. Text without LaTeX passes unchanged.
 * @throws Fault when a command is not known
 */
export function withoutLatex(text: string): string {
  if (!/[\\{}]/.test(text)) return text;
  let plain = text.replace(/\\([,;:! %$&#])/g, (_, sign: string) => (sign === '%' ? '%' : ' '));
  for (;;) {
    // Innermost first: a fraction whose parts hold no braces any more.
    const next = plain
      .replace(/\\(?:text|mathrm|textbf|mathbf)\{[^{}]*\}/g, ' ')
      .replace(/\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}/g, '(($1)/($2))')
      .replace(/\\sqrt\[([^[\]{}]*)\]\{([^{}]*)\}/g, ' root(($2),($1))')
      .replace(/\\sqrt\{([^{}]*)\}/g, ' sqrt($1)')
      .replace(/\\log_\{?(\d+)\}?\s*[({]([^{}()]*)[)}]/g, ' log(($2),$1)')
      .replace(/\^\{([^{}]*)\}/g, '^($1)');
    if (next === plain) break;
    plain = next;
  }
  plain = plain.replace(/\\([a-zA-Z]+)/g, (_, command: string) => {
    const sign = SIGNS.get(command);
    if (sign !== undefined) return sign;
    if (FUNCTIONS.test(command)) return ` ${command}`;
    if (/^(?:int|lim|sum|begin)$/.test(command))
      throw bad(
        `\\${command} is nothing to calculate: SolveMathEquation finds integrals and limits and solves systems`,
      );
    throw bad(`\\${command} is not known here: write the expression with + - * / ** ( ) and numbers`);
  });
  return plain.replace(/\{/g, '(').replace(/\}/g, ')');
}

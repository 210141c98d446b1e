/**
 * `npm run bench -- derive [chains]`: how the independent checker's own reading of questions about texts agrees with the
 * chains of cota-nano's generator, per family, and how fast it derives.
 */
import { performance } from 'node:perf_hooks';
import type { Derived } from '../../workers/data/check/contract.ts';
import { deriveFromRows } from '../../workers/data/check/texts/derive.ts';
import { squeeze } from '../../workers/data/check/texts/spelling.ts';
import { derivePlain } from '../../workers/data/check/texts/sums.ts';
import { generateScene, type MadeChain } from '../../workers/data/nano/generate.ts';

const wanted = Number(process.argv[3] ?? 10_000);
const examples = Number(process.argv[4] ?? 0);
const only = process.argv[5];

type Outcome = 'confirmed' | 'differs' | 'unparsed';
const tallies = new Map<string, Record<Outcome, number> & { reasons: Map<string, number> }>();

function agrees(derived: Derived, answer: string): Outcome {
  if (typeof derived === 'object' && 'unparsed' in derived) return 'unparsed';
  if (derived === 'unknown') return answer === '<unknown>' ? 'confirmed' : 'differs';
  if ('missing' in derived || answer === '<unknown>') return 'differs';
  const said = Number(answer);
  return derived.answers.some((one) =>
    typeof one === 'number' ? Math.abs(one - said) < 0.0006 : squeeze(one) === squeeze(answer),
  )
    ? 'confirmed'
    : 'differs';
}

const show = (derived: Derived): string =>
  derived === 'unknown' ? 'unknown' : 'answers' in derived ? derived.answers.join(' / ') : 'unparsed';

function why(derived: Derived, made: MadeChain): string {
  if (derived === 'unknown') return 'checker: cannot tell';
  if (made.answer === '<unknown>') return 'chain: cannot tell';
  return 'another answer';
}

const chains: MadeChain[] = [];
for (let index = 0; chains.length < wanted; index++) chains.push(...generateScene(11, index, 'train'));
let spent = 0;
let derivations = 0;
for (const made of chains) {
  const { chain, ask, answer } = made;
  const rows = chain.observations.flatMap((one) => ('rows' in one ? [one.rows] : []));
  if (ask.needsPicture && rows.length === 0) continue;
  const start = performance.now();
  const derived = ask.needsPicture
    ? deriveFromRows(chain.prompt.question, rows.at(-1) as readonly string[])
    : derivePlain(chain.prompt.question);
  spent += performance.now() - start;
  derivations++;
  const outcome = agrees(derived, answer);
  const tally = tallies.get(ask.kind) ?? { confirmed: 0, differs: 0, unparsed: 0, reasons: new Map() };
  tallies.set(ask.kind, tally);
  tally[outcome]++;
  if (outcome === 'confirmed') continue;
  const reason = outcome === 'unparsed' ? 'question not understood' : why(derived, made);
  const seen = tally.reasons.get(reason) ?? 0;
  tally.reasons.set(reason, seen + 1);
  if (seen < examples && (only === undefined || ask.kind === only))
    process.stdout.write(
      `${ask.kind} | ${reason} | ${ask.text} | chain ${answer} | checker ${show(derived)}\n   ${JSON.stringify(rows.at(-1) ?? [])}\n`,
    );
}

const total = { confirmed: 0, differs: 0, unparsed: 0 };
process.stdout.write(
  `\n${'kind'.padEnd(28)}${'chains'.padStart(8)}${'confirmed'.padStart(11)}${'differs'.padStart(9)}${'unparsed'.padStart(10)}  reasons\n`,
);
for (const [kind, { confirmed, differs, unparsed, reasons }] of [...tallies].sort(([a], [b]) =>
  a.localeCompare(b, 'en'),
)) {
  const all = confirmed + differs + unparsed;
  total.confirmed += confirmed;
  total.differs += differs;
  total.unparsed += unparsed;
  const share = (n: number): string => `${((100 * n) / all).toFixed(1)} %`;
  const list = [...reasons].sort((a, b) => b[1] - a[1]).map(([reason, n]) => `${reason} ${n}`);
  process.stdout.write(
    `${kind.padEnd(28)}${String(all).padStart(8)}${share(confirmed).padStart(11)}${share(differs).padStart(9)}${share(unparsed).padStart(10)}  ${list.join(', ')}\n`,
  );
}
const all = total.confirmed + total.differs + total.unparsed;
process.stdout.write(
  `\n${all} chains: ${((100 * total.confirmed) / all).toFixed(2)} % confirmed, ${((100 * total.differs) / all).toFixed(2)} % differ, ${((100 * total.unparsed) / all).toFixed(2)} % not understood; ${Math.round((1000 * derivations) / spent)} derivations a second\n`,
);

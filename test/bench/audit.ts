/** Rules that ignore the question or the picture, against chance, by family: `npm run bench -- audit [chains per family] [world]`. */
import { audit, MOST_POINTS } from '../../workers/data/program/audit.ts';
import { familiesMade } from './made-chains.ts';

const perFamily = Number(process.argv[3] ?? 2_000);
const made = [];
for await (const { chains } of familiesMade({ perFamily, seed: 9, onlyWorld: process.argv[4] })) made.push(...chains);
const lines = audit(made);
console.log(
  `${'family'.padEnd(38)}${'form'.padEnd(18)}${'chains'.padStart(7)}${'chance'.padStart(8)}${'best'.padStart(7)}  ${'by'.padEnd(20)}${'points'.padStart(7)}   question only`,
);
for (const { family, form, chains, chance, rules, worst, by } of lines)
  console.log(
    `${family.padEnd(38)}${form.padEnd(18)}${String(chains).padStart(7)}${chance.toFixed(0).padStart(8)}${(chance + worst).toFixed(0).padStart(7)}  ${by.padEnd(20)}${worst.toFixed(1).padStart(7)}${(rules['question only'] ?? 0).toFixed(0).padStart(16)}${worst > MOST_POINTS ? '  !' : ''}`,
  );
const far = lines.filter(({ worst }) => worst > MOST_POINTS);
console.log(
  `\n${lines.length - far.length} of ${lines.length} families and forms stay within ${MOST_POINTS} points of chance.`,
);

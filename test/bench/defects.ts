/**
 * `npm run bench -- defects [N] [show]`: defects of every kind sown into N chains each, and how many of them the checker
 * rejects, and for which reason; then how many sound chains it rejects. `show` prints those that slipped through.
 */
import { type Passed, sowDefects } from './defects/sow.ts';

const wanted = Number(process.argv[3] ?? 1_000);
const show = process.argv[4] === 'show';
/** Chains in which a kind finds no room are many; more than this and it is said to be rare. */
const MOST_PER_KIND = 150;
const percent = (part: number, of: number): string => (of === 0 ? '-' : `${((100 * part) / of).toFixed(2)} %`);

const shown = new Map<string, number>();
function tell({ defect, reason, detail, chain }: Passed): void {
  const key = `${defect}: ${reason}`;
  const before = shown.get(key) ?? 0;
  shown.set(key, before + 1);
  if (!show || before >= 2) return;
  process.stdout.write(
    `\n${key} ${detail}\n${chain.question} -> ${chain.answer} (${chain.facts?.family}, truth ${chain.truth})\n`,
  );
  for (const { thought, actions, observations } of chain.turns) {
    process.stdout.write(`  ${thought}\n`);
    actions.forEach((action, i) => {
      process.stdout.write(`    ${JSON.stringify(action)} ${JSON.stringify(observations[i])?.slice(0, 600) ?? ''}\n`);
    });
  }
}

const { clean, found, seconds } = await sowDefects(wanted, wanted * MOST_PER_KIND, tell);
const rows = found.map(({ name, sown, rejected, rightly, reasons }) => [
  name,
  String(sown),
  percent(rejected, sown),
  percent(rightly, sown),
  reasons
    .slice(0, 4)
    .map(([reason, n]) => `${reason} ${n}`)
    .join(', '),
]);
const head = ['defect', 'sown', 'rejected', 'for the right reason', 'reasons'];
const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
for (const row of [head, ...rows])
  process.stdout.write(
    `${row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()}\n`,
  );
process.stdout.write('\n');
for (const [world, { chains, rejected }] of clean) {
  const all = [...rejected.values()].reduce((a, b) => a + b, 0);
  const why = [...rejected].sort((a, b) => b[1] - a[1]).map(([reason, n]) => `${reason} ${n}`);
  process.stdout.write(
    `sound chains of ${world}: ${chains}, rejected ${percent(all, chains)} (${why.join(', ') || 'none'})\n`,
  );
}
process.stdout.write(`one check: ${(seconds * 1e6).toFixed(0)} µs of CPU, ${Math.round(1 / seconds)} checks/s/core\n`);

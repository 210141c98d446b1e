import { dataFolder } from '../stack/settings.ts';
import { readRunning } from '../stack/state.ts';
import { type Command, DATA_OPTION, JSON_OPTION, noOperands } from './command.ts';
import type { Finding } from './doctor/finding.ts';
import { paint, printJson, say } from './terminal.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'Check all that a cluster needs, and say what to do about what is wrong.',
  about: [
    'Looks at the stack of the data folder; where none runs, at what the environment names (COTA_REDIS_URL, COTA_STORE,',
    'COTA_MODELS, ...). Exit code 0 when nothing has failed, 1 when something has.',
  ].join('\n'),
  options: { ...JSON_OPTION, ...DATA_OPTION },
  async run(args) {
    noOperands(doctor, args);
    const state = readRunning(dataFolder(args.text('data')));
    const { examine } = await import('./doctor/examine.ts');
    const findings: Finding[] = [];
    const quiet = args.flag('json');
    for await (const finding of examine(state)) {
      findings.push(finding);
      if (!quiet) print(finding);
    }
    if (quiet) printJson(findings);
    else say(`\n${summary(findings)}`);
    return findings.some(({ level }) => level === 'fail') ? 1 : 0;
  },
};

const MARKS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;
const WHAT = 20;

function print({ level, what, found, advice }: Finding): void {
  say(`${paint(MARKS[level], level.padEnd(6))}${what.padEnd(WHAT)}${found}`);
  if (advice !== undefined) say(`${' '.repeat(6 + WHAT)}${paint('dim', `> ${advice}`)}`);
}

function summary(findings: readonly Finding[]): string {
  const count = (level: Finding['level']): number => findings.filter((one) => one.level === level).length;
  if (count('fail') > 0) return paint('red', `${count('fail')} failed, ${count('warn')} to look at`);
  if (count('warn') > 0) return paint('yellow', `all works; ${count('warn')} to look at`);
  return paint('green', 'all is well');
}

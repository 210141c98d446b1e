import { childEnv, type Env, readEnv, SettingsError } from '../../shared/env.ts';
import { dataFolder, fromHere, given, ROOT } from '../stack/settings.ts';
import { readRunning, type StackState } from '../stack/state.ts';
import { type Command, DATA_OPTION, JSON_OPTION, noOperands } from './command.ts';
import { checkApi, checkFleet, checkQueues } from './doctor/cluster.ts';
import type { Finding } from './doctor/finding.ts';
import { checkModels, checkPrograms, checkStore } from './doctor/machine.ts';
import { checkRedis } from './doctor/redis.ts';
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

/** One after another, so that each is shown as soon as it is known. */
async function* examine(state: StackState | undefined): AsyncGenerator<Finding> {
  let env: Env;
  try {
    env = settingsOf(state);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    yield { level: 'fail', what: 'settings', found: error.message, advice: 'docs/runbook.md lists what they may be' };
    return;
  }
  yield* checkPrograms(state !== undefined || given('COTA_REDIS_URL') !== undefined);
  const { models, findings } = checkModels(env);
  yield* findings;
  if (state === undefined && given('COTA_REDIS_URL') === undefined) {
    const advice = 'start one with `cota up`, or set COTA_REDIS_URL to look at a cluster elsewhere';
    yield { level: 'fail', what: 'stack', found: 'none runs here', advice };
    return;
  }
  const store = await checkStore(env);
  yield store.finding;
  const { redis, findings: ofRedis } = await checkRedis(env.COTA_REDIS_URL);
  yield* ofRedis;
  if (redis) {
    const fleet = await checkFleet(redis);
    yield* fleet.findings;
    yield* checkQueues(redis, fleet.workers, fleet.tools, { env, models, objects: store.objects });
    redis.disconnect();
  }
  const url = state?.url ?? given('COTA_PUBLIC_URL');
  const key = state?.apiKey ?? given('COTA_API_KEY');
  if (url !== undefined) yield* checkApi(url, key);
}

/** What the processes of the stack were given, or what this shell would give them. */
function settingsOf(state: StackState | undefined): Env {
  const models = given('COTA_MODELS');
  const here = { COTA_MODELS: models === undefined ? `${ROOT}/models.yaml` : fromHere(models) };
  return readEnv(childEnv({ ...(state?.settings ?? here), COTA_LOG_LEVEL: 'silent' }));
}

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

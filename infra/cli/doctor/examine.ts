/** All checks, in the order in which one failure explains the next. */
import { childEnv, type Env, readEnv, SettingsError } from '../../../shared/env.ts';
import { fromHere, given, ROOT } from '../../stack/settings.ts';
import type { StackState } from '../../stack/state.ts';
import { checkApi, checkFleet, checkQueues } from './cluster.ts';
import type { Finding } from './finding.ts';
import { checkModels, checkPrograms, checkStore, checkTools, checkTrainer } from './machine.ts';
import { checkRedis } from './redis.ts';

/**
 * One after another, so that each is shown as soon as it is known.
 * @param state of the stack that runs here; undefined: look at what the environment names
 */
export async function* examine(state: StackState | undefined): AsyncGenerator<Finding> {
  let env: Env;
  try {
    env = settingsOf(state);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    yield {
      level: 'fail',
      what: 'settings',
      found: error.message.replaceAll('\n', ' '),
      advice: 'docs/runbook.md lists what they may be',
    };
    return;
  }
  yield* checkPrograms(state !== undefined || given('COTA_REDIS_URL') !== undefined);
  const { models, findings } = checkModels(env);
  yield* findings;
  yield checkTools(env);
  yield await checkTrainer(env);
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
  const tools = given('COTA_TOOLS');
  const here = {
    COTA_MODELS: models === undefined ? `${ROOT}/models.yaml` : fromHere(models),
    COTA_TOOLS: tools === undefined ? `${ROOT}/tools.yaml` : fromHere(tools),
  };
  return readEnv(childEnv({ ...(state?.settings ?? here), COTA_LOG_LEVEL: 'silent' }));
}

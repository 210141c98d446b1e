import { join } from 'node:path';
import { logFolder } from '../stack/plan.ts';
import type { StackSettings } from '../stack/settings.ts';
import type { StackState } from '../stack/state.ts';
import { paint } from './terminal.ts';

/**
 * What whoever started a stack wants to know once it is ready.
 * @param secrets whether the key itself may be shown: these lines may go into a log, and logs get passed on
 */
export function welcome(settings: StackSettings, state: StackState, secrets: boolean): string[] {
  const file = join(settings.data, 'key');
  const key =
    settings.apiKey === undefined
      ? secrets
        ? `${state.apiKey}  (kept in ${file})`
        : `kept in ${file}`
      : 'the one of COTA_API_KEY';
  return [
    '',
    `Cota is up at ${paint('bold', state.url)}  (OpenAI clients: ${state.url}/v1)`,
    `API key    ${key}`,
    `logs       ${logFolder(settings.data)}`,
    '',
    'Ask in another terminal:  ./cota ask infra/demo/menu.png "How much is the lentil soup?"',
    'Stop:                     Ctrl-C here, or ./cota down',
    '',
  ];
}

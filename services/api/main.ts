import { readEnv } from '../../shared/env.ts';
import { runMain } from '../../shared/run-main.ts';
import { startApi } from './start.ts';

runMain(async () => {
  await startApi(readEnv());
});

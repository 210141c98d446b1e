import { runMain } from '../../shared/run-main.ts';
import { startDataWorker } from './start.ts';

runMain(() => startDataWorker({ hand: `${import.meta.dirname}/hands/main.ts` }));

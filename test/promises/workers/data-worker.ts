/** A data worker whose hands know the stages of data-stages.ts. */
import { runMain } from '../../../shared/run-main.ts';
import { startDataWorker } from '../../../workers/data/start.ts';

runMain(() => startDataWorker({ hand: `${import.meta.dirname}/data-stages.ts` }));

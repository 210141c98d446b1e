import { runMain } from '../../shared/run-main.ts';
import { startTrainWorker } from './start.ts';

runMain(startTrainWorker);

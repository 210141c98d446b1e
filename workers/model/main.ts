import { runMain } from '../../shared/run-main.ts';
import { startModelWorker } from './start.ts';

runMain(() => startModelWorker({ entry: import.meta.filename }));

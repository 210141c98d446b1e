import { runMain } from '../../shared/run-main.ts';
import { startToolWorker } from './start.ts';

runMain(() => startToolWorker({ entry: import.meta.filename }));

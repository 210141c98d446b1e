import { STAGES } from '../factory/stages.ts';
import { serveHand } from './hand.ts';

serveHand(STAGES);

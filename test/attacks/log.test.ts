import { LOG_ATTACKS } from './log.ts';
import { runAttacks } from './support/run-attacks.ts';

runAttacks(LOG_ATTACKS);

import { RETENTION_ATTACKS } from './retention.ts';
import { runAttacks } from './support/run-attacks.ts';

runAttacks(RETENTION_ATTACKS);

import { CONTENT_ATTACKS } from './content.ts';
import { runAttacks } from './support/run-attacks.ts';

runAttacks(CONTENT_ATTACKS);

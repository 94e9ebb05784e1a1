import { runAttacks } from './support/run-attacks.ts';
import { TAG_ATTACKS } from './tags.ts';

runAttacks(TAG_ATTACKS);

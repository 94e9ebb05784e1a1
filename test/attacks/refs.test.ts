import { REF_ATTACKS } from './refs.ts';
import { runAttacks } from './support/run-attacks.ts';

runAttacks(REF_ATTACKS);

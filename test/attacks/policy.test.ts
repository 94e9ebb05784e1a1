import { POLICY_ATTACKS } from './policy.ts';
import { runAttacks } from './support/run-attacks.ts';

runAttacks(POLICY_ATTACKS);

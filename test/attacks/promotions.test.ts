import { PROMOTION_ATTACKS } from './promotions.ts';
import { HOLD_ATTACKS } from './rollback-holds.ts';
import { runAttacks } from './support/run-attacks.ts';

runAttacks(PROMOTION_ATTACKS);
runAttacks(HOLD_ATTACKS);

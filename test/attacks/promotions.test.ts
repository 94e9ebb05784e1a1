import { PROMOTION_ATTACKS } from './promotions.ts';
import { runAttacks } from './support/run-attacks.ts';

runAttacks(PROMOTION_ATTACKS);

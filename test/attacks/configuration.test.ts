import { CONFIGURATION_ATTACKS } from './configuration.ts';
import { runAttacks } from './support/run-attacks.ts';

runAttacks(CONFIGURATION_ATTACKS);

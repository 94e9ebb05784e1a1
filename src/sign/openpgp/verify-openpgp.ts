import { OpenPgpVerifier as PortableVerifier } from '../../core/openpgp/verify-openpgp.ts';
import { loadOpenPgp } from './load-openpgp.ts';
import { nodeArithmetic } from './node-arithmetic.ts';

/** Checks OpenPGP signatures with the arithmetic of node:crypto. */
export class OpenPgpVerifier extends PortableVerifier {
  /** @param options.nowSec - the clock, in seconds since the epoch */
  constructor({ nowSec }: { nowSec: () => number }) {
    super({ nowSec, load: loadOpenPgp, arithmetic: nodeArithmetic });
  }
}

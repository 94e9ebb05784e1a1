import { strictConfig } from '../core/openpgp/library.ts';
import { OpenPgpVerifier } from '../core/openpgp/verify-openpgp.ts';
import type { SignatureVerifier } from '../core/signing.ts';
import { SshVerifier } from '../core/ssh/verify-ssh.ts';
import { verifierByKind } from '../core/verify-by-kind.ts';
import { webArithmetic } from './web-arithmetic.ts';

/**
 * Checks signatures without node, to the same verdicts: all but the arithmetic is shared.
 *
 * @param options.nowSec - the clock, in seconds since the epoch
 */
export function portableVerifier({ nowSec }: { nowSec: () => number }): SignatureVerifier {
  return verifierByKind({
    openPgp: async () => new OpenPgpVerifier({ nowSec, load: loadOpenPgp, arithmetic: webArithmetic }),
    ssh: async () => new SshVerifier(webArithmetic),
  });
}

async function loadOpenPgp() {
  const lib = await import('openpgp');
  return { lib, strict: strictConfig(lib.config, lib.enums.hash) };
}

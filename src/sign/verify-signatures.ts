import type { SignatureVerifier } from '../core/signing.ts';
import { verifierByKind } from '../core/verify-by-kind.ts';

/**
 * Checks signatures with the arithmetic of node:crypto.
 *
 * @param options.nowSec - the clock, in seconds since the epoch
 */
export function signatureVerifier({ nowSec }: { nowSec: () => number }): SignatureVerifier {
  return verifierByKind({
    openPgp: async () => new (await import('./openpgp/verify-openpgp.ts')).OpenPgpVerifier({ nowSec }),
    ssh: async () => new (await import('./ssh/verify-ssh.ts')).SshVerifier(),
  });
}

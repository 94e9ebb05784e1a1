import { once } from './once.ts';
import type { PublicKey, SignatureVerifier, Verification } from './signing.ts';

/**
 * Checks signatures of every kind that is supported, each by the keys of its own kind.
 *
 * @param kinds - loads the verifier of a kind, with its first signature
 */
export function verifierByKind(kinds: {
  readonly openPgp: () => Promise<SignatureVerifier>;
  readonly ssh: () => Promise<SignatureVerifier>;
}): SignatureVerifier {
  const [openPgp, ssh] = [once(kinds.openPgp), once(kinds.ssh)];
  return {
    async verify(payload, armor, keys, options): Promise<Verification> {
      if (armor.startsWith('-----BEGIN PGP SIGNATURE-----\n')) {
        return (await openPgp()).verify(payload, armor, keysOf('openpgp:', keys), options);
      }
      if (armor.startsWith('-----BEGIN SSH SIGNATURE-----\n')) {
        return (await ssh()).verify(payload, armor, keysOf('ssh:', keys), options);
      }
      return { status: 'bad', reason: 'the signature is neither an OpenPGP nor an SSH one' };
    },
    async expiresAtSec(key) {
      return (await (key.key.startsWith('ssh:') ? ssh() : openPgp())).expiresAtSec(key);
    },
  };
}

function keysOf(kind: 'openpgp:' | 'ssh:', keys: readonly PublicKey[]): PublicKey[] {
  return keys.filter(({ key }) => key.startsWith(kind));
}

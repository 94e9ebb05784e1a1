import { SnapshotError } from '../../core/errors.ts';
import { fingerprintOf, type KeyId, type PublicKey, type Signer } from '../../core/signing.ts';
import type { SigningKeys, UsableKey } from '../signing-keys.ts';

/** A person must have the time to find a card and type a passphrase. */
const GPG_TIMEOUT_MS = 5 * 60_000;

/** The signer for the first of these keys that is in gpg's keyring; undefined if none is. */
export async function findGpgSigner(keys: SigningKeys, wanted: readonly PublicKey[]): Promise<Signer | undefined> {
  const { program } = await keys.gitSigning();
  const { listSecretKeys } = await import('./gpg-key.ts');
  for (const { key } of wanted) {
    const fingerprint = fingerprintOf(key);
    const found = await ifGpgIsThere(() =>
      listSecretKeys({ program, env: keys.env, timeoutMs: GPG_TIMEOUT_MS }, fingerprint),
    );
    if (found?.some(({ fingerprints }) => fingerprints[0] === fingerprint)) return gpgSigner(keys, program, key);
  }
  return undefined;
}

/**
 * The one key that a selector of gpg's means.
 *
 * @throws {SnapshotError} if there is none, or more than one, or it cannot be used
 */
export async function obtainGpgKey(keys: SigningKeys, selector: string): Promise<UsableKey> {
  const { program } = await keys.gitSigning();
  const { resolveGpgKey } = await import('./gpg-key.ts');
  const resolved = await resolveGpgKey({
    program,
    env: keys.env,
    timeoutMs: GPG_TIMEOUT_MS,
    selector: selector.replace(/!$/, ''),
    nowSec: keys.nowSec(),
  });
  return {
    signer: await gpgSigner(keys, program, resolved.key),
    publicKey: { key: resolved.key, armored: resolved.armored },
    source: { kind: 'gpg', file: undefined },
  };
}

async function gpgSigner(keys: SigningKeys, program: string, key: KeyId): Promise<Signer> {
  const { GpgSigner } = await import('./gpg-signer.ts');
  return new GpgSigner({ program, env: keys.env, timeoutMs: GPG_TIMEOUT_MS, key });
}

/** Undefined where there is no gpg program: then it has no key of ours either. */
async function ifGpgIsThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SnapshotError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
      return undefined;
    throw error;
  }
}

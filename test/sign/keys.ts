import type { KeyId, PublicKey, Signer } from '../../src/core/signing.ts';
import { generateSigningKey, readSigningKey } from '../../src/sign/openpgp/openpgp-key.ts';
import { OpenPgpSigner } from '../../src/sign/openpgp/openpgp-signer.ts';
import { OpenPgpVerifier } from '../../src/sign/openpgp/verify-openpgp.ts';

/** 2025-06-01, as seconds. Tests sign and judge at dates of their own. */
export const T0 = 1_748_736_000;
export const DAY = 86_400;
export const YEAR = 365 * DAY;

/** A payload in the manner of a tag. */
export const PAYLOAD =
  'object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ntype tree\ntag snapshots/artifacts/x\ntagger A <a@b.c> 1748736000 +0000\n\nsubject\n';

/** A key of ours, its certificate, and a signer whose clock stands at `atSec`. */
export async function testSigner(
  options: { email?: string; atSec?: number } = {},
): Promise<{ signer: Signer; publicKey: PublicKey }> {
  const atSec = options.atSec ?? T0;
  const made = await generateSigningKey({ name: 'Ada Example', email: options.email ?? 'ada@example.org', atSec });
  return {
    signer: await signerAt(made.armoredPrivate, atSec),
    publicKey: { key: made.key, armored: made.armoredPublic },
  };
}

/** A signer over an armored private key that needs no passphrase. */
export async function signerAt(armored: string, atSec: number): Promise<Signer> {
  return new OpenPgpSigner({
    signingKey: await readSigningKey({ armored, source: 'test key', atSec }),
    nowSec: () => atSec,
    askPassphrase: () => Promise.reject(new Error('asked for a passphrase')),
  });
}

/** A verifier whose clock stands still. */
export function verifierAt(nowSec: number): OpenPgpVerifier {
  return new OpenPgpVerifier({ nowSec: () => nowSec });
}

export function keyId(fingerprint: string): KeyId {
  return `openpgp:${fingerprint.toUpperCase()}`;
}

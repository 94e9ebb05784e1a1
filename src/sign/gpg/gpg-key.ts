import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { FormatFault } from '../../core/openpgp/byte-reader.ts';
import type { Certificate } from '../../core/openpgp/certificate.ts';
import type { PublicKey } from '../../core/signing.ts';
import { readCertificate } from '../openpgp/read-certificate.ts';
import { type GpgOptions, runGpg } from './run-gpg.ts';

/** A key of gpg's keyring whose private half, or a pointer to it, is there too. */
export interface GpgSecretKey {
  /** The primary key's first, then the subkeys'. */
  readonly fingerprints: readonly string[];
  /** Those of them that may sign. */
  readonly signing: readonly string[];
  /** Bytes as the certificate has them. */
  readonly userIds: readonly ByteString[];
}

/** A key that was chosen for signing by gpg. */
export interface ResolvedGpgKey extends PublicKey {
  /** Bytes as the certificate has them: show them to the user, escaped, who may have meant another key. */
  readonly userIds: readonly ByteString[];
}

/** The private keys that a selector matches; gpg's rules, save that an address must match as a whole. */
export async function listSecretKeys(gpg: GpgOptions, selector: string): Promise<GpgSecretKey[]> {
  const exact = /^[^\s<>@]+@[^\s<>@]+$/.test(selector) ? `<${selector}>` : selector;
  const result = await runGpg(gpg, ['--with-colons', '--fixed-list-mode', '--list-secret-keys', '--', exact]);
  const keys: { fingerprints: string[]; signing: string[]; userIds: ByteString[] }[] = [];
  let capabilities = '';
  for (const line of result.stdout.split('\n')) {
    const fields = line.split(':');
    const [type] = fields;
    if (type === 'sec') keys.push({ fingerprints: [], signing: [], userIds: [] });
    const key = keys.at(-1);
    if (type === 'sec' || type === 'ssb') capabilities = fields[11] ?? '';
    else if (type === 'fpr') {
      key?.fingerprints.push(fields[9] ?? '');
      if (capabilities.includes('s')) key?.signing.push(fields[9] ?? '');
    } else if (type === 'uid') key?.userIds.push(unescapeField(fields[9] ?? ''));
  }
  return keys;
}

/**
 * Finds the one private key that a selector means (a fingerprint, a key id, an address, part of a name), and exports its
 * certificate in its smallest form.
 *
 * @throws {SnapshotError} if there is none, or more than one, or its signatures would not be accepted
 */
export async function resolveGpgKey(
  options: GpgOptions & { selector: string; nowSec: number },
): Promise<ResolvedGpgKey> {
  const { selector, nowSec, ...gpg } = options;
  const shown = displayBytes(Buffer.from(selector).toString('latin1'));
  if (selector.trim() === '')
    throw new SnapshotError('usage', 'no gpg key is named', { hint: 'Set "git config user.signingKey".' });
  const [found, ...others] = await listSecretKeys(gpg, selector);
  const fingerprint = found?.fingerprints[0];
  if (found === undefined || fingerprint === undefined) {
    throw new SnapshotError('not-found', `gpg has no private key for '${shown}'`, {
      hint: 'See "gpg --list-secret-keys".',
    });
  }
  if (others.length > 0) {
    const choices = [found, ...others].map(({ fingerprints }) => fingerprints[0]).join(', ');
    throw new SnapshotError('usage', `'${shown}' is the name of more than one gpg key`, {
      hint: `Name one of ${choices}.`,
    });
  }
  const { stdout } = await runGpg(gpg, [
    '--armor',
    '--export-options',
    'export-minimal',
    '--export',
    '--',
    fingerprint,
  ]);
  const refuse = (reason: string, cause?: unknown) =>
    new SnapshotError('config', `gpg key '${fingerprint}' cannot be used: ${reason}`, {
      hint: 'Use a key of type Ed25519, RSA of 2048 bits or more, or NIST P-256 or P-384, that may sign and has not expired.',
      cause,
    });
  try {
    const certificate = await readCertificate(stdout);
    const fault = await faultOf(certificate, found.signing, nowSec);
    if (fault !== undefined) throw refuse(fault);
    return { key: certificate.details.key, armored: stdout, userIds: found.userIds };
  } catch (error) {
    if (error instanceof FormatFault) throw refuse(error.message, error);
    throw error;
  }
}

/** Why none of the keys can sign now. */
async function faultOf(
  certificate: Certificate,
  signing: readonly string[],
  nowSec: number,
): Promise<string | undefined> {
  let first: string | undefined;
  for (const fingerprint of signing) {
    certificate.verifyingKey(fingerprint);
    const fault = await certificate.faultAt(fingerprint, nowSec);
    if (fault === undefined) return undefined;
    first ??= fault;
  }
  return first ?? 'it may not sign, has expired, or was revoked';
}

function unescapeField(field: ByteString): ByteString {
  return field.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

import type { ByteString } from '../core/byte-string.ts';
import { utf8Decode } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import { FormatFault } from '../core/openpgp/byte-reader.ts';
import type { PublicKey } from '../core/signing.ts';

/** A public key that somebody handed in, and what it says of itself: none of that is proved. */
export interface ReadPublicKey {
  readonly publicKey: PublicKey;
  /** As they stand in the certificate, not escaped; an SSH key has none. */
  readonly userIds: readonly string[];
  /** What follows an SSH key in its file, not escaped; undefined where there is none. */
  readonly comment: string | undefined;
  /** In seconds since the epoch; SSH keys do not say. */
  readonly createdAtSec: number | undefined;
  /** In seconds since the epoch; undefined if it does not expire. */
  readonly expiresAtSec: number | undefined;
}

/** No key that a policy should keep is anywhere near this size. */
const MAX_BYTES = 1 << 20;

/** What people hand in instead of a public key, and what to tell them. The first that matches counts. */
const OTHER_FILES: readonly { pattern: RegExp; reason: string; hint: string }[] = [
  {
    pattern: /^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY|^PuTTY-User-Key-File/m,
    reason: 'it is a private key, which nobody else should ever see',
    hint: 'Give the public key: the ".pub" file, or what "gpg --armor --export" prints.',
  },
  {
    pattern: /^---- BEGIN SSH2 PUBLIC KEY|^-----BEGIN (?:RSA )?PUBLIC KEY-----/m,
    reason: 'it is in a format that git does not take',
    hint: 'Convert it with "ssh-keygen -i", for PEM with "-m PKCS8".',
  },
  {
    pattern: /^-----BEGIN PGP (?:MESSAGE|SIGN)|^-----BEGIN SSH SIG/m,
    reason: 'it is a signature or a message, and no key',
    hint: 'Give the output of "gpg --armor --export", or a ".pub" file.',
  },
  {
    pattern: /^-----BEGIN CERTIFICATE/m,
    reason: 'it is an X.509 certificate',
    hint: 'Snapshots are signed with OpenPGP or SSH keys.',
  },
  {
    pattern: /[^\t\n\r\x20-\x7e\x80-\xff]|^[\x80-\xff]/,
    reason: 'it is binary',
    hint: 'Export an OpenPGP key with "gpg --armor --export".',
  },
];

/**
 * Reads a public key as people hand it in: an armored OpenPGP certificate, or the line of an SSH `.pub` file.
 *
 * @param bytes - the content of the file
 * @param options.source - where it comes from, for messages
 * @throws {SnapshotError} of kind `usage` if it is not exactly one public key whose signatures would be accepted now
 */
export async function readPublicKeyFile(
  bytes: ByteString,
  { source, nowSec }: { source: string; nowSec: number },
): Promise<ReadPublicKey> {
  const refuse = (reason: string, hint: string, cause?: unknown) =>
    new SnapshotError('usage', `cannot take the key in '${source}': ${reason}`, { hint, cause });
  if (bytes.length > MAX_BYTES) throw refuse('it is too long', 'Give a file with one public key.');
  const other = OTHER_FILES.find(({ pattern }) => pattern.test(bytes));
  if (other !== undefined) throw refuse(other.reason, other.hint);
  const text = bytes.replace(/\r\n/g, '\n').trim();
  try {
    return await (/^-----BEGIN PGP /m.test(text) ? readOpenPgp(text, nowSec) : readSshLine(text));
  } catch (error) {
    if (!(error instanceof FormatFault)) throw error;
    throw refuse(
      error.message,
      'Give one key of type Ed25519, RSA of 2048 bits or more, or ECDSA over a NIST curve.',
      error,
    );
  }
}

async function readOpenPgp(text: ByteString, nowSec: number): Promise<ReadPublicKey> {
  const { readCertificate } = await import('./openpgp/read-certificate.ts');
  if ((text.match(/^-----BEGIN PGP /gm)?.length ?? 0) > 1) throw new FormatFault('there are several keys');
  const armored = await plainArmor(text);
  const certificate = await readCertificate(armored);
  const signing = await certificate.signingKeyAt(nowSec);
  if ('fault' in signing) throw new FormatFault(signing.fault);
  const { key, userIds, createdAtSec } = certificate.details;
  return {
    publicKey: { key, armored },
    userIds,
    comment: undefined,
    createdAtSec,
    expiresAtSec: await certificate.expiresAtSec(nowSec),
  };
}

/** The same packets without what stands around them, headers or text. */
async function plainArmor(text: ByteString): Promise<ByteString> {
  const { lib } = await (await import('./openpgp/load-openpgp.ts')).loadOpenPgp();
  try {
    const { data } = await lib.unarmor(`${text}\n`);
    // With a checksum, as gpg writes it.
    const armored = lib.armor(lib.enums.armor.publicKey, data, undefined, undefined, undefined, true);
    return armored.replace(/\r\n/g, '\n');
  } catch (error) {
    // openpgp.js throws plain errors.
    if (!(error instanceof Error)) throw error;
    throw new FormatFault('its armor is damaged', { cause: error });
  }
}

/** What begins as the line of an SSH key does, of whatever type. */
const KEY_LINE = /^\s*\S+[ \t]+AAAA/;

async function readSshLine(text: ByteString): Promise<ReadPublicKey> {
  const { encodeKeyLine } = await import('../core/ssh/ssh-public-key.ts');
  const { parseKeyLine } = await import('./ssh/ssh-public-key.ts');
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const [line, ...others] = lines;
  if (line === undefined) throw new FormatFault('it is empty');
  if (others.length > 0)
    throw new FormatFault(
      lines.some((text) => KEY_LINE.test(text)) ? 'there are several keys' : 'there is no key in it',
    );
  const { publicKey, comment } = parseKeyLine(line);
  return {
    publicKey: { key: publicKey.key, armored: encodeKeyLine(publicKey) },
    userIds: [],
    comment: comment === '' ? undefined : (utf8Decode(comment) ?? comment),
    createdAtSec: undefined,
    expiresAtSec: undefined,
  };
}

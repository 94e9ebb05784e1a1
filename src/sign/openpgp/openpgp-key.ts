import type { PrivateKey } from 'openpgp';
import { type ByteString, displayBytes, escapeText, hasUnsafeCharacters, utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { FormatFault } from '../../core/openpgp/byte-reader.ts';
import { isoTime } from '../../core/retention/iso-time.ts';
import type { KeyId } from '../../core/signing.ts';
import { loadOpenPgp } from './load-openpgp.ts';
import { nodeArithmetic } from './node-arithmetic.ts';
import { readPlainSigningKey } from './plain-signing-key.ts';
import { readCertificate } from './read-certificate.ts';
import { type SigningKey, WrongPassphraseError } from './signing-key.ts';

/** A key that was just made. */
export interface GeneratedKey {
  readonly key: KeyId;
  readonly armoredPrivate: ByteString;
  readonly armoredPublic: ByteString;
}

const MAX_USER_ID_BYTES = 1024;

/**
 * Makes an Ed25519 key that certifies and signs, in the form that gpg 2.2 and Sequoia read, with neither subkeys nor expiry.
 *
 * @param options.name - may be any that git takes; at least one of name and email is needed
 * @param options.atSec - when the key begins, in seconds since the epoch
 * @param options.passphrase - protects the private key, in a form that gpg 2.2 can import
 */
export async function generateSigningKey(options: {
  name: string;
  email: string;
  atSec: number;
  passphrase?: string | undefined;
}): Promise<GeneratedKey> {
  const userId = userIdOf(options.name, options.email);
  const { lib } = await loadOpenPgp();
  const { privateKey, publicKey } = await lib.generateKey({
    // All of it as the name: openpgp.js refuses addresses that git takes, such as 'ada@localhost.'
    userIDs: { name: userId },
    type: 'ecc',
    curve: 'ed25519Legacy',
    subkeys: [],
    date: new Date(options.atSec * 1000),
    format: 'object',
    config: { v6Keys: false, aeadProtect: false, s2kType: lib.enums.s2k.iterated },
    ...(options.passphrase === undefined || options.passphrase === '' ? {} : { passphrase: options.passphrase }),
  });
  return {
    key: keyIdOf(publicKey),
    armoredPrivate: withLineFeeds(privateKey.armor()),
    armoredPublic: withLineFeeds(publicKey.armor()),
  };
}

/**
 * Reads an armored private key, and checks that its signatures made at `atSec` would be accepted.
 *
 * @param options.source - where it comes from, for messages
 * @throws {SnapshotError} if it is no private key, has expired, was revoked, may not sign, or is of a kind that is not supported
 */
export async function readSigningKey(options: {
  armored: ByteString;
  source: string;
  atSec: number;
}): Promise<SigningKey> {
  const { armored, source, atSec } = options;
  const plain = await readPlainSigningKey(armored, atSec);
  if (plain !== undefined) return plain;
  const openpgp = await loadOpenPgp();
  const { lib, strict } = openpgp;
  const refuse = (reason: string, hint: string, cause?: unknown) =>
    new SnapshotError('config', `cannot sign with the key in '${source}': ${reason}`, { hint, cause });

  const keys = await lib.readKeys({ armoredKeys: armored, config: strict }).catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
    throw refuse('it is not an OpenPGP key', 'Give a file made by "gpg --armor --export-secret-keys".', error);
  });
  const [privateKey, ...others] = keys;
  if (privateKey === undefined || others.length > 0) throw refuse('it is not one key alone', 'Export exactly one key.');
  if (!privateKey.isPrivate()) {
    throw refuse('it is a public key', 'Give the private key: "gpg --armor --export-secret-keys".');
  }
  const madeAtSec = privateKey.getCreationTime().getTime() / 1000;
  if (madeAtSec > atSec) {
    throw refuse(
      `it was made at ${isoTime(madeAtSec)}, which is in the future by the clock of this machine`,
      'Set the clock.',
    );
  }
  const armoredPublic = withLineFeeds(privateKey.toPublic().armor());
  try {
    const signing = await privateKey.getSigningKey(undefined, new Date(atSec * 1000), undefined, strict);
    const fingerprint = signing.getFingerprint().toUpperCase();
    const certificate = await readCertificate(armoredPublic);
    await nodeArithmetic.importKey(certificate.verifyingKey(fingerprint));
    const fault = await certificate.faultAt(fingerprint, atSec);
    if (fault !== undefined) throw new FormatFault(fault);
    if ('isDummy' in signing.keyPacket && signing.keyPacket.isDummy()) {
      throw new FormatFault('its secret part is elsewhere, on a card perhaps');
    }
    return signingKeyOf({ key: certificate.details.key, armoredPublic }, privateKey, !signing.keyPacket.isDecrypted());
  } catch (error) {
    // openpgp.js throws plain errors, about keys that cannot sign now.
    if (!(error instanceof Error)) throw error;
    const reason = escapeText(error.message.charAt(0).toLowerCase() + error.message.slice(1));
    throw refuse(reason, 'Make a new key with "git snapshot key add", or sign by gpg.', error);
  }
}

/** A key that openpgp.js signs with. */
function signingKeyOf(
  known: Pick<SigningKey, 'key' | 'armoredPublic'>,
  privateKey: PrivateKey,
  locked: boolean,
): SigningKey {
  return {
    ...known,
    locked,
    unlock: async (passphrase) =>
      signingKeyOf(known, locked ? await decryptKey(known, { privateKey, passphrase }) : privateKey, false),
    sign: async (payload, atSec) => {
      const { lib, strict } = await loadOpenPgp();
      return lib.sign({
        message: await lib.createMessage({ binary: payload }),
        signingKeys: privateKey,
        date: new Date(atSec * 1000),
        detached: true,
        format: 'binary',
        config: strict,
      });
    },
  };
}

async function decryptKey(
  { key }: Pick<SigningKey, 'key'>,
  options: { privateKey: PrivateKey; passphrase: string },
): Promise<PrivateKey> {
  const { lib } = await loadOpenPgp();
  try {
    return await lib.decryptKey(options);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (/passphrase/i.test(error.message)) {
      throw new WrongPassphraseError('config', `wrong passphrase for key '${key}'`, {
        hint: 'Try again; a forgotten passphrase cannot be recovered.',
        cause: error,
      });
    }
    throw new SnapshotError('config', `cannot unlock key '${key}': ${error.message}`, {
      hint: 'Sign by gpg, which knows more ways to protect a key.',
      cause: error,
    });
  }
}

function userIdOf(name: string, email: string): string {
  const userId = [name.trim(), email.trim() === '' ? '' : `<${email.trim()}>`].filter((part) => part !== '').join(' ');
  const hint = 'Set "git config user.name" and "git config user.email".';
  if (userId === '') throw new SnapshotError('config', 'a key needs a name or an e-mail address', { hint });
  if (hasUnsafeCharacters(userId) || /[<>]/.test(name) || /[<>]/.test(email)) {
    const shown = userId.isWellFormed() ? displayBytes(utf8Encode(userId)) : JSON.stringify(userId);
    throw new SnapshotError(
      'config',
      `'${shown}' cannot be the owner of a key: it has control characters or angle brackets`,
      { hint },
    );
  }
  if (Buffer.byteLength(userId) > MAX_USER_ID_BYTES) {
    throw new SnapshotError('config', `the owner of a key cannot have more than ${MAX_USER_ID_BYTES} bytes`, { hint });
  }
  return userId;
}

function keyIdOf(key: { getFingerprint(): string }): KeyId {
  return `openpgp:${key.getFingerprint().toUpperCase()}`;
}

function withLineFeeds(armored: string): ByteString {
  return armored.replace(/\r\n/g, '\n');
}

import { open } from 'node:fs/promises';
import { type ByteString, displayBytes, fromByteArray, utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { FormatFault } from '../../core/openpgp/byte-reader.ts';
import { WireReader } from '../../core/ssh/wire-format.ts';
import { codeOf, fileError } from '../private-file.ts';
import { parseKeyBlob, parseKeyLine, type SshPublicKey } from './ssh-public-key.ts';

/** A key that was found in a file, or whose public half was. */
export interface SshKeyFile {
  readonly publicKey: SshPublicKey;
  readonly comment: ByteString;
  /** The file of the private key; undefined if only the public one is there. */
  readonly privateFile: string | undefined;
  readonly needsPassphrase: boolean;
}

/** No key file is anywhere near this size. */
const MAX_BYTES = 1 << 17;

const PRIVATE = /^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END OPENSSH PRIVATE KEY-----\n*$/;

/**
 * Reads a key by the path of its public file or of its private one; of the latter only what is not secret. The other half
 * is looked for beside it, where ssh-keygen puts it.
 *
 * @returns undefined if there is no such file
 * @throws {SnapshotError} of kind `config` if it cannot be read, or holds no key that we can use
 */
export async function readSshKeyFile(path: string): Promise<SshKeyFile | undefined> {
  const text = await readSmallFile(path);
  if (text === undefined) return undefined;
  try {
    if (!isPrivateKey(text)) return await withPrivateHalf(path, parseKeyLine(text));
    const { publicKey, needsPassphrase } = await readPrivateKey(path, text);
    return { publicKey, comment: '', privateFile: path, needsPassphrase };
  } catch (error) {
    if (!(error instanceof FormatFault)) throw error;
    throw new SnapshotError('config', `cannot use the key in '${shown(path)}': ${error.message}`, {
      hint: 'Use a key of type Ed25519, RSA of 2048 bits or more, ECDSA, or one on a FIDO authenticator.',
      cause: error,
    });
  }
}

/** Whether that is a private key, in OpenSSH's own format or in an older one. */
function isPrivateKey(text: ByteString): boolean {
  return /^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/m.test(text) || text.startsWith('PuTTY-User-Key-File');
}

async function withPrivateHalf(
  path: string,
  { publicKey, comment }: ReturnType<typeof parseKeyLine>,
): Promise<SshKeyFile> {
  const privateFile = path.endsWith('.pub') ? path.slice(0, -'.pub'.length) : undefined;
  const text = privateFile === undefined ? undefined : await readSmallFile(privateFile);
  if (privateFile === undefined || text === undefined || !isPrivateKey(text)) {
    return { publicKey, comment, privateFile: undefined, needsPassphrase: false };
  }
  return { publicKey, comment, privateFile, needsPassphrase: isEncrypted(text) };
}

async function readPrivateKey(
  path: string,
  text: ByteString,
): Promise<{ publicKey: SshPublicKey; needsPassphrase: boolean }> {
  if (PRIVATE.test(text)) {
    const { blob, needsPassphrase } = readOpenHalf(text);
    return { publicKey: parseKeyBlob(blob), needsPassphrase };
  }
  const line = await readSmallFile(`${path}.pub`);
  if (line === undefined) throw new FormatFault(`it is in an old format, and there is no '${shown(path)}.pub'`);
  return { publicKey: parseKeyLine(line).publicKey, needsPassphrase: isEncrypted(text) };
}

function isEncrypted(text: ByteString): boolean {
  return PRIVATE.test(text) ? readOpenHalf(text).needsPassphrase : /ENCRYPTED/.test(text);
}

/** What OpenSSH's format (PROTOCOL.key) says before the secret part. */
function readOpenHalf(text: ByteString): { blob: Uint8Array; needsPassphrase: boolean } {
  const reader = new WireReader(Buffer.from(PRIVATE.exec(text)?.[1] ?? '', 'base64'), 'the private key');
  if (fromByteArray(reader.take(15)) !== 'openssh-key-v1\0') throw new FormatFault('it is of an unknown format');
  const cipher = reader.name();
  reader.string(); // The key derivation,
  reader.string(); // and its options: both are for ssh-keygen.
  if (reader.uint32() !== 1) throw new FormatFault('it is not one key alone');
  return { blob: reader.string(), needsPassphrase: cipher !== 'none' };
}

/** Undefined if there is none. */
async function readSmallFile(path: string): Promise<ByteString | undefined> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw fileError('read', shown(path), error);
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > MAX_BYTES)
      throw new SnapshotError('config', `'${shown(path)}' is not a key file`);
    return await file.readFile('latin1');
  } finally {
    await file.close();
  }
}

function shown(path: string): string {
  return displayBytes(utf8Encode(path.toWellFormed()));
}

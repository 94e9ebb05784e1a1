import type { Arithmetic } from '../arithmetic.ts';
import { type ByteString, bytesToHex, fromByteArray, toByteArray } from '../byte-string.ts';
import { FormatFault, joinBytes } from '../openpgp/byte-reader.ts';
import type { KeyId, PublicKey, SignatureVerifier, Verification } from '../signing.ts';
import { checkSshSignature, type VerifyingKey } from './check-signature.ts';
import { encodeKeyLine, parseKeyBlob, parseKeyLine } from './ssh-public-key.ts';
import { parseSshArmor, signedBytes } from './ssh-signature.ts';

/** A key of the list, and whose it really is. */
type ListedKey = VerifyingKey & { readonly id: KeyId };

/**
 * Checks SSH signatures in this process. They carry no time, and their keys no expiry: who needs those takes them from
 * the order of the audit log and from the policy.
 */
export class SshVerifier implements SignatureVerifier {
  readonly #arithmetic: Arithmetic;
  /** By their lines. A key that cannot be read is kept as the reason. */
  readonly #keys = new Map<ByteString, Promise<ListedKey | FormatFault>>();

  constructor(arithmetic: Arithmetic) {
    this.#arithmetic = arithmetic;
  }

  async verify(payload: ByteString, armor: ByteString, keys: readonly PublicKey[]): Promise<Verification> {
    try {
      const { publicKey, hash, signature } = parseSshArmor(armor);
      const id = await this.#idOf(publicKey);
      const listed = keys.find(({ key }) => key === id);
      if (listed === undefined) return unknownKey(id, publicKey);

      const key = await this.#key(listed.armored);
      if (key instanceof FormatFault) throw new FormatFault(`the key '${id}' cannot be used: ${key.message}`);
      if (key.id !== id) throw new FormatFault(`the key that is listed as '${id}' is another one`);
      const data = signedBytes(hash, await this.#arithmetic.digest(hash, joinBytes(toByteArray(payload))));
      if (!(await checkSshSignature(this.#arithmetic, key, { signature, data }))) {
        throw new FormatFault('the signature does not match the content');
      }
      return { status: 'good', key: id, signedAtSec: undefined };
    } catch (error) {
      if (error instanceof FormatFault) return { status: 'bad', reason: error.message };
      throw error;
    }
  }

  async expiresAtSec(): Promise<undefined> {
    return undefined;
  }

  async #idOf(blob: Uint8Array): Promise<KeyId> {
    return `ssh:${bytesToHex(fromByteArray(await this.#arithmetic.digest('sha256', joinBytes(blob))))}`;
  }

  #key(line: ByteString): Promise<ListedKey | FormatFault> {
    const known = this.#keys.get(line);
    if (known !== undefined) return known;
    const read = this.#readListedKey(line).catch((error: unknown) => {
      if (error instanceof FormatFault) return error;
      throw error;
    });
    this.#keys.set(line, read);
    return read;
  }

  async #readListedKey(line: ByteString): Promise<ListedKey> {
    const { material } = parseKeyLine(line);
    if (encodeKeyLine(material) !== line) throw new FormatFault('its line is not in canonical form');
    return { id: await this.#idOf(material.blob), material, check: await this.#arithmetic.importKey(material) };
  }
}

/** @throws {FormatFault} for what can be nobody's key */
function unknownKey(id: KeyId, blob: Uint8Array): Verification {
  parseKeyBlob(blob);
  return { status: 'unknown-key', keyId: id };
}

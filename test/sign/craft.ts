import * as openpgp from 'openpgp';
import { encodeArmor } from '../../src/core/openpgp/armor.ts';
import type { PublicKey } from '../../src/core/signing.ts';
import { keyId, PAYLOAD } from './keys.ts';

// Makes keys and signatures that no honest program makes, with the packet classes of openpgp.js.

const { enums } = openpgp;

/** Old, weak and odd things are to be made here, so nothing is refused. */
export const ANYTHING = {
  ...openpgp.config,
  rejectHashAlgorithms: new Set<never>(),
  rejectMessageHashAlgorithms: new Set<never>(),
  nonDeterministicSignaturesViaNotation: false,
};

export interface CraftOptions {
  by: openpgp.PrivateKey | openpgp.Subkey;
  atSec: number;
  type?: number;
  hash?: number;
  /** What is signed, in the shape that openpgp.js wants for that type of signature. */
  over?: object;
  change?: (packet: openpgp.SignaturePacket) => void;
}

/** One signature packet, over {@link PAYLOAD} unless told otherwise. */
export async function craftSignature(options: CraftOptions): Promise<openpgp.SignaturePacket> {
  const { by, atSec, type = enums.signature.binary, hash = enums.hash.sha512, change } = options;
  const literal = await openpgp.createMessage({ binary: Buffer.from(PAYLOAD, 'latin1') });
  const over = options.over ?? literal.packets[0];
  const packet = new openpgp.SignaturePacket();
  packet.signatureType = type;
  packet.hashAlgorithm = hash;
  packet.publicKeyAlgorithm = by.keyPacket.algorithm;
  change?.(packet);
  // The declared type of this method is narrower than what it takes.
  const sign = packet.sign.bind(packet) as (...args: unknown[]) => Promise<void>;
  await sign(by.keyPacket, over, new Date(atSec * 1000), true, ANYTHING);
  return packet;
}

/** The armor of a crafted signature. */
export async function craftArmor(options: CraftOptions): Promise<string> {
  return armorOf(await craftSignature(options));
}

/** Packets in our canonical armor, whatever they are. */
export function armorOf(...packets: openpgp.SignaturePacket[]): string {
  const list = new openpgp.PacketList<openpgp.SignaturePacket>();
  list.push(...packets);
  return encodeArmor(Buffer.from(list.write()));
}

/** A self-signature over the first user id. */
export async function selfSignature(
  key: openpgp.PrivateKey,
  options: Pick<CraftOptions, 'atSec' | 'hash' | 'change'> & { keyFlags?: number },
): Promise<openpgp.SignaturePacket> {
  return craftSignature({
    ...options,
    by: key,
    type: enums.signature.certPositive,
    over: { userID: key.users[0]?.userID, key: key.keyPacket },
    change: (packet) => {
      packet.keyFlags = new Uint8Array([options.keyFlags ?? enums.keyFlags.certifyKeys | enums.keyFlags.signData]);
      options.change?.(packet);
    },
  });
}

export function listed(key: openpgp.Key): PublicKey {
  return { key: keyId(key.getFingerprint()), armored: key.toPublic().armor() };
}

/** A key that signs, made at that time. */
export async function makeKey(
  atSec: number,
  options: {
    keyExpirationTime?: number;
    subkeys?: openpgp.SubkeyOptions[];
    type?: 'ecc' | 'curve25519';
    curve?: 'nistP256';
    v6?: boolean;
  } = {},
): Promise<openpgp.PrivateKey> {
  const { v6 = false, ...rest } = options;
  const { privateKey } = await openpgp.generateKey({
    userIDs: { name: 'Ada Example', email: 'ada@example.org' },
    subkeys: [],
    date: new Date(atSec * 1000),
    format: 'object',
    config: { v6Keys: v6 },
    ...rest,
  });
  return privateKey;
}

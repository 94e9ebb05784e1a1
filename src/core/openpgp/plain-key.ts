import type { Arithmetic } from '../arithmetic.ts';
import { bytesToHex, fromByteArray, utf8Decode } from '../byte-string.ts';
import { SnapshotError } from '../errors.ts';
import { ByteReader, encodePacket, FormatFault, joinBytes } from './byte-reader.ts';
import type { CertificateContent } from './certificate.ts';
import { checkSignature } from './check-signature.ts';
import { EDDSA, type OpenPgpKeyMaterial, parsePublicKey } from './public-key.ts';
import {
  CREATED,
  ISSUER_FINGERPRINT,
  ISSUER_KEY_ID,
  readSignatureBody,
  SIGNATURE,
  subpacketsOf,
} from './signature-packet.ts';

/** The packets of an Ed25519 key as `init` makes it: the key, one user id, and the signature that binds them. */
export interface PlainPackets {
  /** Of the public key, or of the private one, which begins with the public one. */
  readonly key: Uint8Array;
  readonly userId: Uint8Array;
  readonly signature: Uint8Array;
}

const SECRET_KEY = 5;
const PUBLIC_KEY = 6;
const USER_ID = 13;

/** A certification of a user id that was looked at well: what programs make of their own. */
const POSITIVE = 0x13;

const NOTATION = 20;
const KEY_FLAGS = 27;
const NEEDED: ReadonlySet<number> = new Set([CREATED, ISSUER_KEY_ID, KEY_FLAGS, ISSUER_FINGERPRINT]);
/** Beside those: what a key prefers, that its user id is the primary one, and what its program can do. */
const WITHOUT_EFFECT: ReadonlySet<number> = new Set([11, 21, 22, 23, 25, 30, 34]);

/** To certify, and to sign. */
const FLAGS = 0x03;

const MAX_USER_ID_BYTES = 1024;

/** Takes a key apart; undefined for one that has more packets than a plain key, others, or in another framing. */
export function splitPlainKey(bytes: Uint8Array, kind: 'public' | 'private'): PlainPackets | undefined {
  return unlessFault(() => {
    const reader = new ByteReader(bytes, 'the key');
    const packet = (type: number) => {
      if (reader.uint8() !== (0xc0 | type)) throw new FormatFault('another packet is expected');
      const length = reader.length();
      return reader.take(length);
    };
    const key = packet(kind === 'public' ? PUBLIC_KEY : SECRET_KEY);
    const packets = { key, userId: packet(USER_ID), signature: packet(SIGNATURE) };
    reader.end();
    return packets;
  });
}

/** Puts a public key together from its packets. */
export function joinPlainKey({ key, userId, signature }: PlainPackets): Uint8Array {
  return joinBytes(encodePacket(PUBLIC_KEY, key), encodePacket(USER_ID, userId), encodePacket(SIGNATURE, signature));
}

/**
 * Judges a certificate of the plainest kind, which nearly all are that this program makes: an Ed25519 key with one user id and one
 * signature of its own over both, which says that it may sign, and nothing of an end. It is good from its beginning on, for
 * ever. Loading openpgp.js to find that takes longer than most commands take for all the rest.
 *
 * @returns undefined if anything at all is otherwise, or wrong: that is for openpgp.js to judge
 */
export async function judgePlainKey(
  packets: PlainPackets,
  arithmetic: Arithmetic,
): Promise<CertificateContent | undefined> {
  const { key, userId, signature } = packets;
  const material = unlessFault(() => parsePublicKey(key));
  const name = userIdOf(userId);
  const binding = unlessFault(() => readSignatureBody(signature));
  if (material?.algorithm !== EDDSA || name === undefined || binding === undefined) return undefined;
  const keyInHash = joinBytes(Uint8Array.of(0x99, key.length >> 8, key.length & 0xff), key);
  const fingerprint = bytesToHex(fromByteArray(await arithmetic.digest('sha1', keyInHash))).toUpperCase();
  const createdAtSec = new ByteReader(key.subarray(1), 'the key').uint32();
  const certifiedAtSec = unlessFault(() => plainBinding(binding, fingerprint));
  if (certifiedAtSec === undefined || certifiedAtSec < createdAtSec) return undefined;
  const payload = joinBytes(keyInHash, Uint8Array.of(0xb4, 0, 0, userId.length >> 8, userId.length & 0xff), userId);
  if (!(await isSignedBy(material, { arithmetic, binding, payload }))) return undefined;
  return {
    details: { key: `openpgp:${fingerprint}`, userIds: [name], algorithm: 'eddsaLegacy', createdAtSec },
    packets: new Map([[fingerprint, key]]),
    moments: [...new Set([createdAtSec, certifiedAtSec])],
    judge: async (asked, atSec) => {
      if (asked !== fingerprint) return 'the key must not sign';
      return atSec < createdAtSec ? 'the signature is older than its key' : undefined;
    },
  };
}

type Binding = ReturnType<typeof readSignatureBody>;

/** When the key was bound to its user id, by a signature that says no more than it has to. @throws {FormatFault} for any other */
function plainBinding({ type, algorithm, hashedArea, unhashedArea }: Binding, fingerprint: string): number {
  const demand = (isSo: boolean) => {
    if (!isSo) throw new FormatFault('it is not plain');
  };
  demand(type === POSITIVE && algorithm === EDDSA && unhashedArea.length === 0);
  const found = new Map<number, Uint8Array>();
  for (const { kind, isCritical, body } of subpacketsOf(hashedArea)) {
    demand(!found.has(kind));
    demand(kind === NOTATION ? !isCritical : WITHOUT_EFFECT.has(kind) || NEEDED.has(kind));
    found.set(kind, body);
  }
  const hexOf = (kind: number) => bytesToHex(fromByteArray(found.get(kind) ?? new Uint8Array())).toUpperCase();
  demand(hexOf(ISSUER_FINGERPRINT) === `04${fingerprint}`);
  demand(hexOf(ISSUER_KEY_ID) === fingerprint.slice(-16));
  demand(((found.get(KEY_FLAGS)?.[0] ?? 0) & FLAGS) === FLAGS);
  const created = found.get(CREATED);
  demand(created?.length === 4);
  return new ByteReader(created ?? new Uint8Array(), 'the time').uint32();
}

async function isSignedBy(
  material: OpenPgpKeyMaterial,
  { arithmetic, binding, payload }: { arithmetic: Arithmetic; binding: Binding; payload: Uint8Array },
): Promise<boolean> {
  try {
    const check = await arithmetic.importKey(material);
    return await checkSignature(arithmetic, { material, check }, { signature: binding, payload });
  } catch (error) {
    // Where this arithmetic is not to be had, openpgp.js has its own.
    if (error instanceof FormatFault || error instanceof SnapshotError) return false;
    throw error;
  }
}

function userIdOf(bytes: Uint8Array): string | undefined {
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.length > MAX_USER_ID_BYTES || isMarked ? undefined : utf8Decode(fromByteArray(bytes));
}

function unlessFault<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatFault) return undefined;
    throw error;
  }
}

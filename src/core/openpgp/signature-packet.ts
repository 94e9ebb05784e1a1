import type { HashName } from '../arithmetic.ts';
import { bytesToHex, fromByteArray, hexToBytes, toByteArray } from '../byte-string.ts';
import { ByteReader, bigEndian, bitLength, encodePacket, FormatFault, joinBytes, sameBytes } from './byte-reader.ts';
import { EDDSA } from './public-key.ts';

/** How the writer began the packet: gpg in the old form, openpgp.js and Sequoia in the new one (RFC 9580, 4.2). */
type Framing = 'old' | 'new';

/** What a signature of version 4 says of itself: the numbers, and the bytes to judge them by. */
export interface SignatureValue {
  /** Number of the public-key algorithm, one of those that {@link readSignatureBody} knows. */
  readonly algorithm: number;
  readonly hash: HashName;
  /** The packet from its version to the end of the hashed subpackets: hashed after the payload. */
  readonly hashedPart: Uint8Array;
  /** The first two bytes of the digest. */
  readonly digestStart: Uint8Array;
  /** The signature itself: numbers without leading zeros, or the 64 bytes of algorithm 27. */
  readonly values: readonly Uint8Array[];
}

/** One signature over binary data, of version 4, as gpg, openpgp.js and Sequoia write it. */
export interface SignaturePacket extends SignatureValue {
  readonly framing: Framing;
  /** Seconds since the epoch, as the signer says. */
  readonly createdAtSec: number;
  /** Seconds since the epoch; undefined for a signature that does not expire. */
  readonly expiresAtSec: number | undefined;
  /** Fingerprint of the key or subkey that signed, 40 upper-case hexadecimal digits. */
  readonly issuer: string;
  /** Whether the eight-byte key id is repeated in the hashed part. If it is not, it stands in the unhashed one. */
  readonly keyIdHashed: boolean;
}

/** A signature of version 4 over anything, as its packet has it. */
export interface SignatureBody extends SignatureValue {
  /** Over what it is, by OpenPGP's number: 0 is binary data. */
  readonly type: number;
  /** Subpackets that the signature covers, and those that it does not. */
  readonly hashedArea: Uint8Array;
  readonly unhashedArea: Uint8Array;
}

const HASHES: Readonly<Record<number, HashName>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' };
const WEAK_HASHES: Readonly<Record<number, string>> = { 1: 'MD5', 2: 'SHA-1', 3: 'RIPEMD-160', 11: 'SHA-224' };

/** The type of a packet that is a signature. */
export const SIGNATURE = 2;

/** RSA (1, and 3: for signing only), ECDSA, EdDSA as gpg 2.2 knows it, Ed25519 of RFC 9580; and how many numbers each has. */
const NUMBERS: Readonly<Record<number, number>> = { 1: 1, 3: 1, 19: 2, [EDDSA]: 2 };
const ED25519 = 27;

/** When a signature was made: the number of the subpacket, as are the next two (RFC 9580, 5.2.3.7). */
export const CREATED = 2;
const EXPIRES = 3;
/** The last eight bytes of the signer's fingerprint. */
export const ISSUER_KEY_ID = 16;
/** Version and fingerprint of the signer's key. */
export const ISSUER_FINGERPRINT = 33;
const UNDERSTOOD: ReadonlySet<number> = new Set([CREATED, EXPIRES, ISSUER_KEY_ID, ISSUER_FINGERPRINT]);

/**
 * Reads exactly one signature packet. Refuses everything that verification would have to guess about, and every second
 * spelling of the same signature: what is not covered by the signature is fully determined by what is.
 *
 * @throws {FormatFault} saying what is wrong
 */
export function parseSignature(bytes: Uint8Array): SignaturePacket {
  const outer = new ByteReader(bytes, 'the signature packet');
  const framing = readFraming(outer.uint8());
  const bodyLength = framing.lengthOf(outer);
  const body = outer.take(bodyLength);
  outer.end();

  const { type, hashedArea, unhashedArea: _, ...value } = readSignatureBody(body);
  if (type !== 0) throw new FormatFault('the signature is not one over binary data');
  // The unhashed part is judged by writing it anew.
  const packet = { framing: framing.name, ...value, ...readHashedFields(hashedArea) };
  if (!sameBytes(encodeSignature(packet), bytes))
    throw new FormatFault('the signature packet is not in canonical form');
  return packet;
}

/**
 * Reads the body of a signature packet.
 *
 * @throws {FormatFault} if it is malformed, or of a version, hash or algorithm that is not supported
 */
export function readSignatureBody(body: Uint8Array): SignatureBody {
  const reader = new ByteReader(body, 'the signature');
  if (reader.uint8() !== 4) throw new FormatFault('the signature is not of version 4');
  const type = reader.uint8();
  const algorithm = reader.uint8();
  const hash = readHash(reader.uint8());
  const hashedArea = reader.take(reader.uint16());
  const hashedPart = body.subarray(0, reader.offset);
  const unhashedArea = reader.take(reader.uint16());
  const digestStart = reader.take(2);
  const values = readValues(reader, algorithm);
  reader.end();
  return { type, algorithm, hash, hashedPart, hashedArea, unhashedArea, digestStart, values };
}

/** Writes a signature packet: the bytes from which {@link parseSignature} would read it. */
export function encodeSignature(packet: SignaturePacket): Uint8Array {
  const keyId = toByteArray(hexToBytes(packet.issuer.slice(-16).toLowerCase()));
  const unhashed = packet.keyIdHashed ? new Uint8Array() : joinBytes(Uint8Array.of(9, ISSUER_KEY_ID), keyId);
  const values = packet.algorithm === ED25519 ? packet.values : packet.values.flatMap((v) => [uint16(bitLength(v)), v]);
  const body = joinBytes(packet.hashedPart, uint16(unhashed.length), unhashed, packet.digestStart, ...values);
  return packet.framing === 'old' ? joinBytes(oldHeader(body.length), body) : encodePacket(SIGNATURE, body);
}

function readFraming(tag: number): { name: Framing; lengthOf: (reader: ByteReader) => number } {
  switch (tag) {
    case 0x88:
      return { name: 'old', lengthOf: (reader) => reader.uint8() };
    case 0x89:
      return { name: 'old', lengthOf: (reader) => reader.uint16() };
    case 0xc2:
      return { name: 'new', lengthOf: (reader) => reader.length() };
    default:
      throw new FormatFault('there is no signature packet');
  }
}

function readHash(id: number): HashName {
  const hash = HASHES[id];
  if (hash !== undefined) return hash;
  const weak = WEAK_HASHES[id];
  throw new FormatFault(weak === undefined ? `unknown hash algorithm ${id}` : `the hash algorithm ${weak} is too weak`);
}

function readHashedFields(
  area: Uint8Array,
): Pick<SignaturePacket, 'createdAtSec' | 'expiresAtSec' | 'issuer' | 'keyIdHashed'> {
  const found = new Map<number, Uint8Array>();
  for (const { kind, isCritical, body } of subpacketsOf(area)) {
    if (!UNDERSTOOD.has(kind)) {
      if (isCritical) throw new FormatFault(`unknown critical subpacket ${kind} in the signature`);
      continue;
    }
    if (found.has(kind)) throw new FormatFault(`subpacket ${kind} stands twice in the signature`);
    found.set(kind, body);
  }
  return fieldsOf(found);
}

/** The subpackets of a part of a signature (RFC 9580, 5.2.3.7). @throws {FormatFault} at the first that is malformed */
export function* subpacketsOf(
  area: Uint8Array,
): Generator<{ readonly kind: number; readonly isCritical: boolean; readonly body: Uint8Array }> {
  const reader = new ByteReader(area, 'the hashed part of the signature');
  while (!reader.done) {
    const subpacket = new ByteReader(reader.take(reader.length()), 'a subpacket of the signature');
    const tag = subpacket.uint8();
    yield { kind: tag & 0x7f, isCritical: tag > 0x7f, body: subpacket.rest() };
  }
}

function fieldsOf(found: ReadonlyMap<number, Uint8Array>): ReturnType<typeof readHashedFields> {
  const created = found.get(CREATED);
  const fingerprint = found.get(ISSUER_FINGERPRINT);
  if (created?.length !== 4) throw new FormatFault('the signature does not say when it was made');
  if (fingerprint?.length !== 21 || fingerprint[0] !== 4) {
    throw new FormatFault('the signature does not name the full fingerprint of its key');
  }
  const keyId = found.get(ISSUER_KEY_ID);
  if (keyId !== undefined && !sameBytes(keyId, fingerprint.subarray(-8))) {
    throw new FormatFault('the signature names two keys');
  }
  const lifetime = found.get(EXPIRES);
  if (lifetime !== undefined && lifetime.length !== 4) throw new FormatFault('the signature has a malformed lifetime');

  const createdAtSec = bigEndian(created);
  const lifetimeSec = lifetime === undefined ? 0 : bigEndian(lifetime);
  return {
    createdAtSec,
    expiresAtSec: lifetimeSec === 0 ? undefined : createdAtSec + lifetimeSec,
    issuer: bytesToHex(fromByteArray(fingerprint), 1).toUpperCase(),
    keyIdHashed: keyId !== undefined,
  };
}

function readValues(reader: ByteReader, algorithm: number): Uint8Array[] {
  if (algorithm === ED25519) return [reader.take(64)];
  const count = NUMBERS[algorithm];
  if (count === undefined) throw new FormatFault(`public-key algorithm ${algorithm} is not supported`);
  return Array.from({ length: count }, () => reader.mpi());
}

function oldHeader(length: number): Uint8Array {
  return length < 256 ? Uint8Array.of(0x88, length) : joinBytes(Uint8Array.of(0x89), uint16(length));
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}

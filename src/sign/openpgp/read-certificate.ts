import type { ByteString } from '../../core/byte-string.ts';
import { Certificate } from '../../core/openpgp/certificate.ts';
import { loadOpenPgp } from './load-openpgp.ts';
import { nodeArithmetic } from './node-arithmetic.ts';

/**
 * Reads a certificate.
 *
 * @throws {FormatFault} if these are not the bytes of exactly one public key of version 4
 */
export function readCertificate(armored: ByteString): Promise<Certificate> {
  return Certificate.read(armored, { arithmetic: nodeArithmetic, load: loadOpenPgp });
}

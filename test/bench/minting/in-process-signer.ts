import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { encodeBase64Url } from '../../../src/core/base64.ts';
import { toByteArray } from '../../../src/core/byte-string.ts';
import type { Signer } from '../../../src/core/signing.ts';
import { encodeSshArmor, signedBytes } from '../../../src/core/ssh/ssh-signature.ts';
import { WireReader, wireString } from '../../../src/core/ssh/wire-format.ts';

/** The signer itself, or for a key of SSH one that starts no program for each signature. */
export function inProcess(signer: Signer): Signer {
  if (!signer.key.startsWith('ssh:')) return signer;
  const path = execFileSync('git', ['config', 'user.signingkey'], { encoding: 'utf8' })
    .trim()
    .replace(/\.pub$/, '');
  const { privateKey, blob } = readKey(readFileSync(path, 'utf8'));
  return {
    key: signer.key,
    unlock: async () => {},
    sign: async (payload) => {
      const data = signedBytes('sha512', createHash('sha512').update(toByteArray(payload)).digest());
      const value = sign(null, data, privateKey);
      const signature = Buffer.concat([wireString('ssh-ed25519'), wireString(value)]);
      return encodeSshArmor({ publicKey: blob, hash: 'sha512', signature });
    },
  };
}

/** An Ed25519 key of OpenSSH without a passphrase (PROTOCOL.key). */
function readKey(text: string): { privateKey: KeyObject; blob: Uint8Array } {
  const bytes = Buffer.from(text.replace(/-----.*-----/g, ''), 'base64');
  const reader = new WireReader(bytes, 'the key file');
  reader.take('openssh-key-v1\0'.length);
  for (const _ of ['cipher', 'kdf', 'options']) reader.string();
  reader.uint32();
  const blob = reader.string();
  const secret = new WireReader(reader.string(), 'the secret part');
  secret.take(8);
  secret.string();
  const x = encodeBase64Url(secret.string());
  const d = encodeBase64Url(secret.string().subarray(0, 32));
  return { privateKey: createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x, d }, format: 'jwk' }), blob };
}

import { execFileSync, spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { PublicKey, Verification } from '../../../src/core/signing.ts';
import { encodeKeyLine } from '../../../src/core/ssh/ssh-public-key.ts';
import { encodeSshArmor, signedBytes } from '../../../src/core/ssh/ssh-signature.ts';
import { wireString } from '../../../src/core/ssh/wire-format.ts';
import { parseKeyLine, type SshPublicKey } from '../../../src/sign/ssh/ssh-public-key.ts';
import { SshVerifier } from '../../../src/sign/ssh/verify-ssh.ts';
import { runTool } from '../../support/gnupg.ts';
import { PAYLOAD } from '../keys.ts';

/** Arguments of ssh-keygen for every type of key that needs no authenticator. */
export const KEY_TYPES: [name: string, ...args: string[]][] = [
  ['ed25519', '-t', 'ed25519'],
  ['rsa', '-t', 'rsa', '-b', '3072'],
  ['ecdsa-256', '-t', 'ecdsa', '-b', '256'],
  ['ecdsa-384', '-t', 'ecdsa', '-b', '384'],
  ['ecdsa-521', '-t', 'ecdsa', '-b', '521'],
];

/** What a key really signs for {@link PAYLOAD}. */
export const SIGNED = signedBytes('sha512', createHash('sha512').update(PAYLOAD).digest());

/** A key pair in files, by ssh-keygen. */
export interface KeyPair {
  /** Path of the private key; `.pub` is beside it. */
  readonly file: string;
  readonly line: string;
  readonly publicKey: SshPublicKey;
  readonly listed: PublicKey;
}

export function makeKeyPair(
  dir: string,
  { name = 'id', args = ['-t', 'ed25519'], passphrase = '', comment = 'ada@laptop' } = {},
): KeyPair {
  const file = join(dir, name);
  runTool('ssh-keygen', ['-q', ...args, '-N', passphrase, '-C', comment, '-f', file]);
  const line = readFileSync(`${file}.pub`, 'latin1');
  const { publicKey } = parseKeyLine(line);
  return { file, line, publicKey, listed: listedKey(publicKey) };
}

export function listedKey(key: SshPublicKey): PublicKey {
  return { key: key.key, armored: encodeKeyLine(key) };
}

/** What ssh-keygen signs. */
export function keygenSign({ file }: KeyPair, { payload = PAYLOAD, namespace = 'git', options = [] as string[] } = {}) {
  return runTool('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, ...options, '-f', file], { input: payload });
}

export function verify(armor: string, keys: readonly PublicKey[], payload = PAYLOAD): Promise<Verification> {
  return new SshVerifier().verify(payload, armor, keys);
}

/** A verdict that says no, for that reason. */
export function bad(reason: RegExp) {
  return { status: 'bad', reason: expect.stringMatching(reason) };
}

/** An ssh-agent of the running test's own, which ends with it. */
export async function startAgent(socket: string): Promise<{ env: NodeJS.ProcessEnv; add(...args: string[]): void }> {
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill();
    await ended;
  });
  // It says where it listens, once it does.
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('error', reject);
  });
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  const add = (...args: string[]) => {
    execFileSync('ssh-add', ['-q', ...args], { env, stdio: 'pipe' });
  };
  return { env, add };
}

/** An authenticator in software: makes what a FIDO key would, of either type. */
export interface SoftToken {
  readonly publicKey: SshPublicKey;
  readonly listed: PublicKey;
  /** The line for allowed signers and `.pub` files. */
  readonly line: string;
  /** An armored signature over {@link PAYLOAD}. */
  sign(options?: { flags?: number; counter?: number }): string;
}

export function softToken(kind: 'ed25519' | 'ecdsa', application = 'ssh:'): SoftToken {
  const pair = kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const type = kind === 'ed25519' ? 'sk-ssh-ed25519@openssh.com' : 'sk-ecdsa-sha2-nistp256@openssh.com';
  const blob = Buffer.concat([wireString(type), ...tokenKey(kind, pair.publicKey), wireString(application)]);
  const line = `${type} ${blob.toString('base64')}\n`;
  const publicKey = parseKeyLine(line).publicKey;
  return {
    publicKey,
    listed: listedKey(publicKey),
    line,
    sign({ flags = 1, counter = 7 } = {}) {
      const tail = Buffer.alloc(5);
      tail.writeUInt8(flags);
      tail.writeUInt32BE(counter, 1);
      const data = Buffer.concat([sha256(application), tail, sha256(SIGNED)]);
      const raw = sign(kind === 'ed25519' ? null : 'sha256', data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
      const value = kind === 'ed25519' ? raw : numbers(raw);
      const signature = Buffer.concat([wireString(type), wireString(value), tail]);
      return encodeSshArmor({ publicKey: blob, hash: 'sha512', signature });
    },
  };
}

/** The two numbers of an ECDSA signature, as SSH writes them. */
export function numbers(raw: Buffer): Buffer {
  const half = raw.length / 2;
  return Buffer.concat([mpint(raw.subarray(0, half)), mpint(raw.subarray(half))]);
}

/** A positive number as SSH writes it. */
export function mpint(bytes: Buffer): Uint8Array {
  let start = 0;
  while (bytes[start] === 0) start++;
  const short = bytes.subarray(start);
  return wireString((short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), short]) : short);
}

function tokenKey(kind: 'ed25519' | 'ecdsa', key: KeyObject): Uint8Array[] {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const [first, second] = [x, y].map((text) => Buffer.from(text, 'base64url'));
  if (first === undefined || second === undefined) return [];
  if (kind === 'ed25519') return [wireString(first)];
  return [wireString('nistp256'), wireString(Buffer.concat([Buffer.from([4]), first, second]))];
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatFault } from '../../../src/core/openpgp/byte-reader.ts';
import type { PublicKey } from '../../../src/core/signing.ts';
import { encodeKeyLine } from '../../../src/core/ssh/ssh-public-key.ts';
import { encodeSshArmor, parseSshArmor } from '../../../src/core/ssh/ssh-signature.ts';
import { wireString, wireUint32 } from '../../../src/core/ssh/wire-format.ts';
import { parseKeyBlob, parseKeyLine } from '../../../src/sign/ssh/ssh-public-key.ts';
import { runTool } from '../../support/gnupg.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { bad, keygenSign, listedKey, makeKeyPair, mpint, numbers, SIGNED, softToken, verify } from './ssh-lab.ts';

/** A key of node's, as SSH has it, that can be made to sign anything. */
interface Signing {
  readonly blob: Buffer;
  readonly listed: PublicKey;
  readonly key: KeyObject;
}

const bytesOf = (text: string | undefined) => Buffer.from(text ?? '', 'base64url');

function ed25519(): Signing {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return signing(
    Buffer.concat([wireString('ssh-ed25519'), wireString(bytesOf(publicKey.export({ format: 'jwk' }).x))]),
    privateKey,
  );
}

function rsa(bits = 2048): Signing {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return signing(rsaBlob(publicKey), privateKey);
}

function rsaBlob(publicKey: KeyObject): Buffer {
  const { e, n } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([wireString('ssh-rsa'), mpint(bytesOf(e)), mpint(bytesOf(n))]);
}

function ecdsa(): Signing {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), bytesOf(x), bytesOf(y)]);
  const fields = ['ecdsa-sha2-nistp256', 'nistp256', point].map(wireString);
  return signing(Buffer.concat(fields), privateKey);
}

function signing(blob: Buffer, key: KeyObject): Signing {
  return { blob, listed: listedKey(parseKeyBlob(blob)), key };
}

/** The fields of a signature, in order; each can be another than it should be. */
interface Fields {
  magic?: string;
  version?: number;
  publicKey?: Buffer;
  namespace?: string;
  reserved?: string;
  hash?: string;
  signature?: Buffer;
  tail?: Buffer;
}

/** An armored signature by an Ed25519 key, right but for those fields; what is signed has them too. */
function craft({ blob, key }: Signing, fields: Fields = {}): string {
  const { magic = 'SSHSIG', version = 1, publicKey = blob, namespace = 'git', reserved = '', hash = 'sha512' } = fields;
  const digest = SIGNED.subarray(-64);
  const content = Buffer.concat([Buffer.from(magic), ...[namespace, reserved, hash, digest].map(wireString)]);
  const own = Buffer.concat([wireString('ssh-ed25519'), wireString(sign(null, content, key))]);
  const { signature = own, tail = Buffer.alloc(0) } = fields;
  const strings = [publicKey, namespace, reserved, hash, signature].map(wireString);
  return armorOf(Buffer.concat([Buffer.from(magic), wireUint32(version), ...strings, tail]));
}

function armorOf(bytes: Buffer, width = 70): string {
  const lines = bytes.toString('base64').replace(new RegExp(`.{1,${width}}`, 'g'), '$&\n');
  return `-----BEGIN SSH SIGNATURE-----\n${lines}-----END SSH SIGNATURE-----\n`;
}

function contentOf(armor: string): Buffer {
  return Buffer.from(armor.split('\n').slice(1, -2).join(''), 'base64');
}

const own = ed25519();

describe('fields of the signature', () => {
  it('is good as it should be', async () => {
    expect(await verify(craft(own), [own.listed])).toMatchObject({ status: 'good' });
  });

  it.each<[string, Fields, RegExp]>([
    ['another namespace', { namespace: 'file' }, /made for 'file', and not for git/],
    ['an empty namespace', { namespace: '' }, /made for ''/],
    ['a namespace that begins with git', { namespace: 'git\0' }, /not for git/],
    ['a hash that is too weak', { hash: 'sha1' }, /hash 'sha1'/],
    ['a hash of another length', { hash: 'sha384' }, /hash 'sha384'/],
    ['something reserved', { reserved: 'x' }, /reserved/],
    ['another version', { version: 2 }, /version 2/],
    ['another magic', { magic: 'SSHSIH' }, /not an SSH signature/],
    ['bytes after it', { tail: Buffer.from('x') }, /too many/],
    ['an empty signature', { signature: Buffer.alloc(0) }, /cut short/],
    [
      'bytes after the inner one',
      { signature: Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(64)), Buffer.from('x')]) },
      /too many/,
    ],
    [
      'a short inner one',
      { signature: Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(63))]) },
      /wrong length/,
    ],
    [
      'one of zeros',
      { signature: Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(64))]) },
      /not match/,
    ],
    [
      'an inner one of another type',
      { signature: Buffer.concat([wireString('rsa-sha2-512'), wireString(Buffer.alloc(64))]) },
      /makes no signature of type 'rsa-sha2-512'/,
    ],
  ])('refuses %s', async (_, fields, reason) => {
    expect(await verify(craft(own, fields), [own.listed])).toEqual(bad(reason));
  });

  it('refuses a good signature under the name of another key', async () => {
    const other = ed25519();
    expect(await verify(craft(own, { publicKey: other.blob }), [own.listed, other.listed])).toEqual(bad(/not match/));
    // A list whose line is another key's than it says.
    const swapped = { key: own.listed.key, armored: other.listed.armored };
    expect(await verify(craft(own), [swapped])).toEqual(bad(/another one/));
    const noted = { key: own.listed.key, armored: own.listed.armored.replace('\n', ' ada@laptop\n') };
    expect(await verify(craft(own), [noted])).toEqual(bad(/canonical/));
  });

  it('refuses a signature that git made for a file', async () => {
    const pair = makeKeyPair(tempDir());
    expect(await verify(keygenSign(pair, { namespace: 'file' }), [pair.listed])).toEqual(bad(/made for 'file'/));
  });
});

describe('RSA', () => {
  const key = rsa();
  const with_ = (type: string, hash: string, change = (value: Buffer) => value) =>
    encodeSshArmor({
      publicKey: key.blob,
      hash: 'sha512',
      signature: Buffer.concat([wireString(type), wireString(change(sign(hash, SIGNED, key.key)))]),
    });

  it('takes SHA-2, and neither SHA-1 nor a hash that is not the one it names', async () => {
    expect(await verify(with_('rsa-sha2-256', 'sha256'), [key.listed])).toMatchObject({ status: 'good' });
    expect(await verify(with_('rsa-sha2-512', 'sha512'), [key.listed])).toMatchObject({ status: 'good' });
    expect(await verify(with_('ssh-rsa', 'sha1'), [key.listed])).toEqual(bad(/SHA-1/));
    expect(await verify(with_('rsa-sha2-512', 'sha1'), [key.listed])).toEqual(bad(/not match/));
    expect(await verify(with_('rsa-sha2-256', 'sha512'), [key.listed])).toEqual(bad(/not match/));
    expect(await verify(with_('ssh-ed25519', 'sha512'), [key.listed])).toEqual(bad(/makes no signature/));
  });

  it('takes numbers of the one length', async () => {
    const longer = with_('rsa-sha2-512', 'sha512', (value) => Buffer.concat([Buffer.alloc(1), value]));
    expect(await verify(longer, [key.listed])).toEqual(bad(/wrong length/));
    const shorter = with_('rsa-sha2-512', 'sha512', (value) => value.subarray(1));
    expect(await verify(shorter, [key.listed])).toEqual(bad(/wrong length/));
  });
});

describe('ECDSA', () => {
  const key = ecdsa();
  const raw = sign('sha256', SIGNED, { key: key.key, dsaEncoding: 'ieee-p1363' });
  const armor = (value: Buffer) =>
    encodeSshArmor({
      publicKey: key.blob,
      hash: 'sha512',
      signature: Buffer.concat([wireString('ecdsa-sha2-nistp256'), wireString(value)]),
    });

  it('takes two numbers in their one spelling', async () => {
    expect(await verify(armor(numbers(raw)), [key.listed])).toMatchObject({ status: 'good' });
    const padded = [raw.subarray(0, 32), raw.subarray(32)].map((half) =>
      wireString(Buffer.concat([Buffer.alloc(2), half])),
    );
    expect(await verify(armor(Buffer.concat(padded)), [key.listed])).toEqual(bad(/malformed number/));
    expect(await verify(armor(Buffer.concat([numbers(raw), Buffer.from('x')])), [key.listed])).toEqual(bad(/too many/));
    expect(await verify(armor(Buffer.concat([wireString(''), wireString('')])), [key.listed])).toEqual(
      bad(/malformed/),
    );
    const long = Buffer.concat([mpint(Buffer.alloc(33, 0x7f)), mpint(raw.subarray(32))]);
    expect(await verify(armor(long), [key.listed])).toEqual(bad(/wrong length/));
  });
});

describe('armor', () => {
  const good = craft(own);

  it.each<[string, string]>([
    ['a comment', good.replace('\n', '\nComment: x\n\n')],
    ['an empty line', good.replace('\n', '\n\n')],
    ['bytes after it', `${good}x\n`],
    ['an empty line after it', `${good}\n`],
    ['bytes before it', `x\n${good}`],
    ['two of them', good + good],
    ['CR LF', good.replaceAll('\n', '\r\n')],
    ['shorter lines', armorOf(contentOf(good), 64)],
    ['longer lines', armorOf(contentOf(good), 76)],
    ['one line', armorOf(contentOf(good), 9999)],
    ['blanks at line ends', good.replaceAll('\n', ' \n')],
    ['no last line feed', good.trimEnd()],
    ['padding that is left out', good.replace(/=+\n/, '\n')],
    ['no content', '-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n'],
    ['less than its two lines', '-----BEGIN SSH SIGNATURE-----\n'],
    ['too much', armorOf(Buffer.concat([contentOf(good), Buffer.alloc(9000)]))],
  ])('refuses %s', async (_, armor) => {
    expect(armor).not.toBe(good);
    expect(await verify(armor, [own.listed])).toMatchObject({ status: 'bad' });
  });

  it('prints what it parsed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        fc.uint8Array({ maxLength: 600 }),
        fc.constantFrom('sha256' as const, 'sha512' as const),
        (publicKey, signature, hash) => {
          const parts = { publicKey, signature, hash };
          expect(parseSshArmor(encodeSshArmor(parts))).toEqual(parts);
        },
      ),
    );
  });

  it('breaks lines as ssh-keygen does, wherever the last one ends', () => {
    // Comments in the namespace's place would not be signed for git: sizes of RSA keys vary the length instead.
    const dir = tempDir();
    for (const bits of ['2048', '2056', '2080', '2112']) {
      const pair = makeKeyPair(dir, { name: bits, args: ['-t', 'rsa', '-b', bits] });
      const armor = keygenSign(pair);
      expect(encodeSshArmor(parseSshArmor(armor))).toBe(armor);
    }
  });
});

describe('any change', () => {
  const parsed = (armor: string) => {
    try {
      return parseSshArmor(armor);
    } catch (error) {
      if (error instanceof FormatFault) return undefined;
      throw error;
    }
  };
  const kinds = [own, ecdsa()].map(({ listed }) => listed);
  const tokens = [softToken('ed25519'), softToken('ecdsa')];
  const samples = [
    { armor: craft(own), listed: own.listed },
    ...tokens.map((token) => ({ armor: token.sign(), listed: token.listed })),
  ];

  it('of the armor is never good', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2),
        fc.nat(),
        fc.string({ maxLength: 3, unit: 'binary-ascii' }),
        fc.nat(3),
        async (which, at, text, cut) => {
          const { armor = '', listed = own.listed } = samples[which] ?? {};
          const start = at % (armor.length + 1);
          const changed = armor.slice(0, start) + text + armor.slice(start + cut);
          const read = parsed(changed);
          if (read !== undefined) expect(encodeSshArmor(read)).toBe(changed);
          const verdict = await verify(changed, [listed, ...kinds]);
          expect(verdict.status === 'good').toBe(changed === armor);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('of a byte below the armor is never good', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, at, flip) => {
        const { armor = '', listed = own.listed } = samples[which] ?? {};
        const bytes = contentOf(armor);
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ flip;
        const read = parsed(armorOf(bytes));
        if (read !== undefined) expect(encodeSshArmor(read)).toBe(armorOf(bytes));
        expect((await verify(armorOf(bytes), [listed, ...kinds])).status).not.toBe('good');
      }),
      { numRuns: 2000 },
    );
  });

  it('of a key makes another key, or none', () => {
    fc.assert(
      fc.property(fc.nat(2), fc.nat(), fc.uint8Array({ maxLength: 4 }), fc.nat(4), (which, at, text, cut) => {
        const { blob, key } = parseKeyLine(samples[which]?.listed.armored ?? '').publicKey;
        const start = at % (blob.length + 1);
        const changed = Buffer.concat([blob.subarray(0, start), text, blob.subarray(start + cut)]);
        try {
          expect(parseKeyBlob(changed).key === key).toBe(changed.equals(blob));
        } catch (error) {
          if (!(error instanceof FormatFault)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('nothing crashes it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const content = Buffer.concat([contentOf(craft(own)).subarray(0, 10), bytes]);
        expect((await verify(armorOf(content), kinds)).status).toBe('bad');
        const line = Buffer.from(bytes).toString('latin1');
        expect(() => parseKeyLine(line)).toThrow(FormatFault);
        expect((await verify(line, kinds)).status).toBe('bad');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('keys', () => {
  const line = (type: string, ...fields: (string | Buffer)[]) =>
    `${type} ${Buffer.concat([type, ...fields].map(wireString)).toString('base64')}`;

  it.each<[string, () => string, RegExp]>([
    ['DSA', () => line('ssh-dss', 'p', 'q', 'g', 'y'), /DSA/],
    ['a certificate', () => line('ssh-ed25519-cert-v01@openssh.com', 'x'), /certificates are not supported/],
    ['an unknown type', () => line('ssh-ed448', Buffer.alloc(57)), /keys of type 'ssh-ed448' are not supported/],
    ['a type with a control character', () => line('ssh-\x1b[31m', 'x'), /malformed name|not supported/],
    [
      'a type word that is not the blob’s',
      () => own.listed.armored.replace('ssh-ed25519', 'ssh-rsa'),
      /stands as 'ssh-rsa'/,
    ],
    ['options before the key', () => `restrict ${own.listed.armored}`, /'restrict' are not supported/],
    ['base64 with something in it', () => own.listed.armored.replace('AAAA', 'AA!AA'), /base64/],
    ['base64 without its padding', () => `${own.listed.armored.trim().slice(0, -1)}`, /base64|cut short/],
    ['no blob', () => 'ssh-ed25519', /not the line/],
    ['nothing', () => '', /not the line/],
    ['two lines', () => own.listed.armored + own.listed.armored, /not the line/],
    ['a short Ed25519 key', () => line('ssh-ed25519', Buffer.alloc(31)), /malformed/],
    ['bytes after the key', () => line('ssh-ed25519', Buffer.alloc(32), ''), /too many/],
    [
      'a point that is on no curve',
      () => line('ecdsa-sha2-nistp256', 'nistp256', Buffer.from([4, ...Buffer.alloc(64, 1)])),
      /not a valid one/,
    ],
    [
      'a compressed point',
      () => line('ecdsa-sha2-nistp256', 'nistp256', Buffer.concat([Buffer.from([2]), Buffer.alloc(32, 1)])),
      /malformed/,
    ],
    ['another curve than the type’s', () => line('ecdsa-sha2-nistp256', 'nistp384', Buffer.alloc(97, 4)), /curve/],
    [
      'RSA of 1024 bits',
      () => `ssh-rsa ${rsaBlob(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey).toString('base64')}`,
      /1024 bits is too weak/,
    ],
    ['RSA of 20000 bits', () => line('ssh-rsa', Buffer.from([3]), Buffer.alloc(2500, 0x7f)), /too large/],
    ['an RSA exponent of 1', () => line('ssh-rsa', Buffer.from([1]), Buffer.alloc(257, 0x7f)), /exponent/],
    ['an even RSA exponent', () => line('ssh-rsa', Buffer.from([4]), Buffer.alloc(257, 0x7f)), /exponent/],
    [
      'an RSA modulus with a zero before it',
      () => line('ssh-rsa', Buffer.from([3]), Buffer.concat([Buffer.alloc(1), Buffer.alloc(256, 0x7f)])),
      /malformed number/,
    ],
    ['a negative RSA modulus', () => line('ssh-rsa', Buffer.from([3]), Buffer.alloc(256, 0xff)), /malformed number/],
    [
      'an authenticator’s key without an application',
      () => line('sk-ssh-ed25519@openssh.com', Buffer.alloc(32), ''),
      /not for SSH/,
    ],
  ])('refuses %s', (_, text, reason) => {
    expect(() => parseKeyLine(text())).toThrow(reason);
  });

  it('have ids that are ssh-keygen’s fingerprints, and lines without their comments', () => {
    const pair = makeKeyPair(tempDir(), { comment: 'two words' });
    const { publicKey, comment } = parseKeyLine(pair.line);
    expect(comment).toBe('two words');
    expect(encodeKeyLine(publicKey)).toBe(pair.line.replace(' two words', ''));
    const printed = /SHA256:(\S+)/.exec(runTool('ssh-keygen', ['-l', '-f', `${pair.file}.pub`]))?.[1] ?? '';
    expect(publicKey.key).toBe(`ssh:${Buffer.from(printed, 'base64').toString('hex')}`);
  });

  it('that are refused are refused in signatures too, by name', async () => {
    const dss = Buffer.concat(['ssh-dss', 'p', 'q', 'g', 'y'].map(wireString));
    expect(await verify(craft(own, { publicKey: dss }), [own.listed])).toEqual(bad(/DSA/));
  });
});

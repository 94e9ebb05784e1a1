import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteString } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { KeyId, Signer } from '../../core/signing.ts';
import { encodeKeyLine } from '../../core/ssh/ssh-public-key.ts';
import { NAMESPACE } from '../../core/ssh/ssh-signature.ts';
import { codeOf } from '../private-file.ts';
import { demandGood } from './demand-good.ts';
import { type ProgramOptions, type ProgramResult, runProgram } from './run-program.ts';
import { type SshPublicKey, sshFingerprint } from './ssh-public-key.ts';

/** What a {@link KeygenSigner} signs with. */
export interface KeygenSignerOptions extends ProgramOptions {
  readonly publicKey: SshPublicKey;
  /** The file of the private key; undefined if the program knows where it is. */
  readonly keyFile: string | undefined;
}

/**
 * Signs by ssh-keygen, or by a program that stands in for it (`gpg.ssh.program`). It is called as git calls it, with the
 * payload in a file: then whatever works for git works here, and the program's input can be the terminal.
 */
export class KeygenSigner implements Signer {
  readonly key: KeyId;
  readonly #options: KeygenSignerOptions;

  constructor(options: KeygenSignerOptions) {
    this.key = options.publicKey.key;
    this.#options = options;
  }

  /** A file with a passphrase is not for this signer; other programs ask when they must. */
  async unlock(): Promise<void> {}

  /** @throws {SnapshotError} of kind `config` if the program cannot sign, or signs something else */
  async sign(payload: ByteString): Promise<ByteString> {
    const { program, publicKey, keyFile } = this.#options;
    const directory = await mkdtemp(join(tmpdir(), 'git-snapshot-'));
    try {
      const payloadFile = join(directory, 'payload');
      const givenFile = keyFile ?? join(directory, 'key.pub');
      await writeFile(payloadFile, payload, 'latin1');
      if (keyFile === undefined) await writeFile(givenFile, encodeKeyLine(publicKey));
      const result = await runProgram(this.#options, ['-Y', 'sign', '-n', NAMESPACE, '-f', givenFile, payloadFile]);
      const armor = await readSignature(`${payloadFile}.sig`);
      if (result.exitCode !== 0 || armor === undefined) throw this.#failure(result);
      await demandGood({ payload, armor, publicKey, by: `'${program}'` });
      return armor;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  #failure({ exitCode, stderr, lastWords }: ProgramResult): SnapshotError {
    const { program, keyFile } = this.#options;
    const say = (reason: string, hint: string) =>
      new SnapshotError('config', `cannot sign with '${sshFingerprint(this.key)}': ${reason}`, { hint });
    if (/incorrect passphrase/.test(stderr))
      return say('it needs a passphrase', 'Give the key to your agent with "ssh-add".');
    if (/bad permissions|UNPROTECTED PRIVATE KEY/.test(stderr)) {
      return say(`others can read '${keyFile}'`, `Run "chmod 600 '${keyFile}'", and think about who may have used it.`);
    }
    if (/No private key found|Couldn't load public key/.test(stderr)) {
      return say(`'${program}' finds no private key for it`, 'Give it to your agent with "ssh-add".');
    }
    return say(
      lastWords === '' ? `'${program}' ended with ${exitCode}` : lastWords,
      'Try "ssh-keygen -Y sign" by hand.',
    );
  }
}

/** Undefined where the program has written none. */
async function readSignature(path: string): Promise<ByteString | undefined> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

import { spawn } from 'node:child_process';
import type { ByteString } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { decodeLooseArmor, encodeArmor } from '../../core/openpgp/armor.ts';
import { FormatFault } from '../../core/openpgp/byte-reader.ts';
import { parseSignature } from '../../core/openpgp/signature-packet.ts';
import type { KeyId, Signer } from '../../core/signing.ts';
import { listSecretKeys } from './gpg-key.ts';
import { type GpgOptions, type GpgResult, runGpg, statusLines } from './run-gpg.ts';

/** Signed to have the passphrase asked for in time; the signature is thrown away. */
const UNLOCK_TEXT = 'git-snapshot: unlocks the key, and says nothing\n';

// Codes of libgpg-error, without the source of the error in the upper bits.
const BAD_PASSPHRASE = 11;
const NO_SECRET_KEY = 17;
const NO_AGENT = 77;
const NO_PINENTRY = 85;
const CANCELED: ReadonlySet<number> = new Set([99, 198]);
/** Set where the code is an errno: a pinentry that found no terminal, for one. */
const SYSTEM_ERROR = 0x8000;

/** Signs by the user's gpg: for keys that are in its keyring, behind its agent, or on a card. */
export class GpgSigner implements Signer {
  readonly key: KeyId;
  readonly #gpg: GpgOptions;
  #terminal: Promise<string | undefined> | undefined;
  /** Fingerprints that may stand in a signature: the primary key's, and those of subkeys once they were seen. */
  readonly #fingerprints: Set<string>;

  /** @param options.key - the primary key, by its full fingerprint: anything shorter might pick another */
  constructor({ key, ...gpg }: GpgOptions & { key: KeyId }) {
    this.key = key;
    this.#gpg = gpg;
    this.#fingerprints = new Set([this.#primary]);
  }

  get #primary(): string {
    return this.key.slice('openpgp:'.length);
  }

  async unlock(): Promise<void> {
    await this.sign(UNLOCK_TEXT);
  }

  /** @throws {SnapshotError} if gpg cannot sign (kind `config`), the user cancels (`interrupted`), or gpg signs something else */
  async sign(payload: ByteString): Promise<ByteString> {
    const args = ['--local-user', this.#primary, '--armor', '--detach-sign'];
    const result = await runGpg({ ...this.#gpg, env: await this.#environment() }, args, payload);
    const created = statusLines(result, 'SIG_CREATED');
    if (result.exitCode !== 0 || created.length === 0) throw this.#failure(result);
    try {
      return await this.#checked(result.stdout, created);
    } catch (error) {
      if (!(error instanceof FormatFault)) throw error;
      throw new SnapshotError(
        'config',
        `'${this.#gpg.program}' made a signature that cannot be used: ${error.message}`,
        {
          hint: 'Use a key of type Ed25519, RSA of 2048 bits or more, or NIST P-256 or P-384.',
          cause: error,
        },
      );
    }
  }

  async #checked(armor: ByteString, created: readonly (readonly string[])[]): Promise<ByteString> {
    const [[type, , , signatureClass, , fingerprint] = [], ...others] = created;
    if (others.length > 0) throw new FormatFault('there is more than one');
    if (type !== 'D' || signatureClass !== '00') throw new FormatFault('it is not a detached one over binary data');
    const packet = decodeLooseArmor(armor);
    const { issuer, expiresAtSec } = parseSignature(packet);
    if (issuer !== fingerprint) throw new FormatFault('gpg names another key than the signature');
    if (expiresAtSec !== undefined) throw new FormatFault('it expires');
    if (!this.#fingerprints.has(issuer)) {
      const keys = await listSecretKeys(this.#gpg, this.#primary);
      const own = keys.find(({ fingerprints }) => fingerprints[0] === this.#primary);
      for (const each of own?.fingerprints ?? []) this.#fingerprints.add(each);
    }
    if (!this.#fingerprints.has(issuer)) throw new FormatFault(`it was made by another key, '${issuer}'`);
    return encodeArmor(packet);
  }

  #failure(result: GpgResult): SnapshotError {
    const code = Number(statusLines(result, 'FAILURE').at(-1)?.[1] ?? 0) & 0xffff;
    const say = (reason: string, hint: string) =>
      new SnapshotError('config', `gpg cannot sign with '${this.key}': ${reason}`, { hint });
    if (CANCELED.has(code)) {
      return new SnapshotError('interrupted', 'signing was cancelled at the passphrase prompt', {
        hint: 'Run the command again.',
      });
    }
    if (code === BAD_PASSPHRASE) return say('wrong passphrase', 'Run the command again.');
    if (code === NO_SECRET_KEY || statusLines(result, 'INV_SGNR').length > 0) {
      return say(
        'there is no usable private key',
        'See "gpg --list-secret-keys": it may be missing, expired or revoked.',
      );
    }
    if (code === NO_AGENT || code === NO_PINENTRY || (code & SYSTEM_ERROR) !== 0) {
      return say(
        'nothing can ask for the passphrase',
        'Install a pinentry, and run "export GPG_TTY=$(tty)" in a terminal.',
      );
    }
    return say(
      result.lastWords === '' ? `it ended with ${result.exitCode}` : result.lastWords,
      'Try "gpg --clearsign" by hand.',
    );
  }

  /** A pinentry on a terminal has to be told which. gpg would look at its standard input, but that is the payload. */
  async #environment(): Promise<NodeJS.ProcessEnv> {
    const { env } = this.#gpg;
    if (env['GPG_TTY'] !== undefined || !process.stdin.isTTY) return env;
    this.#terminal ??= terminalName();
    const terminal = await this.#terminal;
    return terminal === undefined ? env : { ...env, GPG_TTY: terminal };
  }
}

/** The terminal on standard input. Node cannot tell; POSIX has a program that can. */
function terminalName(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('tty', { stdio: ['inherit', 'pipe', 'ignore'] });
    let name = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      name += text;
    });
    // Without it, gpg is no worse off than before.
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code === 0 ? name.trim() : undefined));
  });
}

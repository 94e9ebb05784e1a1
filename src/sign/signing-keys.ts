import { SnapshotError } from '../core/errors.ts';
import type { KeyId, PublicKey, Signer } from '../core/signing.ts';
import { keyFilePath, listKeyFiles, loadKeyFile, saveKeyFile } from './key-file.ts';

/** A person must have the time to find a card and type a passphrase. */
const GPG_TIMEOUT_MS = 5 * 60_000;

/** Where this user's private keys are, and how to open them. */
export interface SigningKeys {
  /** The user's directory for this program. */
  readonly configDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly nowSec: () => number;
  /** Asks for the passphrase of a key. `again`: a new one, twice. */
  readonly askPassphrase: (prompt: string, options: { again: boolean }) => Promise<string>;
  /** What git's configuration says of signing. Its program is never a repository's choice. */
  readonly gitSigning: () => Promise<GitSigning>;
}

/** Git's signing setup. */
export interface GitSigning {
  /** `gpg.format`, `openpgp` where it is not set. */
  readonly format: string;
  /** `user.signingKey`. */
  readonly key: string | undefined;
  /** `gpg.program`. */
  readonly program: string;
}

/** A key that can sign, with its certificate. */
export interface UsableKey {
  readonly signer: Signer;
  readonly publicKey: PublicKey;
  readonly source: { readonly kind: 'made' | 'found' | 'gpg'; readonly file: string | undefined };
}

/**
 * The signer for one of these keys: with a private key in a file of ours, else with gpg.
 *
 * @throws {SnapshotError} if this user has none of them
 */
export async function findSigner(keys: SigningKeys, wanted: readonly PublicKey[]): Promise<Signer> {
  const files = new Set(await listKeyFiles(keys.configDir));
  const inFile = wanted.find(({ key }) => files.has(key));
  if (inFile !== undefined) return (await openKeyFile(keys, inFile.key)).signer;
  const { program } = await keys.gitSigning();
  const { listSecretKeys } = await import('./gpg/gpg-key.ts');
  for (const { key } of wanted) {
    const fingerprint = key.slice('openpgp:'.length);
    const found = await ifGpgIsThere(() =>
      listSecretKeys({ program, env: keys.env, timeoutMs: GPG_TIMEOUT_MS }, fingerprint),
    );
    if (found?.some(({ fingerprints }) => fingerprints[0] === fingerprint)) return gpgSigner(keys, program, key);
  }
  throw new SnapshotError('untrusted', 'you have the private key of nobody in the policy', {
    hint: `Keys of the policy: ${wanted.map(({ key }) => key).join(', ')}. They are looked for in ${keys.configDir}/keys and with gpg.`,
  });
}

/** How `init` may be told which key to use. */
export type WantedKey =
  | { readonly kind: 'new' | 'gpg' }
  | { readonly kind: 'fingerprint'; readonly fingerprint: string }
  | undefined;

/**
 * The key for a new repository: the one that is asked for; else git's own (`user.signingKey` with `gpg.format` openpgp);
 * else the one of ours; else a new one.
 */
export async function obtainKey(
  keys: SigningKeys,
  {
    wanted,
    identity,
    passphrase,
  }: { wanted: WantedKey; identity: { name: string; email: string }; passphrase: boolean },
): Promise<UsableKey> {
  if (wanted?.kind === 'new') return makeKey(keys, { identity, passphrase });
  const git = await keys.gitSigning();
  if (wanted?.kind === 'gpg' && git.format !== 'openpgp') {
    throw new SnapshotError('config', `git signs with '${git.format}' here, and snapshots are signed with OpenPGP`, {
      hint: 'Name an OpenPGP key with --key FINGERPRINT, or make one with --key new.',
    });
  }
  if (wanted?.kind === 'gpg' || (wanted === undefined && git.format === 'openpgp' && git.key !== undefined)) {
    if (git.key === undefined) {
      throw new SnapshotError('config', 'git has no signing key', {
        hint: 'Set one with "git config --global user.signingKey KEY".',
      });
    }
    return gpgKey(keys, git.program, git.key);
  }
  const files = await listKeyFiles(keys.configDir);
  if (wanted?.kind === 'fingerprint') {
    const file = files.find((key) => key.endsWith(wanted.fingerprint.toUpperCase()));
    return file === undefined ? gpgKey(keys, git.program, wanted.fingerprint) : openKeyFile(keys, file);
  }
  const [only, ...others] = files;
  if (only === undefined) return makeKey(keys, { identity, passphrase });
  if (others.length === 0) return openKeyFile(keys, only);
  throw new SnapshotError('usage', `there are several keys in '${keys.configDir}/keys'`, {
    hint: `Choose one with --key: ${files.map((key) => key.slice('openpgp:'.length)).join(', ')}; or make another with --key new.`,
  });
}

async function openKeyFile(keys: SigningKeys, key: KeyId): Promise<UsableKey> {
  const { readSigningKey } = await import('./openpgp/openpgp-key.ts');
  const { OpenPgpSigner } = await import('./openpgp/openpgp-signer.ts');
  const file = keyFilePath(keys.configDir, key);
  const signingKey = await readSigningKey({
    armored: await loadKeyFile(keys.configDir, key),
    source: file,
    atSec: keys.nowSec(),
  });
  return {
    signer: new OpenPgpSigner({
      signingKey,
      nowSec: keys.nowSec,
      askPassphrase: (prompt) => keys.askPassphrase(prompt, { again: false }),
    }),
    publicKey: { key, armored: signingKey.armoredPublic },
    source: { kind: 'found', file },
  };
}

async function makeKey(
  keys: SigningKeys,
  { identity, passphrase }: { identity: { name: string; email: string }; passphrase: boolean },
): Promise<UsableKey> {
  const { generateSigningKey } = await import('./openpgp/openpgp-key.ts');
  const chosen = passphrase ? await keys.askPassphrase('Passphrase for the new signing key', { again: true }) : '';
  const made = await generateSigningKey({ ...identity, atSec: keys.nowSec(), passphrase: chosen });
  const file = await saveKeyFile(keys.configDir, made.key, made.armoredPrivate);
  const opened = await openKeyFile({ ...keys, askPassphrase: async () => chosen }, made.key);
  return { ...opened, publicKey: { key: made.key, armored: made.armoredPublic }, source: { kind: 'made', file } };
}

async function gpgKey(keys: SigningKeys, program: string, selector: string): Promise<UsableKey> {
  const { resolveGpgKey } = await import('./gpg/gpg-key.ts');
  const resolved = await resolveGpgKey({
    program,
    env: keys.env,
    timeoutMs: GPG_TIMEOUT_MS,
    selector: selector.replace(/!$/, ''),
    nowSec: keys.nowSec(),
  });
  return {
    signer: await gpgSigner(keys, program, resolved.key),
    publicKey: { key: resolved.key, armored: resolved.armored },
    source: { kind: 'gpg', file: undefined },
  };
}

async function gpgSigner(keys: SigningKeys, program: string, key: KeyId): Promise<Signer> {
  const { GpgSigner } = await import('./gpg/gpg-signer.ts');
  return new GpgSigner({ program, env: keys.env, timeoutMs: GPG_TIMEOUT_MS, key });
}

/** Undefined where there is no gpg program: then it has no key of ours either. */
async function ifGpgIsThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SnapshotError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
      return undefined;
    throw error;
  }
}

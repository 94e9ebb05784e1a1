import { SnapshotError } from '../core/errors.ts';
import { once } from '../core/once.ts';
import type { KeyId, PublicKey, Signer } from '../core/signing.ts';
import { keyFilePath, listKeyFiles, loadKeyFile, saveKeyFile } from './key-file.ts';

/** Where this user's private keys are, and how to open them. */
export interface SigningKeys {
  /** The user's directory for this program. */
  readonly configDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where paths of keys begin; the process's own directory unless it is given. */
  readonly cwd?: string;
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
  /** `gpg.ssh.program`, `ssh-keygen` where it is not set. */
  readonly sshProgram: string;
  /** `gpg.ssh.defaultKeyCommand`. Like the programs, never a repository's choice. */
  readonly sshDefaultKeyCommand: string | undefined;
}

/** A key that can sign, with its certificate. */
export interface UsableKey {
  readonly signer: Signer;
  readonly publicKey: PublicKey;
  readonly source: { readonly kind: 'made' | 'found' | 'gpg'; readonly file: string | undefined };
}

/**
 * The signer for one of these keys: with a private key in a file of ours, else with gpg or SSH, first with what git signs with.
 *
 * @throws {SnapshotError} if this user has none of them
 */
export async function findSigner(keys: SigningKeys, wanted: readonly PublicKey[]): Promise<Signer> {
  const files = new Set(await listKeyFiles(keys.configDir));
  const inFile = wanted.find(({ key }) => files.has(key));
  if (inFile !== undefined) return (await openKeyFile(keys, inFile.key)).signer;
  const known = { ...keys, gitSigning: once(keys.gitSigning) };
  const byGpg = async () => {
    const own = wanted.filter(({ key }) => key.startsWith('openpgp:'));
    return own.length === 0 ? undefined : (await import('./gpg/gpg-keys.ts')).findGpgSigner(known, own);
  };
  const bySsh = async () => {
    const own = wanted.filter(({ key }) => key.startsWith('ssh:'));
    return own.length === 0 ? undefined : (await import('./ssh/ssh-keys.ts')).findSshSigner(known, own);
  };
  const { format } = await known.gitSigning();
  const found = format === 'ssh' ? ((await bySsh()) ?? (await byGpg())) : ((await byGpg()) ?? (await bySsh()));
  if (found !== undefined) return found;
  throw new SnapshotError('untrusted', 'you have the private key of nobody in the policy', {
    hint: `Keys of the policy: ${wanted.map(({ key }) => key).join(', ')}. They are looked for in ${keys.configDir}/keys, with gpg, in the ssh-agent, and in ~/.ssh.`,
  });
}

/** How `init` may be told which key to use. */
export type WantedKey =
  | { readonly kind: 'new' | 'gpg' | 'ssh' }
  /** Also the path of a public SSH key. */
  | { readonly kind: 'fingerprint'; readonly fingerprint: string }
  | undefined;

/**
 * The key for a new repository: the one that is asked for; else git's own (`user.signingKey` with `gpg.format` openpgp or
 * ssh); else the one of ours; else a new one.
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
  const known = { ...keys, gitSigning: async () => git };
  const gitHasSshKey = git.format === 'ssh' && (git.key !== undefined || git.sshDefaultKeyCommand !== undefined);
  if (wanted?.kind === 'ssh' || (wanted === undefined && gitHasSshKey)) return sshKey(known, undefined);
  if (wanted?.kind === 'fingerprint' && namesSshKey(wanted.fingerprint)) return sshKey(known, wanted.fingerprint);
  if (wanted?.kind === 'gpg' && git.format !== 'openpgp') {
    throw new SnapshotError('config', `git signs with '${git.format}' here, and not with gpg`, {
      hint: 'Say --key ssh, name an OpenPGP key with --key FINGERPRINT, or make one with --key new.',
    });
  }
  if (wanted?.kind === 'gpg' || (wanted === undefined && git.format === 'openpgp' && git.key !== undefined)) {
    if (git.key === undefined) {
      throw new SnapshotError('config', 'git has no signing key', {
        hint: 'Set one with "git config --global user.signingKey KEY".',
      });
    }
    return gpgKey(known, git.key);
  }
  const files = await listKeyFiles(keys.configDir);
  if (wanted?.kind === 'fingerprint') {
    const file = files.find((key) => key.endsWith(wanted.fingerprint.toUpperCase()));
    return file === undefined ? gpgKey(known, wanted.fingerprint) : openKeyFile(keys, file);
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

async function gpgKey(keys: SigningKeys, selector: string): Promise<UsableKey> {
  return (await import('./gpg/gpg-keys.ts')).obtainGpgKey(keys, selector);
}

async function sshKey(keys: SigningKeys, selector: string | undefined): Promise<UsableKey> {
  return (await import('./ssh/ssh-keys.ts')).obtainSshKey(keys, selector);
}

/** Whether it is no selector of gpg's: a fingerprint of ssh-keygen's, a public key's line, or a path. */
function namesSshKey(selector: string): boolean {
  return /^(?:SHA256:|ssh:|ssh-|key::)|[/\\]|\.pub$/.test(selector);
}

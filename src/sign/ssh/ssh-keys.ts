import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { PublicKey, Signer } from '../../core/signing.ts';
import { encodeKeyLine } from '../../core/ssh/ssh-public-key.ts';
import type { GitSigning, SigningKeys, UsableKey } from '../signing-keys.ts';
import { gitSshKey, readKeySetting } from './git-ssh-key.ts';
import type { SshKeyFile } from './key-file.ts';
import { collectKeys, type OwnKey, type OwnKeys, SSH_TIMEOUT_MS } from './own-keys.ts';
import { type SshPublicKey, sshFingerprint } from './ssh-public-key.ts';

/**
 * The signer for the first of these keys that this user has: in the agent, set in git, or in `~/.ssh`.
 *
 * @returns undefined if there is no trace of any of them
 * @throws {SnapshotError} if only a public half is there, or the agent does not answer
 */
export async function findSshSigner(keys: SigningKeys, wanted: readonly PublicKey[]): Promise<Signer | undefined> {
  const git = await keys.gitSigning();
  const { gitKey, fault } = await tryGitKey(keys, git);
  const own = await collectKeys(keys, { git: gitKey, program: git.sshProgram });
  const found = wanted.map(({ key }) => own.keys.get(key)).find((key) => key !== undefined);
  if (found !== undefined) return signerFor(keys, git, found);
  if (fault !== undefined) throw fault;
  const locked = own.publicOnly.find(({ publicKey }) => wanted.some(({ key }) => key === publicKey.key));
  if (locked !== undefined) throw noPrivateHalf(locked.publicKey, own);
  return undefined;
}

/** A key that git cannot sign with matters only if there is no other. */
async function tryGitKey(
  keys: SigningKeys,
  git: GitSigning,
): Promise<{ gitKey: SshKeyFile | undefined; fault: SnapshotError | undefined }> {
  try {
    return { gitKey: await gitSshKey(keys, git), fault: undefined };
  } catch (error) {
    if (error instanceof SnapshotError) return { gitKey: undefined, fault: error };
    throw error;
  }
}

/**
 * The key for a new repository.
 *
 * @param selector - a fingerprint (`SHA256:…` or a key id), or a key as git's `user.signingKey` has it; undefined: git's
 * own, else the only one there is
 * @throws {SnapshotError} if there is none, or more than one to choose from, or its private half is not to be found
 */
export async function obtainSshKey(keys: SigningKeys, selector: string | undefined): Promise<UsableKey> {
  const git = await keys.gitSigning();
  const own = await collectKeys(keys, { git: await gitSshKey(keys, git), program: git.sshProgram });
  const publicKey = selector === undefined ? chooseKey(own) : await selectKey(keys, own, selector);
  const found = own.keys.get(publicKey.key) ?? (await ownKeyIn(keys, selector));
  if (found === undefined) throw noPrivateHalf(publicKey, own);
  return {
    signer: await signerFor(keys, git, found),
    publicKey: { key: publicKey.key, armored: encodeKeyLine(publicKey) },
    source: { kind: 'found', file: found.by.kind === 'agent' ? undefined : found.by.file },
  };
}

function chooseKey(own: OwnKeys): SshPublicKey {
  if (own.git !== undefined) return own.git.publicKey;
  const [only, ...others] = [...own.keys.values()];
  if (only !== undefined && others.length === 0) return only.publicKey;
  if (only === undefined) {
    throw (
      own.agentFault ??
      new SnapshotError('not-found', 'you have no SSH key', {
        hint: 'Make one with "ssh-keygen -t ed25519", or let this program make an OpenPGP key with --key new.',
      })
    );
  }
  const choices = [only, ...others].map(({ publicKey, comment }) => describe(publicKey, comment));
  throw new SnapshotError('usage', 'you have several SSH keys', {
    hint: `Choose one with --key: ${choices.join(', ')}.`,
  });
}

async function selectKey(keys: SigningKeys, own: OwnKeys, selector: string): Promise<SshPublicKey> {
  if (!isFingerprint(selector)) return (await readKeySetting(keys, selector)).publicKey;
  const all = [...own.keys.values(), ...own.publicOnly];
  const found = all.find(({ publicKey: { key } }) => key === selector || sshFingerprint(key) === selector);
  if (found !== undefined) return found.publicKey;
  throw new SnapshotError('not-found', `you have no SSH key '${selector}'`, {
    hint: `Keys are looked for in the ssh-agent, in user.signingKey, and in ~/.ssh/id_*.pub.${reasonOf(own)}`,
  });
}

/** The key in a file that is in no usual place. */
async function ownKeyIn(keys: SigningKeys, selector: string | undefined): Promise<OwnKey | undefined> {
  if (selector === undefined || isFingerprint(selector)) return undefined;
  const { privateFile, ...file } = await readKeySetting(keys, selector);
  return privateFile === undefined ? undefined : { ...file, by: { kind: 'program', file: privateFile } };
}

/** Whether that is an SSH key's fingerprint, in ssh-keygen's spelling or ours. */
function isFingerprint(selector: string): boolean {
  return /^(?:SHA256:[A-Za-z0-9+/]{43}|ssh:[0-9a-f]{64})$/.test(selector);
}

async function signerFor(
  keys: SigningKeys,
  git: GitSigning,
  { publicKey, needsPassphrase, by }: OwnKey,
): Promise<Signer> {
  if (by.kind === 'agent') {
    const { AgentSigner } = await import('./agent-signer.ts');
    return new AgentSigner({ agent: by.agent, publicKey });
  }
  const common = { publicKey, env: keys.env, timeoutMs: SSH_TIMEOUT_MS };
  if (needsPassphrase && by.file !== undefined && git.sshProgram === 'ssh-keygen') {
    const { PassphraseSigner } = await import('./passphrase-signer.ts');
    return new PassphraseSigner({ ...common, keyFile: by.file });
  }
  const { KeygenSigner } = await import('./keygen-signer.ts');
  return new KeygenSigner({ ...common, program: git.sshProgram, keyFile: by.file });
}

function noPrivateHalf(publicKey: SshPublicKey, own: OwnKeys): SnapshotError {
  return new SnapshotError('not-found', `the private key of '${sshFingerprint(publicKey.key)}' is not to be found`, {
    hint: `It is neither in the ssh-agent nor beside its public key: run "ssh-add" with its file.${reasonOf(own)}`,
    cause: own.agentFault,
  });
}

function reasonOf({ agentFault }: OwnKeys): string {
  return agentFault === undefined ? '' : ` Mind: ${agentFault.message}.`;
}

function describe({ key }: SshPublicKey, comment: ByteString): string {
  return comment === '' ? sshFingerprint(key) : `${sshFingerprint(key)} (${displayBytes(comment)})`;
}

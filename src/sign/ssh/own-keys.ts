import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SnapshotError } from '../../core/errors.ts';
import { FormatFault } from '../../core/openpgp/byte-reader.ts';
import type { KeyId } from '../../core/signing.ts';
import { codeOf, fileError } from '../private-file.ts';
import type { SigningKeys } from '../signing-keys.ts';
import { homeOf } from './git-ssh-key.ts';
import { readSshKeyFile, type SshKeyFile } from './key-file.ts';
import { listAgentKeys, NoAgentError, type SshAgent } from './ssh-agent.ts';
import { parseKeyBlob, type SshPublicKey } from './ssh-public-key.ts';

/** A person must have the time to type a passphrase, or to find the authenticator and touch it. */
export const SSH_TIMEOUT_MS = 5 * 60_000;

/** A key of this user's, and by what it signs. */
export interface OwnKey extends Omit<SshKeyFile, 'privateFile'> {
  readonly by:
    | { readonly kind: 'agent'; readonly agent: SshAgent }
    | { readonly kind: 'program'; file: string | undefined };
}

/** What is known of this user's keys. The same key can be in several places: the first one counts. */
export interface OwnKeys {
  readonly keys: ReadonlyMap<KeyId, OwnKey>;
  /** Keys of which only the public half was found. */
  readonly publicOnly: readonly SshKeyFile[];
  readonly git: SshKeyFile | undefined;
  /** Why there is no agent to ask. */
  readonly agentFault: SnapshotError | undefined;
}

/**
 * Finds this user's keys: in the agent, in git's setting, and in `~/.ssh`.
 *
 * @param options.git - the key that git signs with, if it signs with SSH
 * @param options.program - what signs with key files
 */
export async function collectKeys(
  keys: SigningKeys,
  { git, program }: { git: SshKeyFile | undefined; program: string },
): Promise<OwnKeys> {
  const found = new Map<KeyId, OwnKey>();
  const publicOnly: SshKeyFile[] = [];
  // A program of the user's choice knows where the key is; ssh-keygen would only ask the agent.
  if (git !== undefined && program !== 'ssh-keygen') {
    found.set(git.publicKey.key, { ...git, by: { kind: 'program', file: git.privateFile } });
  }
  const { agentKeys, agentFault } = await askAgent(keys.env);
  for (const key of agentKeys) if (!found.has(key.publicKey.key)) found.set(key.publicKey.key, key);
  for (const file of [...(git === undefined ? [] : [git]), ...(await homeKeys(keys.env))]) {
    const { privateFile, publicKey } = file;
    if (found.has(publicKey.key)) continue;
    if (privateFile === undefined) publicOnly.push(file);
    else found.set(publicKey.key, { ...file, by: { kind: 'program', file: privateFile } });
  }
  return { keys: found, publicOnly, git, agentFault };
}

async function askAgent(
  env: NodeJS.ProcessEnv,
): Promise<{ agentKeys: OwnKey[]; agentFault: SnapshotError | undefined }> {
  const socket = env['SSH_AUTH_SOCK'];
  if (socket === undefined || socket === '') return { agentKeys: [], agentFault: undefined };
  const agent = { socket, timeoutMs: SSH_TIMEOUT_MS };
  try {
    const agentKeys = (await listAgentKeys(agent)).flatMap(({ blob, comment }) => {
      const publicKey = supportedKey(blob);
      return publicKey === undefined
        ? []
        : [{ publicKey, comment, needsPassphrase: false, by: { kind: 'agent' as const, agent } }];
    });
    return { agentKeys, agentFault: undefined };
  } catch (error) {
    // A variable that outlived its agent: the key may be elsewhere.
    if (error instanceof NoAgentError) return { agentKeys: [], agentFault: error };
    throw error;
  }
}

/** Agents hold certificates and old keys too. */
function supportedKey(blob: Uint8Array): SshPublicKey | undefined {
  try {
    return parseKeyBlob(blob);
  } catch (error) {
    if (error instanceof FormatFault) return undefined;
    throw error;
  }
}

/** The keys in `~/.ssh` that ssh itself would try. What is there and cannot be used is passed over. */
async function homeKeys(env: NodeJS.ProcessEnv): Promise<SshKeyFile[]> {
  const directory = join(homeOf(env), '.ssh');
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw fileError('read', directory, error);
  }
  const files: SshKeyFile[] = [];
  for (const name of names.filter((name) => /^id_.*\.pub$/.test(name)).toSorted()) {
    try {
      const file = await readSshKeyFile(join(directory, name));
      if (file !== undefined) files.push(file);
    } catch (error) {
      if (!(error instanceof SnapshotError && error.kind === 'config')) throw error;
    }
  }
  return files;
}

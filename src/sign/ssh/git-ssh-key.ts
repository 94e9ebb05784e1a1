import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { displayBytes, utf8Encode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { FormatFault } from '../../core/openpgp/byte-reader.ts';
import type { GitSigning, SigningKeys } from '../signing-keys.ts';
import { readSshKeyFile, type SshKeyFile } from './key-file.ts';
import { runProgram } from './run-program.ts';
import { parseKeyLine } from './ssh-public-key.ts';

/** It may have to reach an agent on another machine, but asks for nothing. */
const KEY_COMMAND_TIMEOUT_MS = 60_000;

/**
 * The SSH key that git signs with: `user.signingKey`, or what `gpg.ssh.defaultKeyCommand` names first.
 *
 * @returns undefined if git signs otherwise, or no key is set
 * @throws {SnapshotError} if the setting means no key
 */
export async function gitSshKey(keys: SigningKeys, git: GitSigning): Promise<SshKeyFile | undefined> {
  if (git.format !== 'ssh') return undefined;
  if (git.key !== undefined && git.key !== '') return readKeySetting(keys, git.key);
  if (git.sshDefaultKeyCommand === undefined) return undefined;
  const [program, ...args] = splitWords(git.sshDefaultKeyCommand);
  if (program === undefined) return undefined;
  const result = await runProgram({ program, env: keys.env, timeoutMs: KEY_COMMAND_TIMEOUT_MS }, args);
  const [line = ''] = result.stdout.split('\n');
  if (result.exitCode === 0 && isLiteral(line)) return readLiteral(line);
  throw new SnapshotError(
    'config',
    `gpg.ssh.defaultKeyCommand names no key: '${program}' ended with ${result.exitCode}`,
    {
      hint: 'It must print the line of a public key; set user.signingKey otherwise.',
    },
  );
}

/**
 * Reads a key as git's `user.signingKey` has it: a path, or the line of a public key, perhaps after `key::`.
 *
 * @throws {SnapshotError} if there is no such key
 */
export async function readKeySetting(keys: SigningKeys, setting: string): Promise<SshKeyFile> {
  if (isLiteral(setting)) return readLiteral(setting);
  const path = setting.startsWith('~/') ? join(homeOf(keys.env), setting.slice(2)) : setting;
  const found = await readSshKeyFile(resolve(keys.cwd ?? '.', path));
  if (found !== undefined) return found;
  throw new SnapshotError('not-found', `there is no key file '${displayBytes(utf8Encode(setting.toWellFormed()))}'`, {
    hint: 'Name a file with a public key, or "key::" and the line in it.',
  });
}

/** The user's home directory. */
export function homeOf(env: NodeJS.ProcessEnv): string {
  return env['HOME'] ?? homedir();
}

/** Whether git takes it for a key, and not for a path. */
function isLiteral(setting: string): boolean {
  return setting.startsWith('key::') || setting.startsWith('ssh-');
}

function readLiteral(setting: string): SshKeyFile {
  try {
    const { publicKey, comment } = parseKeyLine(Buffer.from(setting.replace(/^key::/, '').trim()).toString('latin1'));
    return { publicKey, comment, privateFile: undefined, needsPassphrase: false };
  } catch (error) {
    if (!(error instanceof FormatFault)) throw error;
    throw new SnapshotError('config', `git's signing key cannot be used: ${error.message}`, {
      hint: 'Set user.signingKey to a path, or to "key::" and the line of a public key.',
      cause: error,
    });
  }
}

/** Splits a command at blanks, with quotes and backslashes as git reads them. No shell is involved. */
export function splitWords(command: string): string[] {
  const words = command.match(/(?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+/g) ?? [];
  return words.map((word) =>
    word.replace(
      /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g,
      (_, single?: string, double?: string, one?: string) =>
        single ?? double?.replace(/\\([\s\S])/g, '$1') ?? one ?? '',
    ),
  );
}

import { utf8Decode } from '../core/byte-string.ts';
import { SnapshotError } from '../core/errors.ts';
import type { Durability } from './git-store.ts';
import { DURABLE } from './git-store.ts';
import type { Repository } from './open-repository.ts';
import { describeStderr, runGit } from './run-git.ts';

/** All values of all keys, as git sees them: keys as git normalizes them, values in order, the last one counts. */
export type GitConfig = ReadonlyMap<string, readonly string[]>;

/** Reads the whole configuration of git, all files together. A key without `=` has the value `true`. */
export async function readConfig(repository: Repository): Promise<GitConfig> {
  const { stdout } = await runGit(repository.place, ['config', '-z', '--list']);
  const config = new Map<string, string[]>();
  for (const item of stdout.toString('utf8').split('\0')) {
    if (item === '') continue;
    const keyEnd = item.indexOf('\n');
    const key = keyEnd === -1 ? item : item.slice(0, keyEnd);
    const value = keyEnd === -1 ? 'true' : item.slice(keyEnd + 1);
    const values = config.get(key);
    if (values === undefined) config.set(key, [value]);
    else values.push(value);
  }
  return config;
}

/**
 * How durable writes are to be by git's configuration: everything, unless the user's `core.fsync` says otherwise. Where it says `none`, our
 * objects are not synced either.
 */
export function durabilityOf(config: GitConfig): Durability {
  const value = config.get('core.fsync')?.at(-1);
  return value === undefined ? DURABLE : { fsync: value.trim() !== 'none', coreFsync: null };
}

/** What git takes as it is, without the trimming that it does to names and addresses. */
const PLAIN_NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N} ._'-]*[\p{L}\p{N}])?$/u;
const PLAIN_EMAIL = /^[A-Za-z0-9](?:[A-Za-z0-9.+_-]*[A-Za-z0-9])?@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/**
 * Who is at work, as git would say. Where the environment or the configuration tell it plainly, git is not asked.
 *
 * @throws {SnapshotError} of kind `config` if git does not know, or the name is not UTF-8
 */
export async function committerIdentity(
  repository: Repository,
  config: GitConfig,
): Promise<{ name: string; email: string }> {
  const { env } = repository.place;
  const last = (key: string) => config.get(key)?.at(-1);
  const name = env['GIT_COMMITTER_NAME'] ?? last('committer.name') ?? last('user.name') ?? '';
  const email = env['GIT_COMMITTER_EMAIL'] ?? last('committer.email') ?? last('user.email') ?? '';
  return PLAIN_NAME.test(name) && PLAIN_EMAIL.test(email) ? { name, email } : askWho(repository);
}

async function askWho(repository: Repository): Promise<{ name: string; email: string }> {
  const { code, stdout, stderr } = await runGit(repository.place, ['var', 'GIT_COMMITTER_IDENT'], {
    okCodes: [0, 128],
  });
  const text = utf8Decode(stdout.toString('latin1'));
  const [, name, email] = /^(.*) <([^<>\n]*)> \d+ [+-]\d{4}\n$/.exec(text ?? '') ?? [];
  if (code === 0 && name !== undefined && email !== undefined) return { name, email };
  throw new SnapshotError(
    'config',
    code === 0 ? 'your name or email in git is not UTF-8' : 'git does not know who you are',
    {
      hint: 'Run "git config --global user.name NAME" and "git config --global user.email EMAIL".',
      cause: new Error(describeStderr(stderr)),
    },
  );
}

/** What git's configuration says of signing. */
export interface GitSigningConfig {
  readonly format: string;
  readonly key: string | undefined;
  readonly program: string;
  readonly sshProgram: string;
  readonly sshDefaultKeyCommand: string | undefined;
}

/** Scopes of git's configuration that are not a repository's. */
const OWN_SCOPES: ReadonlySet<string> = new Set(['system', 'global', 'command']);

/**
 * Reads git's signing setup. The key and the format may be the repository's, as they may be for git. The programs are
 * those of the user or the machine: who can write to a repository must not choose what runs here.
 */
export async function readGitSigning(repository: Repository): Promise<GitSigningConfig> {
  const { stdout } = await runGit(repository.place, ['config', '-z', '--show-scope', '--list']);
  const fields = stdout.toString('utf8').split('\0');
  const config = new Map<string, string>();
  const trusted = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [key = '', ...value] = (fields[i + 1] ?? '').split('\n');
    config.set(key, value.join('\n'));
    if (OWN_SCOPES.has(fields[i] ?? '')) trusted.set(key, value.join('\n'));
  }
  return {
    format: config.get('gpg.format') ?? 'openpgp',
    key: config.get('user.signingkey'),
    program: trusted.get('gpg.openpgp.program') ?? trusted.get('gpg.program') ?? 'gpg',
    sshProgram: trusted.get('gpg.ssh.program') ?? 'ssh-keygen',
    sshDefaultKeyCommand: trusted.get('gpg.ssh.defaultkeycommand'),
  };
}

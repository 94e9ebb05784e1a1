import { escapeText } from '../../core/byte-string.ts';
import { type ErrorKind, SnapshotError } from '../../core/errors.ts';
import type { RemoteEnd } from './run-remote.ts';

interface Known {
  readonly pattern: RegExp;
  readonly kind: ErrorKind;
  /** `@` stands for the remote. */
  readonly message: string;
  readonly hint: string;
}

// The first that fits. Git's own words are always English here; ssh's and servers' are mostly so.
const KNOWN: readonly Known[] = [
  {
    pattern: /does not support --atomic|atomic push (?:is )?not supported/,
    kind: 'config',
    message: 'the server of @ cannot take several refs at once or none',
    hint: 'Use a server that can: every git since 2.4 does.',
  },
  {
    pattern: /ref updates aborted by hook/,
    kind: 'untrusted',
    message: 'the hook reference-transaction refused it, here or at @',
    hint: 'Nothing was changed. See what it asks for.',
  },
  {
    pattern: /^(?!remote: ).*Unable to create '.*\.lock': File exists/m,
    kind: 'conflict',
    message: 'another git holds a lock here',
    hint: 'Run the command again when it has ended. If none is running here, one died: remove that file.',
  },
  {
    // Before what git makes of it: "index-pack failed", as if the other side were to blame.
    pattern:
      /^(?!remote: ).*(?:No space left on device|Input\/output error|Read-only file system|Disk quota exceeded|[Uu]nable to (?:write|create|append) |couldn't (?:set|write|close) )/m,
    kind: 'git',
    message: 'git could not write here',
    hint: 'Is the disk full, or the repository not to be written to? Once that is mended, run the command again.',
  },
  {
    pattern: /Host key verification failed/,
    kind: 'config',
    message: 'the host key of @ is not known, or is another than before',
    hint: 'Connect with ssh once and check the key that it shows.',
  },
  {
    pattern:
      /repository '.*' not found|returned error: 404|repository .*does not exist|not exported|no such repository|Repository not found/i,
    kind: 'not-found',
    message: 'there is no repository at @, or you may not see it',
    hint: 'Check its address with "git remote -v".',
  },
  {
    pattern:
      /Authentication failed|Permission denied|could not read (?:Username|Password)|terminal prompts disabled|returned error: 40[13]|HTTP 40[13]|Access denied/i,
    kind: 'config',
    message: '@ does not let you in',
    hint: 'Check your key or password for it, and that you may read and push there.',
  },
  {
    pattern: /couldn't find remote ref/i,
    kind: 'not-found',
    message: '@ has no such ref',
    hint: 'See what it has with "git ls-remote".',
  },
  {
    pattern: /does not appear to be a git repository/,
    kind: 'not-found',
    message: 'there is no git repository at @',
    hint: 'Check its address with "git remote -v".',
  },
  {
    pattern:
      /fsck error|badTree|missingEmail|index-pack failed|unpack-objects error|pack has bad object|did not send all/i,
    kind: 'untrusted',
    message: 'what @ sent is damaged, or is not what git allows',
    hint: 'Run "git fsck --strict" in that repository.',
  },
  {
    pattern:
      /Could not resolve host|unable to connect|Connection (?:refused|timed out|reset|closed)|Couldn't connect|Failed to connect|No route to host|Network is unreachable|unable to look up|Could not read from remote repository|unable to access|hung up unexpectedly|early EOF|RPC failed/i,
    kind: 'git',
    message: '@ cannot be reached',
    hint: 'Check the network and its address ("git remote -v"), then run the command again.',
  },
  {
    pattern: /\[rejected\]/,
    kind: 'conflict',
    message: 'refs of @ went back or elsewhere, and were not taken',
    hint: 'Run the command again; if that does not help, ask who pushed there.',
  },
];

/** A command to a remote that failed as a whole: what people can make of it, with git's words as the cause. */
export function remoteFailure(
  { code, words }: RemoteEnd,
  { remote, action, isNamed }: { remote: string; action: string; isNamed: boolean },
): SnapshotError {
  const lines = [...words.own, ...words.said.map((line) => `remote: ${line}`)].map(withoutPassword);
  const text = lines.join('\n');
  const cause = new Error(escapeText(text.slice(0, 4000)));
  const shown = `'${escapeText(withoutPassword(remote))}'`;
  const isWord = /^[^/:\\.]+$/.test(remote);
  if (!isNamed && isWord && /does not appear to be a git repository/.test(text)) {
    return new SnapshotError('not-found', `there is no remote ${shown}`, {
      hint: 'Run "git remote -v" to see which there are.',
      cause,
    });
  }
  const known = KNOWN.find(({ pattern }) => pattern.test(text));
  const detail = telling(lines);
  const said = detail === undefined ? '' : `: ${escapeText(detail)}`;
  if (known !== undefined) {
    const message = `cannot ${action}: ${known.message.replace('@', () => shown)}${said}`;
    return new SnapshotError(known.kind, message, { hint: known.hint, cause });
  }
  const how = typeof code === 'number' ? `exit code ${code}` : `ended by ${code}`;
  return new SnapshotError('git', `cannot ${action}: git failed with ${shown} (${how})${said}`, {
    hint: 'Mend what git says, and run the command again; "git fsck" tells whether this repository is whole.',
    cause,
  });
}

/** The line that says most: git's last words are often advice that fits everything. */
function telling(lines: readonly string[]): string | undefined {
  const isAdvice = (line: string) =>
    /^(?:fatal: Could not read from remote|Please make sure|and the repository exists|error: failed to push)/.test(
      line,
    );
  const useful = lines.filter((line) => !isAdvice(line));
  const found = useful.find((line) => /^(?:fatal|error|ERROR): /.test(line)) ?? useful.at(-1);
  return found?.replace(/^(?:fatal|error): /, '').slice(0, 500);
}

/** An address without the name and password that may stand in it. */
function withoutPassword(text: string): string {
  return text.replace(/(\w:\/\/)[^/@\s']*@/g, '$1');
}

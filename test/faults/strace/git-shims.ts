import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Variables that tell the shims what to do. */
export interface ShimOrders {
  /** An empty directory, for traces and for who was first. */
  readonly FAULTS_LOG: string;
  /** `all`, or one git, such as `update-ref.2`: the second git of a run with that command. */
  readonly FAULTS_TRACED: string;
  /** Options of strace for it. */
  readonly FAULTS_STRACE: string;
  /** `group`: when the git is killed, the program and every other process of the run are as well. */
  readonly FAULTS_KILLS: 'group' | 'git';
}

// Exit codes above 128 are those of a git that a signal ended. 'true' is no special builtin: if it cannot make the file, the shell goes on.
const shim = ({ git, sync, core }: Record<'git' | 'sync' | 'core', string>) => `#!/bin/sh
case \${0##*/} in
sync) program='${sync}' name=sync ;;
git)
	program='${git}'
	name=none skip=
	for word do
		if [ "$skip" ]; then skip=; continue; fi
		case $word in
		-c | -C) skip=1 ;;
		-*) ;;
		*) name=$word; break ;;
		esac
	done ;;
*)
	program='${core}'/\${0##*/}
	name=\${0##*/git-} ;;
esac
set -C
n=1
until { true >"$FAULTS_LOG/$name.$n"; } 2>/dev/null; do n=$((n + 1)); done
case $FAULTS_TRACED in
all | "$name.$n") ;;
*) exec "$program" "$@" ;;
esac
if [ "$FAULTS_KILLS" = git ]; then exec strace -o "$FAULTS_LOG/$name.$n" $FAULTS_STRACE "$program" "$@"; fi
strace -o "$FAULTS_LOG/$name.$n" $FAULTS_STRACE "$program" "$@"
code=$?
if [ $code -gt 128 ] && grep -q '^+++ killed by SIGKILL' "$FAULTS_LOG/$name.$n"; then kill -KILL 0; fi
exit $code
`;

/** Programs that git starts by these names of their own. All others it starts as `git COMMAND`. */
const BY_NAME = ['git-receive-pack', 'git-upload-pack', 'git-upload-archive'];

/**
 * Puts a shell script in the place of git, of each one that the program starts and that those start, and of sync.
 *
 * strace counts the calls of each thread for itself, so to fail one call of one process, only that process may be traced.
 *
 * @param dir - does not exist yet
 * @returns variables for the environment of the run
 */
export function installShims(dir: string): Readonly<Record<'PATH' | 'GIT_EXEC_PATH', string>> {
  const text = (...words: string[]) => execFileSync(words[0] ?? '', words.slice(1), { encoding: 'utf8' }).trim();
  const core = text('git', '--exec-path');
  const [git, sync] = [text('sh', '-c', 'command -v git'), text('sh', '-c', 'command -v sync')];
  const [path, execPath] = [join(dir, 'path'), join(dir, 'core')];
  for (const made of [path, execPath]) mkdirSync(made, { recursive: true });
  const script = join(dir, 'shim');
  writeFileSync(script, shim({ git, sync, core }), { mode: 0o755 });
  const shims = new Set(['git', ...BY_NAME]);
  for (const name of new Set([...readdirSync(core), ...shims]))
    symlinkSync(shims.has(name) ? script : join(core, name), join(execPath, name));
  for (const name of ['git', 'sync']) symlinkSync(script, join(path, name));
  return { PATH: `${path}:${process.env['PATH'] ?? ''}`, GIT_EXEC_PATH: execPath };
}

import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ByteString } from '../../core/byte-string.ts';
import { isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';

/** A process, so that the next one with its number is told from it: `pid` and when it started. */
export type ProcessKey = string;

/**
 * ext, xfs, btrfs, tmpfs, overlayfs, zfs, f2fs and bcachefs, as statfs(2) numbers them. On any other, processes of other machines
 * may be at work as well.
 */
const LOCAL_FILE_SYSTEMS = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0xca451a4e,
]);
/** These only read, or wait for us. */
const HOLD_NO_LOCK = new Set(['cat-file', 'snapshot', 'rollback']);

/**
 * The processes that may hold one of these lock files of a repository: who has it open, and each git that is not certainly at
 * work elsewhere, since a git closes its locks long before it removes them.
 *
 * What was there before the call and is not among them does not hold one. Undefined where that cannot be told: on other systems
 * than Linux, on network file systems, and where processes of others are hidden.
 */
export function possibleHolders(commonDir: ByteString, files: readonly ByteString[]): Set<ProcessKey> | undefined {
  try {
    if (process.platform !== 'linux' || !LOCAL_FILE_SYSTEMS.has(statfsSync(fsPath(commonDir)).type)) return undefined;
    // With hidepid=2, only processes of one's own are listed.
    if (keyOf('1') === undefined) return undefined;
    const gitDir = realpathSync(fsPath(commonDir), 'latin1');
    const locks = new Set(files.flatMap((file) => inodeOf(fsPath(file)) ?? []));
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
    return new Set(pids.flatMap((pid) => (mayHold(pid, { gitDir, locks }) ? (keyOf(pid) ?? []) : [])));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** Whether it is still there. */
export function isThere(key: ProcessKey): boolean {
  return keyOf(key.slice(0, key.indexOf(' '))) === key;
}

/** Undefined for a process that ended. */
function keyOf(pid: string): ProcessKey | undefined {
  const fields = statOf(pid);
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${pid} ${fields[19]}`;
}

/** The fields after the program's name: proc(5). */
function statOf(pid: string): string[] | undefined {
  const text = readOf(pid, 'stat');
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function mayHold(pid: string, { gitDir, locks }: { gitDir: string; locks: ReadonlySet<string> }): boolean {
  if (opens(pid, locks)) return true;
  if (!(readOf(pid, 'comm') ?? '').startsWith('git')) return false;
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
    if (HOLD_NO_LOCK.has(commandOf(args))) return false;
    if (args.some((arg) => arg.startsWith('--git-dir') || arg === '--bare')) return true;
    const env = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    if (env.some((variable) => variable.startsWith('GIT_COMMON_DIR='))) return true;
    const cwd = readlinkSync(`/proc/${pid}/cwd`, 'latin1');
    const given = env.find((variable) => variable.startsWith('GIT_DIR='))?.slice('GIT_DIR='.length);
    return !isElsewhere(given === undefined ? gitDirAbove(cwd) : resolve(cwd, given), gitDir);
  } catch (error) {
    // One that ended meanwhile has no files any more; those of other people cannot be read.
    if (isSystemError(error)) return keyOf(pid) !== undefined;
    throw error;
  }
}

/** Of other people's processes this cannot be told. */
function opens(pid: string, locks: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => locks.has(inodeOf(`/proc/${pid}/fd/${fd}`) ?? ''));
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

function inodeOf(path: string | Buffer): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat && `${stat.dev}:${stat.ino}`;
}

/** Of `git -c name=value command …`. */
function commandOf(args: readonly string[]): string {
  let at = 1;
  while (args[at] === '-c') at += 2;
  return args[at] ?? '';
}

/** Where a git in this directory, one that was told nothing, finds its repository. Paths are latin1, as bytes. */
function gitDirAbove(directory: string): string | undefined {
  const found = [`${directory}/.git`, directory].find((dir) =>
    dir.endsWith('/.git') ? isThereAt(dir) : isGitDir(dir),
  );
  if (found !== undefined) return found;
  return directory === '/' ? undefined : gitDirAbove(dirname(directory));
}

const isThereAt = (path: string) => existsSync(Buffer.from(path, 'latin1'));
const isGitDir = (path: string) => ['HEAD', 'objects', 'refs'].every((name) => isThereAt(`${path}/${name}`));

/** A file `.git`, and a directory with the file `commondir`, lead on to where we do not follow. */
function isElsewhere(gitDir: string | undefined, ours: string): boolean {
  if (gitDir === undefined || !isGitDir(gitDir) || isThereAt(`${gitDir}/commondir`)) return false;
  return realpathSync(Buffer.from(gitDir, 'latin1'), 'latin1') !== ours;
}

function readOf(pid: string, name: 'stat' | 'comm'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

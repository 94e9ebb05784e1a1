import { readdirSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { type BytePath, DIRECTORY, fileType, SYMLINK } from '../../core/entry.ts';
import { SnapshotError } from '../../core/errors.ts';
import { MAX_ENTRIES, MAX_PATH_BYTES, MAX_PATH_DEPTH, refuseEntryName } from '../../core/paths.ts';
import { STAGING_PREFIX } from '../../core/rollback/port.ts';
import { IGNORE_FILE } from '../../core/snapshot/ignore-file.ts';
import { systemReason } from '../../core/system-reason.ts';
import type { ExcludedPath, FileStat, ScannedEntry } from '../../core/workdir.ts';
import { errorCode, isGone, lstatIfThere } from '../file-stat.ts';
import { childPath, nativePath, pathBelow } from '../native-path.ts';
import { entryMode, refuseLink, refuseType } from './entry-type.ts';
import { findExclusion, type IgnoreRules } from './ignore-rules.ts';
import type { Refusals } from './refusals.ts';

/** What a walk has found so far. */
export interface Findings {
  readonly entries: ScannedEntry[];
  /** Every directory that was read, with its stat from before it was read. */
  readonly directories: Map<BytePath, FileStat>;
  readonly excluded: ExcludedPath[];
}

/** What a walk goes by. */
export interface WalkOptions {
  readonly root: ByteString;
  readonly rules: IgnoreRules;
  readonly refusals: Refusals;
  readonly allowOutsideLinks: boolean;
  /** Directories that are not entered: the caller knows what is in them. */
  readonly skip?: (directory: BytePath) => boolean;
  /** The file or link at a path, if it is certainly as it was when it was taken into a snapshot. */
  readonly standing?: (path: BytePath) => ScannedEntry | undefined;
  readonly maxEntries?: number;
}

interface OpenDirectory {
  readonly path: BytePath;
  readonly depth: number;
  readonly stat: FileStat;
}

/**
 * Reads a directory and, but for what is to be skipped, all directories below it. Never follows a link.
 *
 * Synchronous calls throughout: a hundred thousand awaited ones cost several times as much.
 *
 * @param start - a directory that is not excluded, and its stat
 */
export function walk(start: { path: BytePath; stat: FileStat }, found: Findings, options: WalkOptions): void {
  const open: OpenDirectory[] = [{ ...start, depth: start.path === '' ? 0 : start.path.split('/').length }];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    // The last is taken first.
    for (const child of readDirectory(directory, found, options).reverse()) open.push(child);
    checkCount(found, options.maxEntries ?? MAX_ENTRIES);
  }
}

/** Finds the entries of one directory; returns the directories in it that are to be read. */
function readDirectory(directory: OpenDirectory, found: Findings, options: WalkOptions): OpenDirectory[] {
  const names = listNames(directory.path, options);
  if (names === undefined) return [];
  found.directories.set(directory.path, directory.stat);
  if (names.length === 0) {
    // The root of an empty set is a set with no entries.
    if (directory.path !== '') found.entries.push(unknownEntry(directory.path, directory.stat));
    return [];
  }
  // A directory in which every name is excluded is no entry either: it is not empty, so a manifest that said so would
  // be untrue, and putting the snapshot back leaves excluded files, and with them their directory, where they are.
  const rules = options.rules.in(directory.path);
  const children: OpenDirectory[] = [];
  for (const name of names) {
    const path = childPath(directory.path, name);
    // Where a rollback can stage nowhere else, what it stages and keeps stands here while it is under way.
    if (directory.path === '' && name.startsWith(STAGING_PREFIX)) {
      found.excluded.push({ path, directory: true, pattern: `${STAGING_PREFIX}*`, source: 'git-snapshot itself' });
      continue;
    }
    const standing = options.standing?.(path);
    const entry = standing ?? examine(path, directory.depth + 1, options);
    if (entry === undefined) continue;
    const { mode } = entry;
    const isDirectory = fileType(mode) === DIRECTORY;
    // The rules in force are part of the snapshot, so no rule leaves out a file of rules.
    const excluded = name === IGNORE_FILE ? undefined : findExclusion(rules, path, isDirectory);
    if (excluded !== undefined) {
      found.excluded.push(excluded);
      continue;
    }
    const reason = standing === undefined ? refuseEntry(entry, name, options) : undefined;
    if (reason !== undefined) options.refusals.add(path, reason);
    else if (!isDirectory) found.entries.push(entry);
    else if (options.skip?.(path) !== true) children.push({ path, depth: directory.depth + 1, stat: entry.stat });
  }
  return children;
}

function checkCount(found: Findings, maxEntries: number): void {
  if (found.entries.length + found.directories.size <= maxEntries) return;
  throw new SnapshotError('config', `more than ${maxEntries} files and directories`, {
    hint: "Leave out what is no artifact with '.snapshotignore'.",
  });
}

function refuseEntry({ path, mode }: ScannedEntry, name: ByteString, options: WalkOptions): string | undefined {
  return refuseEntryName(name, mode) ?? refuseType(mode) ?? refuseOutsideLink(path, mode, options);
}

function refuseOutsideLink(path: BytePath, mode: number, options: WalkOptions): string | undefined {
  if (options.allowOutsideLinks || fileType(mode) !== SYMLINK) return undefined;
  try {
    return refuseLink(options.root, path);
  } catch (error) {
    // Gone or replaced since: whoever reads the content finds that out, and says so.
    if (isGone(error) || errorCode(error) === 'EINVAL') return undefined;
    throw error;
  }
}

/** What is at `path`; undefined for what is gone by now, and for what is refused whatever it may be. */
function examine(path: BytePath, depth: number, { root, refusals }: WalkOptions): ScannedEntry | undefined {
  if (path.length > MAX_PATH_BYTES || depth > MAX_PATH_DEPTH) {
    const reason = depth > MAX_PATH_DEPTH ? `a path of more than ${MAX_PATH_DEPTH} names` : 'a path that is too long';
    refusals.add(path, reason);
    return undefined;
  }
  try {
    const stat = lstatIfThere(nativePath(pathBelow(root, path)));
    return stat && unknownEntry(path, stat);
  } catch (error) {
    refuseUnreadable(refusals, path, { error, what: 'a file' });
    return undefined;
  }
}

/** An entry of which nobody knows the content yet. */
export function unknownEntry(path: BytePath, stat: FileStat): ScannedEntry {
  return { path, mode: entryMode(stat), stat, known: undefined };
}

/** The names in a directory as bytes, sorted; undefined if it is gone or cannot be read. */
function listNames(path: BytePath, { root, refusals }: WalkOptions): ByteString[] | undefined {
  try {
    // Sorted here, where they are few and short, the entries of all directories need hardly be sorted any more.
    return readdirSync(nativePath(pathBelow(root, path)), 'latin1').sort();
  } catch (error) {
    if (!isGone(error)) refuseUnreadable(refusals, path, { error, what: 'a directory' });
    return undefined;
  }
}

/** @throws what is no error of the system */
function refuseUnreadable(
  refusals: Refusals,
  path: BytePath,
  { error, what }: { readonly error: unknown; readonly what: string },
): void {
  const code = errorCode(error);
  if (code === undefined) throw error;
  if (code === 'ENAMETOOLONG') refusals.add(path, 'a path that is too long');
  else refusals.addUnreadable(path, `${what} that cannot be read (${systemReason(code)})`);
}

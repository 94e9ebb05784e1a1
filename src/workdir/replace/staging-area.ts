import { mkdirSync, renameSync } from 'node:fs';
import { type ByteString, displayBytes, percentDecode, percentEncode } from '../../core/byte-string.ts';
import { SnapshotError } from '../../core/errors.ts';
import { readJsonObject } from '../../core/json-object.ts';
import { STAGING_PREFIX } from '../../core/rollback/port.ts';
import {
  at,
  dirOf,
  isDirectory,
  isSystemError,
  lstat,
  readIfThere,
  removeDurably,
  removeIfEmpty,
  removeIfThere,
  sync,
  unfinishedName,
  writeDurably,
} from './disk.ts';
import { removeTree } from './remove-tree.ts';

/** Where things are. All absolute. */
export interface Places {
  readonly set: string;
  /** The set's directory. */
  readonly root: ByteString;
  /** `<git directory>/snapshot`. */
  readonly home: ByteString;
  /** Called before each move of the way forth, before the old state is forgotten, and in between: for who stops a rollback there. */
  readonly onMove?: (() => void) | undefined;
}

/** Says, before a staging area is made, where it will be, so that it can be found after a crash. */
interface Intent {
  readonly staging: ByteString;
  /** A directory that was moved into the set to see whether that can be done. */
  readonly probe: ByteString;
}

export function journalFile({ home, set }: Places): ByteString {
  return `${home}/replace/${set}.journal`;
}

function intentFile({ home, set }: Places): ByteString {
  return `${home}/replace/${set}.intent`;
}

/**
 * Makes an empty staging area from which things can be renamed into the set's directory: in the git directory if that
 * is on the same file system, else beside the set's directory, else in it.
 *
 * Device numbers do not tell: a bind mount has the same one, and refuses renames all the same. So it is tried.
 *
 * @throws {SnapshotError} of kind `conflict` if none of these can be
 */
export function makeStagingArea(places: Places, operation: string): ByteString {
  const { root, home, set } = places;
  const into = nearestDirectory(root);
  const probe = `${into}/${STAGING_PREFIX}${operation}-probe`;
  const candidates = [
    `${home}/replace/${set}.staging`,
    `${nearestDirectory(dirOf(root))}/${STAGING_PREFIX}${set}-${operation}`,
  ];
  if (into === root) candidates.push(`${root}/${STAGING_PREFIX}${operation}`);

  for (const staging of candidates) {
    recordIntent(places, { staging, probe });
    try {
      mkdirSync(at(staging), 0o700);
      mkdirSync(at(`${staging}/probe`), 0o700);
      renameSync(at(`${staging}/probe`), at(probe));
      removeIfEmpty(probe);
      mkdirSync(at(`${staging}/new`));
      mkdirSync(at(`${staging}/old`));
      return staging;
    } catch (error) {
      removeStagingArea(places);
      if (!isSystemError(error, 'EXDEV', 'EACCES', 'EPERM', 'EROFS')) throw error;
    }
  }
  throw new SnapshotError('conflict', `cannot write to '${displayBytes(root)}', nor rename anything into it`, {
    hint: 'Check the permissions of the directory and of the one above it.',
  });
}

/** Sees to it that {@link removeStagingArea} finds the staging area that is about to be made. */
export function recordIntent(places: Places, intent: Intent): void {
  mkdirSync(at(dirOf(intentFile(places))), { recursive: true, mode: 0o777 });
  writeDurably(intentFile(places), formatIntent(intent));
}

/** Removes the staging area that the intent names, if there is one, and then the intent; and files that were half written. */
export function removeStagingArea(places: Places): void {
  for (const file of [intentFile(places), journalFile(places)]) removeIfThere(unfinishedName(file));
  const text = readIfThere(intentFile(places));
  if (text === undefined) return;
  const intent = parseIntent(text);
  if (intent === undefined) {
    throw new SnapshotError('unfinished', `cannot read '${displayBytes(intentFile(places))}'`, {
      hint: `It names a directory with copies of files that are no longer needed. Look for '${STAGING_PREFIX}*' in and beside the set, then remove both.`,
    });
  }
  removeTree(intent.staging);
  // Only ever an empty directory of ours: never more than that is removed.
  if (isDirectory(lstat(intent.probe))) removeIfEmpty(intent.probe);
  const beside = dirOf(intent.staging);
  if (beside !== dirOf(intentFile(places)) && isDirectory(lstat(beside))) sync(beside);
  removeDurably(intentFile(places));
}

function nearestDirectory(path: ByteString): ByteString {
  let dir = path;
  while (dir !== '/' && !isDirectory(lstat(dir))) dir = dirOf(dir);
  return dir;
}

function formatIntent({ staging, probe }: Intent): string {
  return `${JSON.stringify({ format: 1, staging: percentEncode(staging), probe: percentEncode(probe) })}\n`;
}

function parseIntent(text: string): Intent | undefined {
  const { staging, probe } = readJsonObject(text) ?? {};
  if (typeof staging !== 'string' || typeof probe !== 'string') return undefined;
  const intent = { staging: percentDecode(staging) ?? '', probe: percentDecode(probe) ?? '' };
  const own = /\/\.git-snapshot-[^/]*$|\/replace\/[^/]*\.staging$/;
  // What it names is removed with all in it, so it had better be ours.
  return formatIntent(intent) === text && own.test(intent.staging) && own.test(intent.probe) ? intent : undefined;
}

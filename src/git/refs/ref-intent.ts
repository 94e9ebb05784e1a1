import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { readJsonObject } from '../../core/json-object.ts';
import { isOid, type Oid } from '../../core/oid.ts';
import type { RefUpdate } from '../../core/ports.ts';
import type { Processes } from '../../core/processes.ts';
import { TRACKING_REFS } from '../../core/refs.ts';
import { fileError, isSystemError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { syncDirectory } from '../files/sync-directory.ts';
import { writeFully } from '../files/write-fully.ts';
import { crypto } from '../objects/object-name.ts';
import type { Repository } from '../open-repository.ts';
import { intentNames, intentsDirectory } from './has-intents.ts';

/**
 * What a git was asked to do to refs, noted before it is told to. Git moves the refs of a transaction one after the other, each
 * under a lock file: should it die in the middle, this says what is still to be moved, and which locks nobody holds.
 */
export interface RefIntent {
  /** Descriptions of the process that asks and of its git. */
  readonly processes: readonly string[];
  /** In the order in which they are moved, but that git deletes last. */
  readonly updates: readonly RefUpdate[];
  /** Whether that git writes the file of packed refs anew. */
  readonly packs: boolean;
  /** Where that git moves refs whose names are not known before. */
  readonly below?: typeof TRACKING_REFS | undefined;
  /** Known to have moved some of them, and to have died before it moved all. */
  readonly isBegun?: boolean | undefined;
}

/** Of this process and a git that it started, as {@link RefIntent.processes} has them. */
export function processesWith(gitPid: number, processes: Processes): string[] {
  return [process.pid, gitPid].map((pid) => processes.describe(pid));
}

/** A file with an intent. */
export interface NotedIntent {
  readonly file: ByteString;
  readonly intent: RefIntent;
  /** When it was written. */
  readonly notedMs: number;
}

const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;

/** Files that were not written to their end, by a process that died, are removed after this long. */
const STRAY_AFTER_MS = 60_000;

/** The name of the file for a new intent. */
export function newIntentFile(repository: Repository): ByteString {
  return `${intentsDirectory(repository)}/${crypto().randomBytes(8).toString('hex')}`;
}

/**
 * Writes an intent, instead of what is in the file.
 *
 * @param notedMs - when it was first noted, if not now
 * @throws {SnapshotError} if that cannot be done
 */
export function noteIntent(
  file: ByteString,
  intent: RefIntent,
  { fsync, notedMs }: { fsync: boolean; notedMs?: number },
): void {
  const directory = file.slice(0, file.lastIndexOf('/'));
  try {
    mkdirSync(fsPath(directory), { recursive: true });
    const descriptor = openSync(fsPath(`${file}.tmp`), 'w');
    try {
      writeFully(descriptor, Buffer.from(JSON.stringify(intent), 'latin1'));
      if (fsync) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (notedMs !== undefined) utimesSync(fsPath(`${file}.tmp`), notedMs / 1000, notedMs / 1000);
    renameSync(fsPath(`${file}.tmp`), fsPath(file));
    if (fsync) syncDirectory(directory);
  } catch (error) {
    throw fileError(error, 'write', file);
  }
}

/** Removes an intent. Returns whether it was there. */
export function forgetIntent(file: ByteString): boolean {
  try {
    unlinkSync(fsPath(file));
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw fileError(error, 'remove', file);
  }
}

/** The intents that are noted. */
export function readIntents(repository: Repository): NotedIntent[] {
  const directory = intentsDirectory(repository);
  return intentNames(repository).flatMap((name) => {
    const file = `${directory}/${name}`;
    const found = readNoted(file);
    if (found === undefined) return [];
    const intent = name.endsWith('.tmp') ? undefined : parseIntent(found.text, repository);
    if (intent !== undefined) return [{ file, intent, notedMs: found.notedMs }];
    if (Date.now() - found.notedMs > STRAY_AFTER_MS) forgetIntent(file);
    return [];
  });
}

/** Undefined for what was forgotten since, and for what no program of ours wrote: opening a pipe would wait for ever. */
function readNoted(file: ByteString): { text: string; notedMs: number } | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(fsPath(file), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    const stat = fstatSync(descriptor);
    return stat.isFile() ? { notedMs: stat.mtimeMs, text: readFileSync(descriptor, 'latin1') } : undefined;
  } catch (error) {
    // A link, or a socket.
    if (isSystemError(error, 'ENOENT', 'ELOOP', 'EMLINK', 'ENXIO', 'EISDIR')) return undefined;
    throw fileError(error, 'read', file);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** What the name of a ref may not have in it: check-ref-format(1). */
const NOT_IN_REF = /(?:^|\/)\.|\.\.|\.lock(?:\/|$)|@\{|\/\/|[/.]$|[^!-}\x80-\xff]|[\^:?*[\\]/;

function parseIntent(text: string, { format }: Repository): RefIntent | undefined {
  const { processes, updates, packs, below, isBegun } = readJsonObject(text) ?? {};
  if (
    !Array.isArray(processes) ||
    !processes.every((one) => typeof one === 'string') ||
    !Array.isArray(updates) ||
    typeof packs !== 'boolean'
  )
    return undefined;
  const isEnd = (oid: unknown): oid is Oid | null => oid === null || (typeof oid === 'string' && isOid(oid, format));
  const isUpdate = ({ name, from, to }: Record<keyof RefUpdate, unknown>) =>
    typeof name === 'string' && name.startsWith('refs/') && !NOT_IN_REF.test(name) && isEnd(from) && isEnd(to);
  if (!updates.every((one) => typeof one === 'object' && one !== null && isUpdate(one))) return undefined;
  return {
    processes,
    updates,
    packs,
    below: below === TRACKING_REFS ? below : undefined,
    isBegun: isBegun === true || undefined,
  };
}

import type { BytePath } from '../entry.ts';
import { SnapshotError } from '../errors.ts';
import type { Oid } from '../oid.ts';
import { formatJournal, JOURNAL_FORMAT, type Journal, type JournalStep } from './journal.ts';
import { STAGING_PREFIX } from './port.ts';
import { isCount, isRecord, readAbsolute, readList, readMark, readOid, readPath } from './read-fields.ts';
import {
  type FormerRoot,
  formatReleaseJournal,
  RELEASE_JOURNAL_FORMAT,
  type ReleaseJournal,
} from './release-journal.ts';
import { isReleaseName, releasesPath } from './releases.ts';

/**
 * Reads a journal. What this version would not have written is refused: a wrong guess could cost files.
 *
 * @param name - of the file, for messages
 * @throws {SnapshotError} of kind `unfinished`
 */
export function parseJournal(text: string, name: string): Journal | ReleaseJournal {
  const refuse = (reason: string, cause?: unknown) =>
    new SnapshotError('unfinished', `cannot read the rollback journal '${name}': ${reason}`, {
      hint: `Use the version of git-snapshot that wrote it. To go on by hand: ${BY_HAND} Copy what you need out of there, and only then remove '${name}'.`,
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse('not JSON', error);
    throw error;
  }
  if (!isRecord(value)) throw refuse('not an object');
  const read = READERS.get(value['format']);
  if (read === undefined) throw refuse(`format ${JSON.stringify(value['format'])} is not known`);
  // Printing it again catches every field that is missing, unknown or written another way.
  const journal = read(value);
  if (journal?.printed !== text) throw refuse('a field is missing or wrong');
  return journal.value;
}

const BY_HAND = `the replaced files are in 'old', the new ones in 'new', of the directory '*.staging' beside the journal, or else '${STAGING_PREFIX}*' in or beside the set; where the set is a link, all of it is in '.*.releases' beside that.`;

type Read = (
  value: Record<string, unknown>,
) => { readonly value: Journal | ReleaseJournal; readonly printed: string } | undefined;

const READERS: ReadonlyMap<unknown, Read> = new Map<unknown, Read>([
  [
    JOURNAL_FORMAT,
    (fields) => {
      const value = readJournal(fields);
      return value && { value, printed: formatJournal(value) };
    },
  ],
  [
    RELEASE_JOURNAL_FORMAT,
    (fields) => {
      const value = readReleaseJournal(fields);
      return value && { value, printed: formatReleaseJournal(value) };
    },
  ],
]);

function readJournal(value: Record<string, unknown>): Journal | undefined {
  const common = readCommon(value);
  const steps = readList(value['steps'], readStep);
  return common && steps && { ...common, steps };
}

function readReleaseJournal(value: Record<string, unknown>): ReleaseJournal | undefined {
  const common = readCommon(value);
  const was = readFormerRoot(value['was']);
  const { release, keep } = value;
  if (common === undefined || was === undefined || typeof release !== 'string' || !isReleaseName(release))
    return undefined;
  // What is there is removed when all is done: it had better be ours.
  if (!common.staging.startsWith(`${releasesPath(common.root)}/${STAGING_PREFIX}`)) return undefined;
  return isCount(keep) && keep > 0 ? { ...common, release, was, keep } : undefined;
}

function readFormerRoot(value: unknown): FormerRoot | undefined {
  const [kind, release] = Array.isArray(value) ? (value as unknown[]) : [];
  if (kind === 'nothing') return { kind };
  if (kind !== 'release' && kind !== 'directory') return undefined;
  return typeof release === 'string' && isReleaseName(release) ? { kind, release } : undefined;
}

/** What both journals say. */
function readCommon(value: Record<string, unknown>): Omit<Journal, 'steps'> | undefined {
  const { operation, set, from, to, startedAtSec, context, stagedBefore, madeDirs } = value;
  const root = readAbsolute(value['root']);
  const staging = readAbsolute(value['staging']);
  if (typeof operation !== 'string' || !/^[0-9a-f]{8,64}$/.test(operation)) return undefined;
  if (typeof set !== 'string' || typeof to !== 'string' || (from !== null && typeof from !== 'string'))
    return undefined;
  if (!isCount(startedAtSec) || !isRecord(context)) return undefined;
  const strings = readStrings(context);
  if (root === undefined || staging === undefined || strings === undefined) return undefined;
  const dirs = readList(madeDirs, readAbsolute);
  const [sec, nsec, ...rest] = Array.isArray(stagedBefore) ? stagedBefore : [];
  if (dirs === undefined || !isCount(sec) || !isCount(nsec) || rest.length > 0) return undefined;
  return {
    operation,
    set,
    from: from ?? undefined,
    to,
    startedAtSec,
    context: strings,
    root,
    staging,
    madeDirs: dirs,
    stagedBefore: { sec, nsec },
  };
}

function readStrings(value: Record<string, unknown>): Record<string, string> | undefined {
  const pairs: [string, string][] = [];
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') return undefined;
    pairs.push([key, text]);
  }
  return Object.fromEntries(pairs);
}

function readStep(value: unknown): JournalStep | undefined {
  if (!Array.isArray(value)) return undefined;
  const [kind, encoded, a, b, c] = value as unknown[];
  const path = readPath(encoded);
  if (path === undefined) return undefined;
  if (kind === 'remove' && typeof a === 'boolean') {
    const was = readList(b, readMember);
    return was === undefined ? undefined : { kind, path, tree: a, was };
  }
  if (kind === 'create' && typeof a === 'boolean') {
    const mark = readMark(b);
    return mark === undefined ? undefined : { kind, path, tree: a, mark };
  }
  if (kind === 'replace') {
    const was = readMark(a);
    const oid = readOid(b);
    const mark = readMark(c);
    return was === undefined || oid === undefined || mark === undefined ? undefined : { kind, path, was, oid, mark };
  }
  if (kind === 'chmod' && isCount(b) && isCount(c)) {
    const mark = readMark(a);
    return mark === undefined ? undefined : { kind, path, mark, from: b, to: c };
  }
  return undefined;
}

function readMember(value: unknown): { path: BytePath; oid: Oid } | undefined {
  if (!Array.isArray(value)) return undefined;
  const path = readPath(value[0]);
  const oid = readOid(value[1]);
  return path === undefined || oid === undefined ? undefined : { path, oid };
}

import { type ByteString, percentEncode } from '../byte-string.ts';
import type { JournalHeader } from './journal.ts';
import type { ReleaseLayout } from './releases.ts';

/** What stood at the set's path before: a link to a release, a plain directory that is to become one of that name, or nothing. */
export type FormerRoot =
  | { readonly kind: 'release' | 'directory'; readonly release: ByteString }
  | { readonly kind: 'nothing' };

/** All that is needed to switch from one release to another, or back, with no help from the repository. */
export interface ReleaseJournal extends JournalHeader, ReleaseLayout {
  /** Absolute path of the set's directory: of the link. */
  readonly root: ByteString;
  /** Absolute path of the new release until it has its name. */
  readonly staging: ByteString;
  /** Directories that were made for the root, topmost first. */
  readonly madeDirs: readonly ByteString[];
  /** Change time, by the clock of the file system, after which nothing that was staged may have changed. */
  readonly stagedBefore: { readonly sec: number; readonly nsec: number };
  readonly release: ByteString;
  readonly was: FormerRoot;
}

/** What this program writes for a set in releases. */
export const RELEASE_JOURNAL_FORMAT = 2;

/** Prints a journal. Paths are percent-encoded, since JSON holds text and paths are bytes. */
export function formatReleaseJournal(journal: ReleaseJournal): string {
  const { operation, set, from, to, startedAtSec, context, root, staging, madeDirs, stagedBefore } = journal;
  const { release, was, keep } = journal;
  return `${JSON.stringify({
    format: RELEASE_JOURNAL_FORMAT,
    operation,
    set,
    from: from ?? null,
    to,
    startedAtSec,
    context,
    root: percentEncode(root),
    staging: percentEncode(staging),
    madeDirs: madeDirs.map(percentEncode),
    stagedBefore: [stagedBefore.sec, stagedBefore.nsec],
    release,
    was: was.kind === 'nothing' ? ['nothing'] : [was.kind, was.release],
    keep,
  })}\n`;
}

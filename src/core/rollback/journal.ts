import { type ByteString, percentEncode } from '../byte-string.ts';
import type { BytePath } from '../entry.ts';
import type { Oid } from '../oid.ts';

/** Enough of a file's stat to see that somebody wrote to it since. */
export interface FileMark {
  readonly mtimeSec: number;
  readonly mtimeNsec: number;
  readonly size: number;
  readonly ino: number;
}

/** A step as the journal has it. Its number names its file in the staging area, `new/<number>` and `old/<number>`. */
export type JournalStep =
  | {
      readonly kind: 'remove';
      readonly path: BytePath;
      readonly tree: boolean;
      /** Every entry that goes with it, and what of it the backup has. */
      readonly was: readonly { readonly path: BytePath; readonly oid: Oid }[];
    }
  | { readonly kind: 'create'; readonly path: BytePath; readonly tree: boolean; readonly mark: FileMark }
  | {
      readonly kind: 'replace';
      readonly path: BytePath;
      readonly was: FileMark;
      /** What of the old content the backup has. */
      readonly oid: Oid;
      readonly mark: FileMark;
    }
  | {
      readonly kind: 'chmod';
      readonly path: BytePath;
      readonly mark: FileMark;
      readonly from: number;
      readonly to: number;
    };

/** What the journal says about the whole, for the flow and for people. */
export interface JournalHeader {
  /** Random, hexadecimal: names this replacement, in the audit log too. */
  readonly operation: string;
  readonly set: string;
  /** Ids of snapshots. `from` is undefined where the directory was no snapshot. */
  readonly from: string | undefined;
  readonly to: string;
  readonly startedAtSec: number;
  /** Whatever the flow needs to go on with it in another process. */
  readonly context: Readonly<Record<string, string>>;
}

/** Of a journal, what flows and people need. */
export function headerOf({ operation, set, from, to, startedAtSec, context }: JournalHeader): JournalHeader {
  return { operation, set, from, to, startedAtSec, context };
}

/** All that is needed to finish a replacement, or to undo it, with no help from the repository. */
export interface Journal extends JournalHeader {
  /** Absolute path of the directory. */
  readonly root: ByteString;
  /** Absolute path of the staging area. */
  readonly staging: ByteString;
  /** Directories that did not exist and are made for the root, topmost first. */
  readonly madeDirs: readonly ByteString[];
  /** Change time, by the clock of the file system, after which nothing that was staged may have changed. */
  readonly stagedBefore: { readonly sec: number; readonly nsec: number };
  readonly steps: readonly JournalStep[];
}

/** What this program writes, and the only one that it reads. */
export const JOURNAL_FORMAT = 1;

/** Prints a journal. Paths are percent-encoded, since JSON holds text and paths are bytes. */
export function formatJournal(journal: Journal): string {
  const { operation, set, from, to, startedAtSec, context, root, staging, madeDirs, stagedBefore, steps } = journal;
  return `${JSON.stringify({
    format: JOURNAL_FORMAT,
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
    steps: steps.map(formatStep),
  })}\n`;
}

function formatStep(step: JournalStep): unknown[] {
  const path = percentEncode(step.path);
  if (step.kind === 'remove') {
    return ['remove', path, step.tree, step.was.map(({ path, oid }) => [percentEncode(path), oid])];
  }
  if (step.kind === 'create') return ['create', path, step.tree, numbersOf(step.mark)];
  if (step.kind === 'replace') return ['replace', path, numbersOf(step.was), step.oid, numbersOf(step.mark)];
  return ['chmod', path, numbersOf(step.mark), step.from, step.to];
}

/** A mark as a list, as {@link FileMark} names its numbers. */
export function numbersOf({ mtimeSec, mtimeNsec, size, ino }: FileMark): number[] {
  return [mtimeSec, mtimeNsec, size, ino];
}

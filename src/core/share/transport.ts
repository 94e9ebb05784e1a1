import { escapeText } from '../byte-string.ts';
import { RefConflictError, SnapshotError } from '../errors.ts';
import type { Oid } from '../oid.ts';
import type { ProgressReporter, Ref } from '../ports.ts';

/** A ref that is to change on a remote. */
export interface RemoteRefUpdate {
  readonly ref: string;
  /** null: delete it. */
  readonly to: Oid | null;
  /** What it must be there. null: it must not exist. */
  readonly expected: Oid | null;
}

/**
 * What became of one ref. `stale`: it is not there what was expected. `locked`: a process there is at work on it, or died so.
 * `failed`: the other side could not write it. `refused`: it said no. `held-back`: it would have gone, but for another of the
 * same push.
 */
export interface RemoteRefOutcome {
  readonly ref: string;
  readonly status: 'done' | 'unchanged' | 'stale' | 'locked' | 'failed' | 'refused' | 'held-back';
  /** In git's words or the other side's; not escaped. Empty for `done` and `unchanged`; the file for `locked`. */
  readonly reason: string;
}

/** How a push ended that reached the other side. */
export interface PushResult {
  /** Whether every ref is there now as it was wanted. */
  readonly ok: boolean;
  /** In the order asked for. */
  readonly refs: readonly RemoteRefOutcome[];
  /** Lines that the other side's hooks printed; not escaped. */
  readonly said: readonly string[];
}

/** Moves refs and objects between repositories. */
export interface Transport {
  /** Whether history is cut off here, so that what a push or a verification needs may be missing. */
  readonly isShallow: boolean;
  /** Whether objects are missing here by design, to be fetched when used. */
  isPartial(): Promise<boolean>;
  /**
   * Refs of the remote below any of these prefixes (each ends in `/`) or of exactly these names, sorted by name.
   *
   * @param options.unattendedMs - nobody is asked for a password, and who has not answered after so many milliseconds is given
   *   up. Default: as long as it takes, and people may be asked
   */
  listRemoteRefs(
    remote: string,
    prefixes: readonly string[],
    options?: { readonly unattendedMs: number },
  ): Promise<Ref[]>;
  /**
   * Fetches, and moves the local refs that the refspecs name, all or none: below the right side of one with a star is
   * afterwards what the remote has and nothing else. Nothing else changes: no tags, no FETCH_HEAD, no tracking branches,
   * no submodules. Objects are checked as they come.
   *
   * @param refspecs - `+refs/a/*:refs/b/*`; a remote without such refs is no error, one that lacks a ref named in full is
   */
  fetchRefs(remote: string, refspecs: readonly string[], options: TransferOptions): Promise<void>;
  /**
   * Pushes, all or nothing where `atomic`. A ref that is not what was expected is not touched. The user's `pre-push` hook
   * does not run: what is pushed here has been verified, and is no branch.
   *
   * @throws {SnapshotError} where the other side is not reached, does not let us in, or cannot do it atomically. What it
   * says of single refs is in the result.
   */
  pushRefs(
    remote: string,
    updates: readonly RemoteRefUpdate[],
    options: TransferOptions & { readonly atomic: boolean },
  ): Promise<PushResult>;
}

/** How far it is, for whoever shows that. */
interface TransferOptions {
  /** Undefined: git is not asked to tell. */
  readonly report: ProgressReporter | undefined;
}

/** What one push may hold: all of it goes through the arguments of a process. */
export const MAX_PUSH_BYTES = 768 * 1024;

/** What an update takes of {@link MAX_PUSH_BYTES}. */
export function pushBytes({ ref, to, expected }: RemoteRefUpdate): number {
  return 2 * ref.length + (to?.length ?? 0) + (expected?.length ?? 0) + 64;
}

/** Updates in groups that each fit into one push, in their order: what must not be seen without the rest comes last. */
export function pushGroups(updates: readonly RemoteRefUpdate[]): RemoteRefUpdate[][] {
  const groups: RemoteRefUpdate[][] = [];
  let room = 0;
  for (const update of updates) {
    const group = groups.at(-1);
    const bytes = pushBytes(update);
    if (group === undefined || bytes > room) {
      groups.push([update]);
      room = MAX_PUSH_BYTES - bytes;
    } else {
      group.push(update);
      room -= bytes;
    }
  }
  return groups;
}

/** How many lines of the other side are shown: more than twice as many as a hook of ours prints. */
const MAX_LINES_SHOWN = 60;

/** A lock on the other side is in the way: of a process that is at work there, or of one that died. */
export class RemoteLockError extends SnapshotError {
  constructor(file: string, remote: string) {
    super('conflict', `a process at '${escapeText(remote)}' holds the lock '${escapeText(file)}'`, {
      hint: 'Run the command again when it has ended. If no git is at work there, one died: whoever runs it removes that file.',
    });
  }
}

/**
 * Passes where a push did everything.
 *
 * @throws {RefConflictError} where a ref was not what was expected there
 * @throws {RemoteLockError} where one is locked there
 * @throws {SnapshotError} of kind `untrusted` where the other side refused, `git` where it could not; what it said is for
 * {@link spokenLines}
 */
export function requirePushed({ ok, refs }: PushResult, remote: string): void {
  if (ok) return;
  const stale = refs.filter(({ status }) => status === 'stale').map(({ ref }) => ref);
  if (stale.length > 0) {
    throw new RefConflictError(stale.map(escapeText), {
      hint: `Somebody pushed to '${escapeText(remote)}' meanwhile: run "git snapshot fetch", then the command again.`,
    });
  }
  const locked = refs.find(({ status }) => status === 'locked');
  if (locked !== undefined) throw new RemoteLockError(locked.reason, remote);
  const failed = refs.find(({ status }) => status === 'failed');
  if (failed !== undefined) {
    throw new SnapshotError(
      'git',
      `'${escapeText(remote)}' could not store what was sent: ${escapeText(failed.reason)}`,
      {
        hint: 'Is its disk full, or its repository not to be written to? Once that is mended, run the command again: it sends what is missing there.',
      },
    );
  }
  throw new SnapshotError('untrusted', `'${escapeText(remote)}' refused ${refusedWords(refs)}`, {
    hint: 'Nothing was changed there. See what its hooks and rules ask for.',
  });
}

/** The first ref for each reason that was given: a hook gives the same one for all. */
function refusedWords(refs: readonly RemoteRefOutcome[]): string {
  const refused = refs.filter(({ status }) => status === 'refused');
  const [first] = refused;
  if (first === undefined) return 'the push';
  const reasons = [...new Set(refused.map(({ reason }) => reason))];
  if (reasons.length === 1 && refused.length > 1) return `all ${refused.length} refs: ${escapeText(first.reason)}`;
  const more = refused.length === 1 ? '' : `, and ${refused.length - 1} more`;
  return `'${escapeText(first.ref)}': ${escapeText(first.reason)}${more}`;
}

/** What the other side said of a push, line by line for people, as git shows it. */
export function spokenLines({ said }: Pick<PushResult, 'said'>): string[] {
  const lines = said.slice(0, MAX_LINES_SHOWN).map((line) => `remote: ${escapeText(line.trimEnd())}`);
  if (said.length > lines.length) lines.push(`remote: and ${said.length - lines.length} more lines`);
  return lines;
}

import { escapeText } from './byte-string.ts';

/** What went wrong, as far as a caller must tell apart. The command line turns each into an exit code. */
export type ErrorKind =
  | 'usage'
  | 'config'
  | 'not-found'
  | 'conflict'
  | 'untrusted'
  | 'gate'
  | 'git'
  | 'unfinished'
  | 'interrupted';

/** Options of every {@link SnapshotError}. */
export interface SnapshotErrorOptions {
  /** The failure underneath, kept for `--verbose` and for logs. */
  cause?: unknown;
  /** What to do next, as one imperative sentence. */
  hint?: string;
}

/**
 * An error that a user can cause or meet. Anything else that is thrown is a bug of this program.
 *
 * Messages are in git's manner: no capital, no full stop, the subject in single quotes.
 */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
  readonly kind: ErrorKind;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, message: string, { cause, hint }: SnapshotErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.hint = hint;
  }
}

/** A ref was not where the update expected it: another process moved it first. Callers retry on this one. */
export class RefConflictError extends SnapshotError {
  readonly refs: readonly string[];

  constructor(refs: readonly string[], options: SnapshotErrorOptions = {}) {
    super('conflict', `cannot update '${refs.join("', '")}': changed by another process`, {
      hint: 'Run the command again.',
      ...options,
    });
    this.refs = refs;
  }
}

/**
 * Bytes from the repository that are not what the format allows. `what` names the object or file.
 * Reasons quote what was found there, so the message is escaped.
 */
export class MalformedError extends SnapshotError {
  constructor(what: string, reason: string, options: SnapshotErrorOptions = {}) {
    super('untrusted', escapeText(`${what}: ${reason}`), options);
  }
}

/** An object that the repository should have and has not. */
export class MissingObjectError extends SnapshotError {
  readonly oid: string;

  constructor(oid: string, options: SnapshotErrorOptions = {}) {
    super('not-found', `object ${oid} is not in this repository`, {
      hint: 'Fetch it from a complete clone, or run "git fsck" to see what else is missing.',
      ...options,
    });
    this.oid = oid;
  }
}

import type { ByteString } from '../byte-string.ts';
import type { BytePath } from '../entry.ts';

/** A lock file, and how it stands. */
export interface LockState {
  readonly state: 'free' | 'held' | 'stale' | 'unreadable';
  /** Absolute. */
  readonly file: ByteString;
}

/** What a checkup asks of the machine. Nothing of it changes anything. */
export interface Machine {
  /** `v20.20.2`. */
  readonly nodeVersion: string;
  /** What `git --version` says after `git version `. */
  gitVersion(): Promise<string>;
  /** `sha1` or `sha256`. */
  readonly objectFormat: string;
  readonly isShallow: boolean;
  /** The whole configuration of git: keys as git spells them, values in order, the last one counts. */
  config(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Bytes that may still be written on the file system of a set's directory, or of the closest one above it. */
  freeBytes(path: BytePath): Promise<number>;
  /** How the lock of a set stands. A `stale` one is of a process that is gone: the next command takes it over. */
  lock(set: string): Promise<LockState>;
  /** Whether the stat cache of a set can be believed: a scan is quick then. */
  cache(set: string): Promise<'usable' | 'absent' | 'unusable'>;
}

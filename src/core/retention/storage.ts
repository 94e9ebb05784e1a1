import type { Oid } from '../oid.ts';

/** What there is of some objects after they were to be purged. */
export interface Purge {
  /** How many objects the erased tags reached. */
  readonly objects: number;
  /** How many of them are gone. */
  readonly purged: number;
  /** Those that something else needs: a ref, the index, a reflog. */
  readonly shared: readonly Oid[];
  /** Those that nothing needs and that are still there: in a pack that may not be made anew, or in another repository. */
  readonly left: readonly Oid[];
}

/** What refs keep, and what goes when they do. A port. */
export interface ObjectStorage {
  /** Bytes on the disk of the objects that these tags reach and no ref does but these, by name. */
  exclusiveBytes(tags: readonly Oid[], ignoredRefs: ReadonlySet<string>): Promise<number>;
  /** Every object that these tags reach, themselves included. */
  closure(tags: readonly Oid[]): Promise<ReadonlySet<Oid>>;
  /**
   * Takes objects out of the object database, at once, if nothing reaches them any more. Other unreachable objects stay.
   *
   * @throws {SnapshotError} of kind `git`
   */
  purge(objects: ReadonlySet<Oid>): Promise<Purge>;
}

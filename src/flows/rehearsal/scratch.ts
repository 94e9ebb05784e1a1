import type { Oid } from '../../core/oid.ts';
import type { ExcludedPath } from '../../core/workdir.ts';
import type { Context, GovernedSet } from '../context.ts';

/** What a scratch repository is to hold. */
export interface ScratchRequest {
  /** The refs that it begins with, by name. */
  readonly refs: ReadonlyMap<string, Oid>;
  /** How much must be free on the disk. */
  readonly neededBytes: number;
}

/** A repository of a rehearsal's own, over the objects of the real one. Nothing that is done there has an effect elsewhere. */
export interface Scratch {
  readonly ctx: Context;
  /** Makes something empty for each path that ignore rules leave out of the real directory. */
  standIn(set: GovernedSet, excluded: readonly ExcludedPath[]): void;
  /** Removes it, and all in it. */
  close(): Promise<void>;
}

/** Makes a scratch repository. @throws {SnapshotError} of kind `conflict` where the disk has not room enough */
export type OpenScratch = (request: ScratchRequest) => Promise<Scratch>;

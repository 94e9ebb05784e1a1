import type { Oid } from '../../core/oid.ts';
import type { LeftOut } from '../../core/workdir.ts';
import type { Context, GovernedSet } from '../context.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';

/** What a scratch repository is to hold. */
interface ScratchRequest {
  /** The refs that it begins with, by name. */
  readonly refs: ReadonlyMap<string, Oid>;
  /** Digest of the policy that all trust begins with. */
  readonly root: string;
  /** How much must be free on the disk. */
  readonly neededBytes: number;
}

/** A repository of a rehearsal's own, over the objects of the real one. Nothing that is done there has an effect elsewhere. */
export interface Scratch {
  readonly ctx: Context;
  /** Makes something for each path of the real directory that ignore rules leave out of snapshots, or that none can hold. */
  standIn(set: GovernedSet, live: LeftOut): void;
  /** How many moves the rollbacks of this process have made in it since this was asked before: there each can be stopped. */
  takeMoves(): number;
  /** Rolls back in a process of its own, which is killed (SIGKILL) before it makes the move of that number, from 1. Undefined: it was; else what happened. */
  killed(rollback: KilledRollback): Promise<string | undefined>;
  /** Removes it, and all in it. */
  close(): Promise<void>;
}

/** A rollback that is not to come to its end. */
interface KilledRollback {
  readonly set: GovernedSet;
  readonly target: StoredSnapshot;
  readonly move: number;
}

/** Makes a scratch repository. @throws {SnapshotError} of kind `conflict` where the disk has not room enough */
export type OpenScratch = (request: ScratchRequest) => Promise<Scratch>;

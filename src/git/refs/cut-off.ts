import type { RefUpdate } from '../../core/ports.ts';
import type { Repository } from '../open-repository.ts';
import { listRefs, readRefs } from './list-refs.ts';

/** How far a transaction came. */
export interface RefProgress {
  /** All that are to move, in the order that git was given. */
  readonly moves: readonly RefUpdate[];
  /** Still where they were. */
  readonly left: readonly RefUpdate[];
  /** Where they were to come. */
  readonly done: readonly RefUpdate[];
}

/** @returns undefined where a ref is at something else: others have gone on from there */
export async function readProgress(
  repository: Repository,
  updates: readonly RefUpdate[],
): Promise<RefProgress | undefined> {
  const moves = updates.filter(({ from, to }) => from !== to);
  const current = await readRefs(
    repository,
    moves.map(({ name }) => name),
  );
  const isAt = (end: 'from' | 'to') => (move: RefUpdate) => (current.get(move.name) ?? null) === move[end];
  const [left, done] = [moves.filter(isAt('from')), moves.filter(isAt('to'))];
  return left.length + done.length < moves.length ? undefined : { moves, left, done };
}

/**
 * Whether what is there can only have come from the git of that very transaction, which died while it moved refs. Somebody who
 * did part of it by hand, as to delete a ref, has not asked for the rest.
 *
 * Git locks all refs in the order given, then gives values to those that get one, in that order, and then deletes. A lock of
 * its own that is still there proves that it was so far, and that nobody else moved what comes before. Where its locks are gone,
 * as git may say to remove them, a value proves it that was made for this and that no other ref names.
 *
 * @param hasLock - whether the lock is there that its git made for a ref
 */
export async function isCutOff(
  repository: Repository,
  progress: RefProgress,
  hasLock: (update: RefUpdate) => boolean,
): Promise<boolean> {
  const { left, done } = progress;
  if (left.length === 0 || done.length === 0 || !isInOrder(progress)) return false;
  if (left.some(hasLock)) return true;
  const values = new Set(done.flatMap(({ to }) => to ?? []));
  if (values.size === 0) return false;
  const own = new Set(done.map(({ name }) => name));
  for (const { name, oid } of await listRefs(repository, 'refs/')) if (!own.has(name)) values.delete(oid);
  return values.size > 0;
}

function isInOrder({ moves, left }: RefProgress): boolean {
  const isLeft = new Set(left);
  const values = moves.filter(({ to }) => to !== null);
  const first = values.findIndex((move) => isLeft.has(move));
  if (first === -1) return true;
  const later = [...values.slice(first), ...moves.filter(({ to }) => to === null)];
  return later.every((move) => isLeft.has(move));
}

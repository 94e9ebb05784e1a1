import { setTimeout as sleep } from 'node:timers/promises';
import { SnapshotError } from '../../core/errors.ts';
import type { RefUpdate } from '../../core/ports.ts';
import type { Processes } from '../../core/processes.ts';
import type { Repository } from '../open-repository.ts';
import { runGit } from '../run-git.ts';
import { nullOid, readRefs } from './list-refs.ts';
import {
  forgetIntent,
  type NotedIntent,
  newIntentFile,
  noteIntent,
  type RefIntent,
  readIntents,
} from './ref-intent.ts';
import { removeStaleLocks } from './stale-locks.ts';

const SURVIVOR_TIMEOUT_MS = 5_000;
const LOOK_EVERY_MS = 20;

/**
 * Ends what processes that died had begun with refs: removes the locks of their gits, and moves the refs of a transaction that
 * are still to be moved where others already are. What was not begun is not done.
 *
 * Where nothing may be written, everything stays as it is.
 */
export async function settleIntents(repository: Repository, processes: Processes): Promise<void> {
  for (const noted of readIntents(repository)) {
    if (!(await areGone(noted.intent.processes, processes))) continue;
    const deadMs = Date.now();
    try {
      await settleInPlaceOf(repository, noted, { processes, deadMs });
    } catch (error) {
      // Whoever writes next meets the same obstacle, and says so.
      if (!(error instanceof SnapshotError)) throw error;
    }
  }
}

/** A git may outlive whoever started it, and still does what it was told. */
async function areGone([asking, ...gits]: readonly string[], processes: Processes): Promise<boolean> {
  if (asking === undefined || !processes.isGone(asking)) return false;
  const deadline = performance.now() + SURVIVOR_TIMEOUT_MS;
  while (!gits.every((one) => processes.isGone(one))) {
    if (performance.now() > deadline) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

/** Only one process does it: the one that removes the intent of the dead. Its own says the same, should it die too. */
async function settleInPlaceOf(
  repository: Repository,
  noted: NotedIntent,
  { processes, deadMs }: { processes: Processes; deadMs: number },
): Promise<void> {
  const own = newIntentFile(repository);
  const intent = { ...noted.intent, processes: [processes.describe(process.pid)] };
  noteIntent(own, intent, { fsync: false, notedMs: noted.notedMs });
  if (forgetIntent(noted.file)) await settle(repository, { ...noted, file: own }, { processes, locksUntilMs: deadMs });
  forgetIntent(own);
}

/**
 * Ends a transaction whose git is gone.
 *
 * @param locksUntilMs - after the git had died, if it could not clear up: locks that it left until then are removed
 * @returns whether all refs are now where they were to be
 * @throws {SnapshotError} if some are, and others cannot be moved, or if somebody may hold a lock that is in the way
 */
export async function settle(
  repository: Repository,
  { file, intent, notedMs }: NotedIntent,
  { processes, locksUntilMs }: { processes: Processes; locksUntilMs: number | undefined },
): Promise<boolean> {
  if (locksUntilMs !== undefined) {
    const others = readIntents(repository).filter((other) => other.file !== file && !isOver(other.intent, processes));
    await removeStaleLocks(repository, {
      intent,
      sinceMs: notedMs,
      untilMs: locksUntilMs,
      others: others.map((other) => other.intent),
    });
  }
  const moves = intent.updates.filter(({ from, to }) => from !== to);
  const current = await readRefs(
    repository,
    moves.map(({ name }) => name),
  );
  const left = moves.filter(({ name, from }) => (current.get(name) ?? null) === from);
  const done = moves.filter(({ name, to }) => (current.get(name) ?? null) === to);
  // It was not begun, or others have gone on from there.
  if (done.length === 0 || left.length + done.length < moves.length) return false;
  if (left.length > 0) await move(repository, left);
  return true;
}

const isOver = ({ processes: ofIt }: RefIntent, processes: Processes) => ofIt.every((one) => processes.isGone(one));

async function move(repository: Repository, updates: readonly RefUpdate[]): Promise<void> {
  const none = nullOid(repository);
  const lines = updates.map(({ name, from, to }) => `update ${name}\0${to ?? none}\0${from ?? none}\0`);
  await runGit(repository.place, ['update-ref', '--no-deref', '-m', 'finished what was begun', '--stdin', '-z'], {
    stdin: Buffer.from(lines.join(''), 'latin1'),
    config: ['core.fsync=reference'],
    hooks: true,
  });
}

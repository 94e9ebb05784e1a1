import { setTimeout as sleep } from 'node:timers/promises';
import { SnapshotError } from '../../core/errors.ts';
import type { RefUpdate } from '../../core/ports.ts';
import type { Processes } from '../../core/processes.ts';
import type { Repository } from '../open-repository.ts';
import { runGit } from '../run-git.ts';
import { isCutOff, readProgress } from './cut-off.ts';
import {
  forgetIntent,
  type NotedIntent,
  newIntentFile,
  noteIntent,
  type RefIntent,
  readIntents,
} from './ref-intent.ts';
import { removeStaleLocks, type StaleLock, staleLocks } from './stale-locks.ts';
import { updateCommands } from './update-commands.ts';

const SURVIVOR_TIMEOUT_MS = 5_000;
const LOOK_EVERY_MS = 20;

/**
 * Ends what processes that died had begun with refs: removes the locks of their gits, and moves the refs of a transaction that
 * are still to be moved where its git moved others. What was not begun is not done, whatever others did of it by hand.
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
  const taken = { file: own, intent, notedMs: noted.notedMs };
  if (forgetIntent(noted.file)) await settle(repository, taken, { processes, locksUntilMs: deadMs });
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
  let { isBegun } = intent;
  if (locksUntilMs !== undefined) {
    const locks = staleLocks(repository, {
      intent,
      sinceMs: notedMs,
      untilMs: locksUntilMs,
      others: othersThan(repository, file, processes),
    });
    if (isBegun !== true && (await isSeenBegun(repository, intent, locks))) {
      isBegun = true;
      // The locks prove it, and are to go.
      noteIntent(file, { ...intent, isBegun }, { fsync: false, notedMs });
    }
    await removeStaleLocks(repository, locks);
  } else isBegun ??= await isSeenBegun(repository, intent, []);
  const progress = await readProgress(repository, intent.updates);
  // Others have gone on from there.
  if (progress === undefined) return false;
  const { moves, left } = progress;
  if (left.length === 0) return moves.length > 0;
  // Part of it may be somebody's deed by hand.
  if (left.length === moves.length || !isBegun) return false;
  await move(repository, left);
  return true;
}

function othersThan(repository: Repository, file: string, processes: Processes): RefIntent[] {
  const isOver = ({ processes: ofIt }: RefIntent) => ofIt.every((one) => processes.isGone(one));
  return readIntents(repository).flatMap((other) =>
    other.file === file || isOver(other.intent) ? [] : [other.intent],
  );
}

async function isSeenBegun(
  repository: Repository,
  { updates }: RefIntent,
  locks: readonly StaleLock[],
): Promise<boolean> {
  const progress = await readProgress(repository, updates);
  const names = new Set(locks.map(({ name }) => name));
  return progress !== undefined && isCutOff(repository, progress, ({ name }) => names.has(`${name}.lock`));
}

async function move(repository: Repository, updates: readonly RefUpdate[]): Promise<void> {
  await runGit(repository.place, ['update-ref', '--no-deref', '-m', 'finished what was begun', '--stdin', '-z'], {
    stdin: Buffer.from(updateCommands(repository, updates), 'latin1'),
    config: ['core.fsync=reference'],
    hooks: true,
  });
}

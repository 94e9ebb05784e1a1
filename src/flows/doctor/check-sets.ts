import { type ByteString, displayBytes } from '../../core/byte-string.ts';
import { type Checkup, note, ok, wrong } from '../../core/doctor/check.ts';
import type { LockState, Machine } from '../../core/doctor/port.ts';
import { SnapshotError } from '../../core/errors.ts';
import { setWords } from '../../core/policy/default-set.ts';
import { hintToWait, holderText, runningText } from '../../core/rollback/lock-holder.ts';
import type { Context, GovernedSet } from '../context.ts';
import { keptSnapshots } from '../log/kept-snapshots.ts';
import { openLog } from '../log/open-log.ts';
import { governedSet } from '../policy/governed-set.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { unreadRules } from '../snapshot/unread-rules.ts';
import { checkContent } from './check-set-content.ts';

const UNFINISHED_HINT = 'Run "git rollback --continue" or "git rollback --abort".';

/** Rollbacks that were begun here and are neither finished nor taken back. */
export async function checkUnfinished(ctx: Pick<Context, 'unfinishedSets'>): Promise<Checkup[]> {
  try {
    const sets = await ctx.unfinishedSets();
    if (sets.length === 0) return [ok('rollback', 'none is unfinished')];
    return sets.map(({ set: { name }, heldBy }) =>
      heldBy === undefined
        ? wrong('rollback', `one of set '${name}' is unfinished`, UNFINISHED_HINT)
        : note('rollback', `one of set '${name}' ${runningText(heldBy)}`, hintToWait(heldBy)),
    );
  } catch (error) {
    if (!(error instanceof SnapshotError) || error.kind !== 'unfinished') throw error;
    return [wrong('rollback', error.message, error.hint ?? UNFINISHED_HINT)];
  }
}

/** Directories and what is in them, room, locks and stat caches of every set. A bare repository has no directories. */
export async function checkSets(
  ctx: Context,
  trusted: TrustedPolicy,
  { machine, canSign }: { readonly machine: Machine; readonly canSign: boolean },
): Promise<Checkup[]> {
  if (ctx.isBare) return [];
  const log = await openLog(ctx, trusted);
  const found: Checkup[] = [];
  for (const name of Object.keys(trusted.policy.sets)) {
    const set = governedSet(trusted.policy, name);
    const newest = keptSnapshots(log, name).at(-1);
    const directory = await directoryCheckups(set, machine);
    const isFit = !directory.some(({ verdict }) => verdict === 'wrong');
    const isMissing = isFit && !(await machine.isThere(set.path));
    const missing = missingCheckup(name, { isKept: newest !== undefined, canSign });
    found.push(...(isMissing ? [missing, ...directory.slice(1)] : directory));
    // What stands there is none of ours: nothing in it is looked at.
    if (isFit) {
      const free = await machine.freeBytes({ directory: set.path });
      found.push(
        ...(await checkContent(set, machine)),
        ...(await unreadRulesCheckups(ctx, set)),
        roomCheckup(name, { free, needed: newest?.bytes }),
      );
    }
    found.push(
      lockCheckup(name, await machine.lock(name)),
      cacheCheckup(name, { state: await machine.cache(name), canTake: canSign && !isMissing }),
    );
  }
  return found;
}

/** A directory that is not laid out as the policy says stops every command of its set. */
async function directoryCheckups(set: GovernedSet, machine: Machine): Promise<Checkup[]> {
  const { name, path, releases } = set;
  const check = `directory of ${name}`;
  try {
    const release = await machine.linkedRelease(path, releases !== undefined);
    const surplus = releases === undefined ? [] : await machine.surplusReleases({ name, path, releases });
    const found = ok(check, release === undefined ? 'laid out as the policy says' : 'a link to a release');
    const layout =
      release === undefined || (await machine.isIgnored(path))
        ? found
        : note(
            check,
            'git does not ignore the link to its release, and would commit it',
            `Write "/${displayBytes(path)}" into .gitignore, with no slash at its end: that would mean directories alone.`,
          );
    return [layout, ...surplus.map((one) => surplusCheckup(name, one))];
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return [wrong(check, error.message, error.hint ?? 'See docs/releases.md.')];
  }
}

/** As in a new clone: what commands do there is told, as far as this user can do it. */
function missingCheckup(
  set: string,
  { isKept, canSign }: { readonly isKept: boolean; readonly canSign: boolean },
): Checkup {
  const hint = `Run "git rollback${setWords(set)} --yes", which puts it back.`;
  return note(`directory of ${set}`, 'it is not there', isKept && canSign ? hint : undefined);
}

async function unreadRulesCheckups(
  { unreadIgnoreFiles }: Pick<Context, 'unreadIgnoreFiles'>,
  set: Pick<GovernedSet, 'name' | 'path'>,
): Promise<Checkup[]> {
  const hint = `Put its rules into '${displayBytes(set.path)}/.snapshotignore', as they read from there, or remove it.`;
  return (await unreadIgnoreFiles(set)).map((path) => note(`rules of ${set.name}`, unreadRules(path, set), hint));
}

/** A release that should have gone, and could not while programs were at work in it. */
function surplusCheckup(
  set: string,
  { path, programs }: { readonly path: ByteString; readonly programs: readonly ByteString[] },
): Checkup {
  const next = 'The next "git rollback" or "git snapshot restore" removes it, even where it has nothing else to do';
  const names = programs.map(displayBytes).join(', ');
  return note(
    `releases of ${set}`,
    `'${displayBytes(path)}' is one too many${names === '' ? '' : `, and stays while programs are at work in it: ${names}`}`,
    names === '' ? `${next}.` : `${next}, once they have ended.`,
  );
}

function lockCheckup(set: string, lock: LockState): Checkup {
  const check = `lock of ${set}`;
  switch (lock.state) {
    case 'free':
      return ok(check, 'free');
    case 'held':
      return note(check, `another process is at work on it (${holderText(lock.holder)})`, hintToWait(lock.holder));
    case 'stale':
      return note(check, 'of a process that is gone; the next command takes it over');
    case 'unreadable':
      return wrong(check, 'it cannot be read', `If no git-snapshot is running, remove '${displayBytes(lock.file)}'.`);
  }
}

function cacheCheckup(
  set: string,
  { state, canTake }: { readonly state: Awaited<ReturnType<Machine['cache']>>; readonly canTake: boolean },
): Checkup {
  const check = `stat cache of ${set}`;
  if (state === 'usable') return ok(check, 'usable');
  const detail = state === 'absent' ? 'there is none yet' : 'it cannot be believed, and will not be used';
  // Nobody is told to do what they cannot.
  const hint = canTake ? 'Run "git snapshot", which makes it anew.' : undefined;
  return note(check, `${detail}: the next command reads every file`, hint);
}

/** A rollback stages what it changes beside what is there: in the worst case, all of a snapshot. Sizes in bytes. */
export function roomCheckup(set: string, { free, needed }: { free: number; needed: number | undefined }): Checkup {
  const check = `room for ${set}`;
  if (needed === undefined) return ok(check, 'there is no snapshot to roll back to yet');
  if (free >= needed)
    return ok(check, `${inMiB(free, 'down')} free, the newest snapshot takes ${inMiB(needed, 'down')}`);
  const detail = `${inMiB(free, 'down')} free, the newest snapshot takes ${inMiB(needed, 'up')}: ${inMiB(needed - free, 'up')} too little`;
  return wrong(check, detail, 'Make room before you need to roll back.');
}

/** Rounded so that what is too little never looks like enough, and what is enough never like too little. */
function inMiB(bytes: number, towards: 'up' | 'down'): string {
  const mebibytes = bytes / 1_048_576;
  return mebibytes < 1 ? 'less than 1 MiB' : `${towards === 'up' ? Math.ceil(mebibytes) : Math.floor(mebibytes)} MiB`;
}

import type { Label } from '../snapshot/label.ts';
import { localTime } from './calendar.ts';
import type { Departure } from './departure.ts';
import { isoTime } from './iso-time.ts';
import { openJudges, type Verdict } from './judge.ts';
import type { RetentionRules } from './rules.ts';
import { openZone } from './zone.ts';

/** A snapshot of the set that is planned for. */
export interface Candidate {
  readonly id: string;
  /** When it was taken, in seconds since the epoch. */
  readonly atSec: number;
  readonly labels: readonly Label[];
  /** Why it is kept whatever the rules say. They take nothing away from what rules keep, nor add to it. */
  readonly protections: readonly string[];
}

/** A snapshot that stays. */
export interface Kept {
  readonly id: string;
  readonly atSec: number;
  /**
   * `future`; then its protections; then rules: `label release=yes`, `within 7d`, `last`, `hourly` … `yearly`,
   * `hourly within 2d` …. Before those of periods stands `oldest` if they keep it only because nothing is older.
   */
  readonly reasons: readonly string[];
  /** When each reason comes to its end. It goes when all have. */
  readonly goes: readonly Departure[];
}

/** A snapshot that goes. */
export interface Removed {
  readonly id: string;
  readonly atSec: number;
  /** In words: the rule that kept it longest, and since when that does not. */
  readonly reason: string;
  /** That rule; undefined: none ever did. */
  readonly rule: string | undefined;
  /** Seconds since the epoch. */
  readonly sinceSec: number | undefined;
}

/** What stays and what goes. Both newest first. */
export interface RetentionPlan {
  readonly keep: readonly Kept[];
  readonly remove: readonly Removed[];
}

/** How far a snapshot may be dated after now before it counts as of the future. */
const LEEWAY_SEC = 300;

/**
 * Decides which snapshots of a set are kept. Removes nothing, and does not ask whether the plan may be carried out:
 * `rails.ts` does.
 *
 * @param snapshots - in any order, each id once
 * @param nowSec - seconds since the epoch
 * @throws {RangeError} for a time zone that the runtime does not know
 */
export function planRetention({
  snapshots,
  rules,
  nowSec,
}: {
  readonly snapshots: readonly Candidate[];
  readonly rules: RetentionRules;
  readonly nowSec: number;
}): RetentionPlan {
  const ordered = snapshots.toSorted(newestFirst);
  const firstPresent = ordered.findIndex(({ atSec }) => atSec <= nowSec + LEEWAY_SEC);
  const futureCount = firstPresent === -1 ? ordered.length : firstPresent;
  const keep: Kept[] = ordered.slice(0, futureCount).map(keepFuture);
  const remove: Removed[] = [];
  const present = ordered.slice(futureCount);
  const zone = openZone(rules.timezone);
  const judges = openJudges({
    rules,
    zoned: (duration) => ({ ...duration, zone }),
    anchorSec: rules.anchor === 'now' ? nowSec : (present[0]?.atSec ?? nowSec),
    nowSec,
    now: localTime(nowSec, zone),
    times: present.map(({ atSec }) => atSec),
  });
  for (const [i, { id, atSec, labels, protections }] of present.entries()) {
    const member = { atSec, labels, local: localTime(atSec, zone), isOldest: i === present.length - 1 };
    const verdicts = judges.map((judge) => judge(member));
    const kept = verdicts.filter((verdict) => verdict.isKept);
    if (kept.length + protections.length === 0) remove.push({ id, atSec, ...lastWord(verdicts) });
    else
      keep.push({
        id,
        atSec,
        reasons: [...protections, ...kept.map(({ reason }) => reason)],
        goes: [...protections.map(() => ({ kind: 'protection' }) as const), ...kept.map(({ goes }) => goes)],
      });
  }
  return { keep, remove };
}

/** Newest first; of those taken at once the greater id. */
function newestFirst(a: Candidate, b: Candidate): number {
  return b.atSec - a.atSec || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

function keepFuture({ id, atSec, protections }: Candidate): Kept {
  return {
    id,
    atSec,
    reasons: ['future', ...protections],
    goes: [{ kind: 'future', atSec }, ...protections.map(() => ({ kind: 'protection' }) as const)],
  };
}

/** The rule that kept it longest. */
function lastWord(verdicts: readonly Verdict[]): Pick<Removed, 'reason' | 'rule' | 'sinceSec'> {
  let rule: string | undefined;
  let sinceSec: number | undefined;
  for (const verdict of verdicts) {
    if (verdict.isKept || verdict.untilSec === undefined) continue;
    if (sinceSec === undefined || verdict.untilSec > sinceSec) {
      rule = verdict.rule;
      sinceSec = verdict.untilSec;
    }
  }
  const reason = sinceSec === undefined ? 'no rule ever kept it' : `not kept by ${rule} since ${isoTime(sinceSec)}`;
  return { reason, rule, sinceSec };
}

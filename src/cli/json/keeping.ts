import type { EraseResult } from '../../flows/retention/erase.ts';
import type { HoldInfo } from '../../flows/retention/hold.ts';
import type { TrashInfo } from '../../flows/retention/trash.ts';
import { isoTime } from '../render/times.ts';

/** Of `hold`, `release` and `holds --json`. */
export function holdJson({ set, snapshot, case: name, reason, by, sinceSec, untilSec, over }: HoldInfo) {
  return {
    set,
    snapshot,
    case: name,
    reason,
    by,
    since: isoTime(sinceSec),
    until: untilSec === undefined ? null : isoTime(untilSec),
    over,
  };
}

/** Of `trash --json`. */
export function trashJson({ set, snapshot, removedAtSec, rule, endsAtSec, over }: TrashInfo) {
  return { set, snapshot, removedAt: isoTime(removedAtSec), rule, endsAt: isoTime(endsAtSec), over };
}

/** Of `erase --json`. */
export function erasureJson({ outcome, set, snapshots, refs, agreed, needed, blocked, report }: EraseResult) {
  return { outcome, set, snapshots, refs, agreed, needed, blocked, report: report ?? null };
}

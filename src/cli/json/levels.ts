import type { Level } from '../../core/levels/judge.ts';
import type { ServiceLevelReport } from '../../flows/levels/results.ts';
import { isoTime } from '../render/times.ts';

/** Of `slo --json`. */
export function levelsJson({ atSec, sinceSec, met, broken, unmeasured, sets }: ServiceLevelReport) {
  return {
    ok: broken === 0,
    at: isoTime(atSec),
    since: sinceSec === undefined ? null : isoTime(sinceSec),
    met,
    broken,
    unmeasured,
    sets: sets.map(({ set, levels }) => ({ set, levels: levels.map(levelJson) })),
  };
}

function levelJson({ level, verdict, limit, times, sinceSec, ageSec }: Level) {
  return {
    level,
    verdict,
    limitSec: limit?.limitSec ?? null,
    limitSource: limit?.source ?? null,
    times: times === undefined ? null : { ...times },
    since: sinceSec === undefined ? null : isoTime(sinceSec),
    ageSec: ageSec ?? null,
  };
}

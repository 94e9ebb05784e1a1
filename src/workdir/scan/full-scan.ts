import type { ObjectFormat } from '../../core/oid.ts';
import type { FileStat } from '../../core/workdir.ts';
import { KnownContent } from './known-content.ts';
import { type ScanResult, sortByPath } from './scan-result.ts';
import { type Findings, type WalkOptions, walk } from './walk.ts';

/** Reads the whole directory. The cache, where there is one, says only what is in files whose stat has not changed. */
export function scanFully(
  options: WalkOptions & {
    rootStat: FileStat;
    format: ObjectFormat;
    cached: ScanResult['cached'];
  },
): ScanResult {
  const { rootStat, format, cached, refusals } = options;
  const found: Findings = { entries: [], directories: new Map(), excluded: [] };
  walk({ path: '', stat: rootStat }, found, options);
  refusals.throwIfAny();

  const known = new KnownContent(cached?.entries ?? [], format);
  const entries = sortByPath(found.entries.map((entry) => known.recognize(entry)));
  const same = entries.length === cached?.entries.length && entries.every((entry) => known.isInBaseline(entry));
  return {
    unchanged: same ? cached?.baseline : undefined,
    entries,
    cached,
    excluded: found.excluded,
    unfit: refusals.left,
    directories: found.directories,
  };
}

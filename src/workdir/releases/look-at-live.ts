import type { ByteString } from '../../core/byte-string.ts';
import type { BytePath } from '../../core/entry.ts';
import { ancestors } from '../../core/rollback/check-target.ts';
import type { FileMark } from '../../core/rollback/journal.ts';
import type { LiveEntry } from '../../core/rollback/plan.ts';
import { STAGING_PREFIX } from '../../core/rollback/port.ts';
import type { ReleaseRecord } from '../../core/rollback/release-record.ts';
import { entriesIfThere, lstat } from '../replace/disk.ts';
import { isAsScanned, markOf } from '../replace/marks.ts';

/** A live directory, at the last look before it stops being that. */
export interface LastLook {
  readonly record: ReleaseRecord;
  /** Directories that no entry of a snapshot needs: ignored ones, and those made since the scan. Each after the one it is in. */
  readonly otherDirectories: readonly BytePath[];
}

/**
 * Looks at every entry that the scan found, and finds what is there besides: what rules leave out of snapshots, and what was
 * made since the scan. What has changed since is recorded as it was: what programs wrote is looked for when it goes.
 */
export function lookAtLive(directory: ByteString, entries: readonly LiveEntry[]): LastLook {
  const scanned = new Map(entries.map((entry) => [entry.path, entry]));
  const known = ancestors(entries);
  const content = new Map<BytePath, { oid: LiveEntry['oid']; mark: FileMark }>();
  const others = new Map<BytePath, FileMark>();
  const otherDirectories: BytePath[] = [];

  const look = (path: BytePath) => {
    const stat = lstat(`${directory}/${path}`);
    const entry = scanned.get(path);
    // What is gone again is nobody's.
    if (stat === undefined) return;
    if (entry === undefined) others.set(path, markOf(stat));
    else content.set(path, { oid: entry.oid, mark: markOf(isAsScanned(entry.stat, stat) ? stat : entry.stat) });
  };
  const walk = (prefix: ByteString) => {
    // What is ignored comes and goes, directories too.
    for (const { name, directory: isDir } of entriesIfThere(`${directory}/${prefix}`)) {
      const path = `${prefix}${name}`;
      if (prefix === '' && name.startsWith(STAGING_PREFIX)) continue;
      if (!isDir) look(path);
      else {
        if (!known.has(path) && !scanned.has(path)) otherDirectories.push(path);
        walk(`${path}/`);
      }
    }
  };
  walk('');
  return { record: { content, others }, otherDirectories };
}

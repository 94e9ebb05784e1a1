import { mkdirSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { formatReleaseRecord, parseReleaseRecord, type ReleaseRecord } from '../../core/rollback/release-record.ts';
import { isReleaseName } from '../../core/rollback/releases.ts';
import { at, dirOf, entriesIfThere, lstat, readIfThere, removeIfThere, writeDurably } from '../replace/disk.ts';
import type { Places } from '../replace/staging-area.ts';

// A release without a record is none of ours, and is never removed.

/** Says durably what a release holds. */
export function writeRecord(places: Places, release: ByteString, record: ReleaseRecord): void {
  const file = recordFile(places, release);
  mkdirSync(at(dirOf(file)), { recursive: true });
  writeDurably(file, formatReleaseRecord(record));
}

/** Undefined where there is none, or none that can be read. */
export function readRecord(places: Places, release: ByteString): ReleaseRecord | undefined {
  const text = readIfThere(recordFile(places, release));
  return text === undefined ? undefined : parseReleaseRecord(text);
}

/** Whether something is known of the release. */
export function hasRecord(places: Places, release: ByteString): boolean {
  return lstat(recordFile(places, release)) !== undefined;
}

/** Forgets a release. */
export function removeRecord(places: Places, release: ByteString): void {
  removeIfThere(recordFile(places, release));
}

/** Forgets releases that are no more: who removed them was stopped, or did it by hand. */
export function removeOtherRecords(places: Places, releases: ReadonlySet<ByteString>): void {
  for (const { name } of entriesIfThere(recordsDirectory(places))) {
    const release = name.slice(0, -SUFFIX.length);
    if (isReleaseName(release) && name === release + SUFFIX && !releases.has(release)) removeRecord(places, release);
  }
}

/** Where the record of a release is. */
export function recordFile(places: Places, release: ByteString): ByteString {
  return `${recordsDirectory(places)}/${release}${SUFFIX}`;
}

function recordsDirectory({ home, set }: Places): ByteString {
  return `${home}/releases/${set}`;
}

const SUFFIX = '.json';

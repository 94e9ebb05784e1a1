import { mkdirSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { formatReleaseRecord, parseReleaseRecord, type ReleaseRecord } from '../../core/rollback/release-record.ts';
import { at, dirOf, lstat, readIfThere, removeIfThere, writeDurably } from '../replace/disk.ts';
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

/** Where the record of a release is. */
export function recordFile({ home, set }: Places, release: ByteString): ByteString {
  return `${home}/releases/${set}/${release}.json`;
}

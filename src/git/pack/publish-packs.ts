import { renameSync, rmSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { fileError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import { syncDirectory } from '../files/sync-directory.ts';

/** A pack and its index, complete and durable, but under names that git does not look at yet. */
export interface SealedPack {
  readonly temporaryPack: ByteString;
  readonly temporaryIndex: ByteString;
  /** Hexadecimal; names the pack. */
  readonly checksum: string;
}

/** Gives sealed packs the names under which git finds them, durably. Git looks for indexes, so each comes after its pack. */
export function publishPacks(
  objectDirectory: ByteString,
  packs: readonly SealedPack[],
  { fsync }: { fsync: boolean },
): void {
  const directory = `${objectDirectory}/pack`;
  for (const { temporaryPack, temporaryIndex, checksum } of packs) {
    try {
      renameSync(fsPath(temporaryPack), fsPath(`${directory}/pack-${checksum}.pack`));
      renameSync(fsPath(temporaryIndex), fsPath(`${directory}/pack-${checksum}.idx`));
    } catch (error) {
      throw fileError(error, 'write', `${directory}/pack-${checksum}.pack`);
    }
  }
  if (packs.length > 0 && fsync) syncDirectory(directory);
}

/** Removes a sealed pack that will not be published. */
export function discardPack({ temporaryPack, temporaryIndex }: SealedPack): void {
  rmSync(fsPath(temporaryPack), { force: true });
  rmSync(fsPath(temporaryIndex), { force: true });
}

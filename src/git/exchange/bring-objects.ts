import { closeSync, constants, copyFileSync, fsyncSync, openSync } from 'node:fs';
import type { ByteString } from '../../core/byte-string.ts';
import { fileError } from '../files/file-error.ts';
import { fsPath } from '../files/fs-path.ts';
import type { Repository } from '../open-repository.ts';
import { discardPack, publishPacks } from '../pack/publish-packs.ts';
import { runGit } from '../run-git.ts';
import { strictOption } from './strictness.ts';

/**
 * Copies all that the refs of one repository reach into another, as one pack. Git would compare each object with one of
 * that name that is there already, and give up on one that is damaged: this is how damage is mended, so it is not asked.
 */
export async function bringObjects({
  from,
  to,
  fsync,
}: {
  readonly from: Repository;
  readonly to: Repository;
  readonly fsync: boolean;
}): Promise<void> {
  const sealed = `${from.objectDirectory}/pack/sealed`;
  // Everything, whatever other packs there are; named by git for its content.
  const { stdout } = await runGit(from.place, ['pack-objects', '--quiet', '--all', '--delta-base-offset', sealed], {
    stdin: '',
    config: ['pack.packSizeLimit=0'],
  });
  const checksum = stdout.toString('latin1').trim();
  // Nothing enters the repository that git's own check would find fault with.
  await runGit(from.place, ['index-pack', await strictOption(from), `${sealed}-${checksum}.pack`]);
  const directory = `${to.objectDirectory}/pack`;
  const pack = {
    temporaryPack: `${directory}/tmp_snapshot_${checksum}.pack`,
    temporaryIndex: `${directory}/tmp_snapshot_${checksum}.idx`,
    checksum,
  };
  try {
    copy(`${sealed}-${checksum}.pack`, pack.temporaryPack, fsync);
    copy(`${sealed}-${checksum}.idx`, pack.temporaryIndex, fsync);
    publishPacks(to.objectDirectory, [pack], { fsync });
  } catch (error) {
    discardPack(pack);
    throw error;
  }
}

function copy(from: ByteString, to: ByteString, fsync: boolean): void {
  try {
    copyFileSync(fsPath(from), fsPath(to), constants.COPYFILE_FICLONE);
    if (!fsync) return;
    const descriptor = openSync(fsPath(to), 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw fileError(error, 'write', to);
  }
}

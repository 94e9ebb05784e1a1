// Takes a lock again and again, and each time leaves it as a process that died would. Says so if it is not alone.
// Arguments: the lock file, a file that is there while the lock is held.
import { spawnSync } from 'node:child_process';
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { SnapshotError } from '../../../src/core/errors.ts';
import { takeLock } from '../../../src/workdir/replace/lock.ts';

const [lock = '', inside = ''] = process.argv.slice(2);
const dead = spawnSync('true').pid;

for (let times = 0; times < 30; ) {
  try {
    takeLock(lock, 'set');
  } catch (error) {
    if (error instanceof SnapshotError && error.kind === 'conflict') continue;
    throw error;
  }
  times++;
  try {
    writeFileSync(inside, '', { flag: 'wx' });
  } catch {
    process.stdout.write('two ');
  }
  process.stdout.write('had ');
  unlinkSync(inside);
  // Written over in place, so that at no time is there no lock.
  writeFileSync(lock, readFileSync(lock, 'utf8').replace(/"pid":\d+/, `"pid":${dead}`));
}

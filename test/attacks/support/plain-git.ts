import { join } from 'node:path';
import { expect } from 'vitest';
import { tempGnupg } from '../../support/gnupg.ts';
import { existing, type GovernedRepo } from '../../support/governed-repo.ts';
import { tempDir } from '../../support/temp-repo.ts';
import { PEOPLE, type Scene, tryRun } from './scene.ts';

/** What `git verify-tag` makes of something, for a reader whose keyring has everybody's keys, as keyrings do. */
export function verifyTag({ repo, people }: Scene, rev: string): { good: boolean; said: string } {
  const { env, gpg } = tempGnupg();
  gpg(['--import'], PEOPLE.map((name) => people[name].publicKey.armored).join('\n'));
  const { code, stderr } = tryRun('git', ['verify-tag', '--raw', rev], { cwd: repo.dir, env });
  return { good: code === 0, said: stderr };
}

/** Expects that plain git finds the signature good. */
export function expectGoodForGit(scene: Scene, ...revs: string[]): void {
  for (const rev of revs) {
    const { good, said } = verifyTag(scene, rev);
    expect(good, said).toBe(true);
    expect(said).toContain('VALIDSIG');
  }
}

/** Expects that plain git finds it bad, too. */
export function expectBadForGit(scene: Scene, rev: string): void {
  expect(verifyTag(scene, rev).good).toBe(false);
}

/** A server that refuses what a careful person tells git to refuse, with all that the repository has. */
export function guardedServer({ repo }: Scene): { dir: string; git: GovernedRepo['git'] } {
  const server = existing(tempDir());
  server.git('init', '-q', '--bare', '-b', 'main');
  for (const setting of ['receive.denyNonFastForwards', 'receive.denyDeletes', 'receive.fsckObjects'])
    server.git('config', setting, 'true');
  repo.git('push', '-q', server.dir, 'refs/snapshots/*:refs/snapshots/*', 'refs/notes/*:refs/notes/*');
  repo.git('push', '-q', server.dir, 'refs/snapshot-policy/*:refs/snapshot-policy/*');
  return server;
}

/** The mirror of all governed refs that `git fetch` makes: without a plus, so without force. */
export const MIRROR = [
  'refs/snapshots/*:refs/snapshots/*',
  'refs/notes/*:refs/notes/*',
  'refs/snapshot-policy/*:refs/snapshot-policy/*',
];

/** What `git fsck --strict` says, and how it ended. */
export function fsckSays({ repo }: Scene): string {
  const { code, stdout, stderr } = tryRun('git', ['fsck', '--strict', '--full', '--no-progress', '--no-dangling'], {
    cwd: repo.dir,
  });
  return `exit ${code}\n${stdout}${stderr}`;
}

/** What the tree writes where git checks it out, and how that ended. */
export function checkOut({ repo }: Scene, tree: string): { dir: string; code: number | null; said: string } {
  const dir = tempDir();
  const env = { GIT_INDEX_FILE: join(dir, '.index'), GIT_WORK_TREE: dir };
  const read = tryRun('git', ['read-tree', tree], { cwd: repo.dir, env });
  const out = tryRun('git', ['checkout-index', '-a', '-f'], { cwd: repo.dir, env });
  return { dir, code: read.code === 0 ? out.code : read.code, said: read.stderr + out.stderr };
}

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { planRollback } from '../../src/core/rollback/plan.ts';
import type { DirectoryLock, DirectoryReplacer, StagedReplacement } from '../../src/core/rollback/port.ts';
import { openDirectoryReplacer } from '../../src/workdir/replace/directory-replacer.ts';
import { type DirectoryState, makeDirectory, restoreFrom, scanDirectory, targetEntries } from './directory-state.ts';
import { tempDir } from './temp-repo.ts';

/** A set `artifacts` with the layout of releases, in a directory of its own. */
export interface ReleaseScene {
  readonly dir: string;
  readonly root: string;
  readonly releases: string;
  readonly gitDir: string;
  readonly replacer: DirectoryReplacer;
  readonly lock: DirectoryLock;
}

/** Opens what {@link releaseScene} made once more, as another process does. */
export function openReleases(dir: string, keep: number | undefined = 3): DirectoryReplacer {
  const releases = keep === undefined ? undefined : { keep };
  return openDirectoryReplacer({ gitDir: join(dir, '.git'), set: 'artifacts', root: join(dir, 'artifacts'), releases });
}

/** A plain directory of that content, which no release has been made of yet. `undefined`: no directory. */
export function releaseScene(state: DirectoryState | undefined, keep = 3, dir = tempDir()): ReleaseScene {
  mkdirSync(join(dir, '.git'), { recursive: true });
  if (state !== undefined) makeDirectory(join(dir, 'artifacts'), state);
  const replacer = openReleases(dir, keep);
  const lock = replacer.lock();
  const [root, releases] = [join(dir, 'artifacts'), join(dir, '.artifacts.releases')];
  return { dir, root, releases, gitDir: join(dir, '.git'), replacer, lock };
}

/** Stages a state, as a rollback does that wants all of it. */
export function stageState(
  { root, lock }: Pick<ReleaseScene, 'root' | 'lock'>,
  to: DirectoryState,
  excluded: readonly string[] = [],
): StagedReplacement {
  const live = existsSync(root) ? scanDirectory(realpathSync(root), excluded) : [];
  const plan = planRollback({ live, target: targetEntries(to), excluded });
  const staged = lock.stage({ plan, operation: randomBytes(8).toString('hex') });
  restoreFrom(to, staged.blobs);
  return staged;
}

/** A whole switch to a state, of which nothing may go wrong. */
export async function switchTo(scene: ReleaseScene, to: DirectoryState, id: string, excluded: readonly string[] = []) {
  const armed = stageState(scene, to, excluded).arm({ from: 'was', to: id, startedAtSec: 1, context: {} });
  return (await armed.apply()).finish().files;
}

/** The releases that there are, and the one that is live. */
export function releasesOf({ root, releases }: Pick<ReleaseScene, 'root' | 'releases'>): string[] {
  const live = readlinkSync(root);
  return readdirSync(releases)
    .filter((name) => name !== '.gitignore')
    .sort()
    .map((name) => (live === `.artifacts.releases/${name}` ? `${name} *` : name));
}

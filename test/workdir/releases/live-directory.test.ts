import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SnapshotError } from '../../../src/core/errors.ts';
import { liveDirectory } from '../../../src/workdir/releases/live-directory.ts';
import { releaseScene } from '../../support/release-scene.ts';
import { tempDir } from '../../support/temp-repo.ts';

const RELEASE = '000001-20260102T030405Z-0123456789ab';

/** A set that is linked to a release, made by hand, and something outside that nobody may be led to. */
function linked(): { dir: string; root: string; releases: string; outside: string } {
  const dir = tempDir();
  const [root, releases, outside] = [join(dir, 'artifacts'), join(dir, '.artifacts.releases'), join(dir, 'outside')];
  mkdirSync(join(releases, RELEASE), { recursive: true });
  mkdirSync(join(outside, RELEASE), { recursive: true });
  symlinkSync(`.artifacts.releases/${RELEASE}`, root);
  return { dir, root, releases, outside };
}

function refusal(root: string, inReleases = true): SnapshotError {
  try {
    const found = liveDirectory(root, inReleases);
    return expect.fail(`'${found?.path}' was followed`);
  } catch (error) {
    if (error instanceof SnapshotError) return error;
    throw error;
  }
}

describe('the directory that a set stands for', () => {
  it('is the release that the link names, or the directory itself', () => {
    const { root, releases } = linked();
    expect(liveDirectory(root, true)).toMatchObject({ path: join(releases, RELEASE), release: RELEASE });
    unlinkSync(root);
    expect(liveDirectory(root, true)).toBeUndefined();
    mkdirSync(root);
    for (const inReleases of [true, false])
      expect(liveDirectory(root, inReleases)).toMatchObject({ path: root, release: undefined });
  });

  it.each([
    ['a directory outside', (s) => join(s.dir, 'outside')],
    ['a release by its absolute path', (s) => join(s.releases, RELEASE)],
    ['a way round by ..', () => `../${'artifacts'}/.artifacts.releases/${RELEASE}`],
    ['a way round by .', () => `./.artifacts.releases/${RELEASE}`],
    ['a slash at the end', () => `.artifacts.releases/${RELEASE}/`],
    ['two slashes', () => `.artifacts.releases//${RELEASE}`],
    ['the directory of releases', () => '.artifacts.releases'],
    ['the directory above', () => '.artifacts.releases/..'],
    ['a directory in a release', () => `.artifacts.releases/${RELEASE}/sub`],
    ['a name that is none of a release', () => '.artifacts.releases/latest'],
    ['what is being staged', () => '.artifacts.releases/.git-snapshot-0123456789abcdef'],
    ['a release of another set', () => `.models.releases/${RELEASE}`],
    ['nothing', () => `.artifacts.releases/000009-${RELEASE.slice(7)}`],
    ['itself', () => 'artifacts'],
  ] as [string, (scene: ReturnType<typeof linked>) => string][])('is not found through a link to %s', (_, target) => {
    const scene = linked();
    mkdirSync(join(scene.releases, RELEASE, 'sub'));
    for (const name of ['latest', '.git-snapshot-0123456789abcdef']) mkdirSync(join(scene.releases, name));
    mkdirSync(join(scene.dir, '.models.releases', RELEASE), { recursive: true });
    unlinkSync(scene.root);
    symlinkSync(target(scene), scene.root);
    expect(refusal(scene.root)).toMatchObject({ kind: 'config', message: expect.stringContaining('to no release') });
    expect(refusal(scene.root, false)).toMatchObject({
      kind: 'config',
      message: expect.stringContaining('is not a directory'),
    });
  });

  it('is not found through a release, or a directory of releases, that is a link itself', () => {
    const one = linked();
    rmSync(join(one.releases, RELEASE), { recursive: true });
    symlinkSync(`../outside/${RELEASE}`, join(one.releases, RELEASE));
    expect(refusal(one.root).message).toContain('to no release');
    const other = linked();
    renameSync(other.releases, join(other.dir, 'moved'));
    symlinkSync('outside', other.releases);
    expect(refusal(other.root).message).toContain('to no release');
  });

  it('is linked again by what the hint says, as it stands', () => {
    const { root, releases } = linked();
    const newest = '1000000-20260102T030405Z-0123456789ab';
    for (const name of [newest, '999999-20260102T030405Z-0123456789ab']) mkdirSync(join(releases, name));
    writeFileSync(join(releases, '1000001-before'), 'no directory');
    unlinkSync(root);
    symlinkSync('nowhere', root);
    execFileSync('sh', ['-c', /"(ln .*)"/.exec(refusal(root).hint ?? '')?.[1] ?? 'false']);
    expect(liveDirectory(root, true)).toMatchObject({ path: join(releases, newest) });
  });

  it('can only be put back where no release is left', () => {
    const { root, releases } = linked();
    rmSync(releases, { recursive: true });
    expect(refusal(root).hint).toContain(`remove '${root}', and run "git rollback"`);
  });

  it('is no release that is a file, and no file', () => {
    const { root, releases } = linked();
    rmSync(join(releases, RELEASE), { recursive: true });
    writeFileSync(join(releases, RELEASE), '');
    expect(refusal(root).message).toContain('to no release');
    unlinkSync(root);
    writeFileSync(root, '');
    expect(refusal(root).message).toContain('is not a directory');
    expect(refusal(root).hint).toMatch(/^Move it away, /);
  });

  it('is no release unless the policy says so, and the way back is told', () => {
    const { root, releases } = linked();
    const { message, hint } = refusal(root, false);
    expect(message).toBe(`'${root}' is a link to a release, and the policy has no 'layout: releases'`);
    expect(hint).toContain(`"rm '${root}' && mv '${join(releases, RELEASE)}' '${root}'"`);
  });
});

describe('the directory of releases', () => {
  it('is not taken from somebody else', () => {
    const scene = releaseScene({ a: { file: 'a' } });
    mkdirSync(join(scene.releases, 'theirs'), { recursive: true });
    const plan = {
      steps: [],
      conflicts: [],
      counts: { created: 0, replaced: 0, deleted: 0, modes: 0 },
      result: [],
      live: [],
    };
    const stage = () => scene.lock.stage({ plan, operation: '0123456789abcdef' });
    expect(stage).toThrow(/is no directory of releases that we made/);
    expect(scene.lock.pending()).toBeUndefined();
    rmSync(scene.releases, { recursive: true });
    mkdirSync(join(scene.dir, 'elsewhere'));
    symlinkSync('elsewhere', scene.releases);
    expect(stage).toThrow(/is no directory of releases that we made/);
    writeFileSync(join(scene.dir, 'elsewhere/.git-snapshot-precious'), 'not removed');
    expect(scene.lock.pending()).toBeUndefined();
    expect(() => rmSync(join(scene.dir, 'elsewhere/.git-snapshot-precious'))).not.toThrow();
  });
});

import { describe, expect, test } from 'vitest';
import { hidesGoverned, overwritesGoverned } from '../../../src/core/doctor/ref-settings.ts';
import { isGitEnough, isNodeEnough } from '../../../src/core/doctor/versions.ts';

describe('versions', () => {
  test.each([
    ['2.33.9', false],
    ['2.34.0', true],
    ['2.39.3 (Apple Git-146)', true],
    ['2.43.0.windows.1', true],
    ['3.0', true],
    ['1.99', false],
    ['unknown', false],
  ])('git %s: %s', (version, expected) => expect(isGitEnough(version)).toBe(expected));

  test.each([
    ['v18.20.0', false],
    ['v20.18.3', false],
    ['v20.19.0', true],
    ['v21.7.0', false],
    ['v22.11.0', false],
    ['v22.12.0', true],
    ['v24.0.0', true],
  ])('node %s: %s', (version, expected) => expect(isNodeEnough(version)).toBe(expected));
});

describe('refspecs that move our refs unverified', () => {
  test.each([
    ['+refs/heads/*:refs/remotes/origin/*', false],
    ['+refs/*:refs/*', true],
    ['refs/snapshots/*:refs/snapshots/*', true],
    ['+refs/snapshots/*:refs/remote-snapshots/*', false],
    ['refs/notes/*:refs/notes/*', true],
    ['refs/notes/commits:refs/notes/commits', false],
    ['refs/notes/snapshots:refs/notes/snapshots', true],
    ['refs/tags/*:refs/tags/*', true],
    ['refs/snapshots/*', false],
    ['^refs/snapshots/*', false],
    ['refs/snapshots/artifacts/*:refs/snapshots/artifacts/*', true],
  ])('%s: %s', (refspec, expected) => expect(overwritesGoverned(refspec)).toBe(expected));
});

describe('settings that hide our refs', () => {
  test.each([
    ['refs/snapshots', true],
    ['refs/snapshots/', true],
    ['^refs/notes/snapshots', true],
    ['refs', true],
    ['refs/notes', true],
    ['refs/holds/artifacts', true],
    ['refs/snap', false],
    ['refs/pull', false],
    ['!refs/snapshots', false],
  ])('%s: %s', (value, expected) => expect(hidesGoverned(value)).toBe(expected));
});

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DIRECTORY, FILE, SYMLINK } from '../../src/core/entry.ts';
import type { Oid } from '../../src/core/oid.ts';
import { holdsEntries } from '../../src/workdir/holds-entries.ts';
import { tempDir } from '../support/temp-repo.ts';

// What `git hash-object` says of a file "one\n" and of a link to "one".
const ONE = '5626abf0f72e58d7a153368ba57db4c673c0e171' as Oid;
const TO_ONE = '43dd47ea691c90a5fa7827892c70241913351963' as Oid;

test('only what is exactly there counts, and what cannot be looked at is not there', () => {
  const root = tempDir();
  mkdirSync(join(root, 'in'));
  mkdirSync(join(root, 'empty'));
  writeFileSync(join(root, 'in/file'), 'one\n', { mode: 0o644 });
  symlinkSync('one', join(root, 'link'));
  symlinkSync('in', join(root, 'to-in'));
  const file = (path: string, mode = 0o644) => ({ path, mode: FILE | mode, oid: ONE });
  const held = [
    file('in/file'),
    { path: 'link', mode: SYMLINK, oid: TO_ONE },
    { path: 'empty', mode: DIRECTORY, oid: ONE },
  ];
  const others = [
    file('in/file', 0o755),
    file('link'),
    file('empty'),
    file('absent'),
    file('in/file/below'),
    file('to-in/file'),
    file('x'.repeat(300)),
    file(`${'x'.repeat(300)}/file`),
    { path: 'link', mode: SYMLINK, oid: ONE },
  ];
  expect([...holdsEntries(root, held)]).toEqual(['in/file', 'link', 'empty']);
  expect([...holdsEntries(root, others)]).toEqual([]);
});

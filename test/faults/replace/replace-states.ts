import type { DirectoryState } from '../../support/directory-state.ts';

/** Left out by a rule, in a directory that loses all else. */
export const EXCLUDED = 'logs/today.log';

const BOTH: DirectoryState = {
  'same.txt': { file: 'not touched' },
  'deep/a/b/same': { file: 'nor this' },
  [EXCLUDED]: { file: 'ignored by the rules' },
};

/** A directory, and what it is to become: each kind of change that there is. */
export const OLD: DirectoryState = {
  ...BOTH,
  'replaced.txt': { file: 'old content' },
  'deep/a/replaced': { file: 'old, deep' },
  'script.sh': { file: '#!/bin/sh\n' },
  'secret.key': { file: 'key', mode: 0o600 },
  'gone.txt': { file: 'to be deleted' },
  'logs/old.log': { file: 'to be deleted, its directory is not' },
  'oldtree/x/y/one': { file: '1' },
  'oldtree/x/two': { file: '2', mode: 0o755 },
  'oldtree/link': { link: 'x/two' },
  'oldtree/hollow': 'dir',
  'file-to-dir': { file: 'a file' },
  'dir-to-file/inner/deep': { file: 'in a directory' },
  'file-to-link': { file: 'a file' },
  'link-to-file': { link: 'same.txt' },
  'link-to-link': { link: 'old-target' },
  'empty-gone': 'dir',
  'empty-filled': 'dir',
  'emptied/only': { file: 'x' },
  'name \xff\xe9 \n.bin': { file: 'not UTF-8' },
};

export const NEW: DirectoryState = {
  ...BOTH,
  'replaced.txt': { file: 'new content, longer' },
  'deep/a/replaced': { file: 'new, deep' },
  'script.sh': { file: '#!/bin/sh\n', mode: 0o755 },
  'secret.key': { file: 'key', mode: 0o640 },
  'created.txt': { file: 'created' },
  'deep/a/created': { file: 'created, deep' },
  'newtree/p/q/one': { file: 'n1' },
  'newtree/p/two': { file: 'n2', mode: 0o755 },
  'newtree/link': { link: '../same.txt' },
  'newtree/void/deeper': 'dir',
  'file-to-dir/inner/deep': { file: 'now a directory' },
  'dir-to-file': { file: 'now a file', mode: 0o600 },
  'file-to-link': { link: 'replaced.txt' },
  'link-to-file': { file: 'now a file' },
  'link-to-link': { link: 'new-target' },
  'empty-new': 'dir',
  'empty-filled/now': { file: 'filled' },
  emptied: 'dir',
  'name \xff\xe9 \n.bin': { file: 'still not UTF-8' },
};

/** Variables that the programs read, and what each is for. For every kind of document. */
export const ENVIRONMENT = [
  ['GIT_SNAPSHOT_PASSPHRASE', 'Passphrase of the signing key. Nobody is asked then.'],
  [
    'GIT_SNAPSHOT_TRUST_ROOT',
    "Digest of the policy to trust, 'sha256:' and 64 hexadecimal digits, for a machine that has not met the repository, such as a CI runner. Counts before what is pinned; nothing is pinned by it.",
  ],
  ['GIT_SNAPSHOT_WRITER', '1: the hook reference-transaction lets git change refs of snapshots by hand.'],
  ['NO_COLOR', 'Not empty: no colours.'],
  [
    'XDG_CONFIG_HOME',
    'Directory under which keys and pins are kept. Where it is not set, or is no absolute path: ~/.config.',
  ],
  ['GIT_DIR, GIT_WORK_TREE', 'As for git.'],
] as const;

/** Files that the programs read or write, and what each is for. */
export const FILES = [
  [
    '.snapshotignore',
    "What to leave out of snapshots, in the syntax of .gitignore: in the set's directory, or in any below it.",
  ],
  [
    '~/.config/git-snapshot/keys/<FINGERPRINT>.asc',
    'A private signing key. Keep a copy: without it nobody can sign for you.',
  ],
  ['~/.config/git-snapshot/trust/<REPOSITORY>.json', 'Which policy this user trusts for a repository.'],
  ['.git/snapshot/', 'Caches, the journal of a rollback that is under way, and files that were rescued in one.'],
] as const;

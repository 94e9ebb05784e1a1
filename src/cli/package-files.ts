// Here, and not where they are used: the bundle lies as deep in the package as this file, and no deeper.

/** Where the scripts of the hooks are. */
export const HOOK_SCRIPTS = new URL('../../hooks/', import.meta.url);

/** What to type when it is broken: the page to know of before it is. */
export const PLAYBOOK = new URL('../../docs/rollback-playbook.md', import.meta.url);

/** The program itself, for what needs a process of its own. */
export const SNAPSHOT_PROGRAM = new URL('../../bin/git-snapshot.js', import.meta.url);

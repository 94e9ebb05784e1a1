/** Where the scripts of the hooks are. Here, and not where it is used: the bundle lies as deep as this file, and no deeper. */
export const HOOK_SCRIPTS = new URL('../../hooks/', import.meta.url);

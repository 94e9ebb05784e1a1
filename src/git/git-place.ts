/** Where git runs: its working directory, and the environment that tells it which repository. */
export interface GitPlace {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The environment of every git that we start: no replaced objects, no grafts, no fetching of missing objects,
 * no rewriting of the user's index by the way, and messages that are always the same.
 */
export function gitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    LC_ALL: 'C',
    GIT_NO_REPLACE_OBJECTS: '1',
    // Below a file, so that it can never exist: an existing one, even empty, makes git warn.
    GIT_GRAFT_FILE: '/dev/null/none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_SNAPSHOT_WRITER: '1',
  };
}

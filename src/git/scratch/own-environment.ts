/** What may make git look at another repository than the one that it is told. */
const ELSEWHERE =
  /^GIT_(?:DIR|WORK_TREE|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|INDEX_FILE|NAMESPACE|SHALLOW_FILE|QUARANTINE_PATH|DEFAULT_REF_FORMAT|REFERENCE_BACKEND|DEFAULT_HASH|TEMPLATE_DIR|PREFIX|CONFIG|CONFIG_(?:PARAMETERS|COUNT|KEY_\d+|VALUE_\d+))$/;

/** An environment in which a repository that we make is the one that git is told, and as we made it. */
export function ownEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ELSEWHERE.test(name)));
}

import { isAbsolute } from 'node:path';

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * The environment of a command: `PATH`, the C locale, and the variables that the policy names, where they are set.
 *
 * Whatever is relative in `PATH` goes: it would be looked for in the checkout, and the snapshot would bring the program.
 */
export function commandEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  allowed: readonly string[],
): Record<string, string> {
  const given = allowed.flatMap((name) => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  const path = (env['PATH'] ?? '').split(':').filter((directory) => isAbsolute(directory));
  return { ...Object.fromEntries(given), PATH: path.join(':') || DEFAULT_PATH, LC_ALL: 'C' };
}

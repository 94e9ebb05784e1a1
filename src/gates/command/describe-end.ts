import type { CommandEnd } from './run-command.ts';

/** `exit code 1`, `killed by SIGSEGV`. */
export function describeEnd({ exitCode, killedBy }: CommandEnd): string {
  return exitCode === undefined ? `killed by ${killedBy ?? 'a signal'}` : `exit code ${exitCode}`;
}

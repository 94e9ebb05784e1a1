import type { OptionSpec } from '../spec.ts';

/** Options of every command, before or after its name. */
export const GLOBAL_OPTIONS = [
  { name: 'json', type: 'flag', summary: 'Print one JSON document on standard output' },
  { name: 'quiet', short: 'q', type: 'flag', summary: 'Print the result only' },
  { name: 'verbose', short: 'v', type: 'flag', summary: 'Print more; with an error, its causes' },
  { name: 'no-color', type: 'flag', summary: 'Do not use colour (the same as NO_COLOR=1)' },
  {
    name: 'C',
    type: 'text',
    value: 'DIR',
    repeat: true,
    completes: 'directory',
    summary: 'Run as if started in DIR',
  },
  { name: 'help', short: 'h', type: 'flag', summary: 'Show this help' },
  { name: 'version', type: 'flag', summary: 'Show the version' },
] as const satisfies readonly OptionSpec[];

/** Which set, where a command works on one. */
export const SET_OPTION = {
  name: 'set',
  type: 'text',
  value: 'SET',
  completes: 'set',
  summary: "Name of the set (default: 'artifacts', or the only one)",
} as const satisfies OptionSpec;

/** Some paths of a set. Not completed: a shell knows of paths from where it is. */
export const PATH_OPTION = {
  name: 'path',
  type: 'text',
  value: 'PATH',
  repeat: true,
  summary: "Only PATH and what is below it; relative to the set's directory (repeatable)",
} as const satisfies OptionSpec;

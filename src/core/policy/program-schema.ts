import * as z from 'zod';

const Argument = z.string().refine((text) => text.isWellFormed() && !text.includes('\0'), 'not an argument');

/** A program that a policy starts, and its arguments. */
export const ProgramLine = z
  .array(Argument)
  .min(1)
  .refine(([program = '']) => isProgram(program), 'begins with neither a name on the PATH nor an absolute path');

/** Names of variables that such a program may see. */
export const VariableNames = z.array(z.string().regex(/^[A-Z_][A-Z0-9_]*$/));

/** A relative path would be looked for where the program is started: a snapshot would bring what judges it. */
function isProgram(text: string): boolean {
  return /^(?:\/.*[^/]|[^/]+)$/s.test(text) && text !== '.' && text !== '..';
}

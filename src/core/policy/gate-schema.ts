import * as z from 'zod';
import { isGlob } from '../gates/glob.ts';
import { isName } from '../refs.ts';
import { Duration } from './duration-schema.ts';
import { ProgramLine, VariableNames } from './program-schema.ts';

// Patterns are for editors, where a refinement says nothing; they let through no less than it does.
const Glob = z.string().refine(isGlob, 'not a path in a set, with * and **').meta({ pattern: '^[^/]' });
const Globs = z.array(Glob).min(1).describe('Paths in the set, with * and **.');
// A path is a glob without stars.
const SetPath = z.string().refine(isGlob, 'not a path in a set').meta({ pattern: '^[^/]' });
const Text = z
  .string()
  .min(1)
  .refine((text) => text.isWellFormed(), 'not well-formed text');
const Pointer = z
  .string()
  .regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'not a JSON pointer')
  .describe('JSON pointer: /artifacts, or empty for the whole document.');
const FileName = z.string().refine(isName, 'not a valid name');

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

const timeout = z
  .int()
  .min(1)
  .max(86_400)
  .optional()
  .describe('Seconds after which it counts as an error (default: 300).');

/** A gate: a check with a verdict. `type` says which. */
export const Gate = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('signature'), timeout }).describe('The snapshot is signed and in the log.'),
  z.strictObject({ type: z.literal('manifest'), timeout }).describe('Every byte is what the manifest says.'),
  z
    .strictObject({
      type: z.literal('json-schema'),
      files: Globs,
      schema: FileName.describe('Name of a schema of the policy: the file schemas/NAME.json beside it.'),
      timeout,
    })
    .describe('Files are JSON and follow a schema, of draft 2020-12 or 07.'),
  z
    .strictObject({
      type: z.literal('index'),
      file: SetPath.describe('The index, a JSON file of the set.'),
      base: SetPath.optional().describe('Directory that its paths are relative to, and that it lists (default: all).'),
      list: Pointer.optional().describe('Where the list is in it (default: the whole document).'),
      path: z.string().min(1).optional().describe("Field with the path (default: 'path')."),
      digest: z.string().min(1).optional().describe("Field with the SHA-256 (default: 'sha256')."),
      size: z
        .union([z.string().min(1), z.literal(false)])
        .optional()
        .describe("Field with the size in bytes, or false if it has none (default: 'size')."),
      ignore: z.array(Glob).optional().describe('Files that need not be in it, besides itself.'),
      timeout,
    })
    .describe('An index lists exactly the files that are there, with their digests and sizes.'),
  z
    .strictObject({
      type: z.literal('routing'),
      files: Globs.describe('Routing tables, JSON.'),
      targets: z
        .array(Pointer)
        .min(1)
        .describe('JSON pointers to targets; * stands for every member of a list or object.'),
      base: SetPath.optional().describe('Directory that targets are relative to (default: the top of the set).'),
      timeout,
    })
    .describe('What a routing table points to is there.'),
  z
    .strictObject({
      type: z.literal('contract'),
      required: z.array(Glob).optional().describe('Globs that must each match a file.'),
      forbidden: z.array(Glob).optional().describe('Globs that must match nothing.'),
      forbiddenText: z.array(Text).optional().describe('Texts that must be in no file, such as a marker of secrets.'),
      maxFileBytes: z.int().min(0).optional(),
      maxBytes: z.int().min(0).optional(),
      maxFiles: z.int().min(0).optional(),
      labels: z.array(z.string().min(1)).optional().describe('Labels that the snapshot must have, by key.'),
      timeout,
    })
    .refine(({ type, timeout, ...asked }) => Object.keys(asked).length > 0, 'asks for nothing')
    .describe('What every snapshot must have, and must not.'),
  z
    .strictObject({
      type: z.literal('command'),
      argv: ProgramLine.describe('Program and arguments; no shell. Exit code 0 passes, 1 fails.'),
      environment: VariableNames.optional().describe('Variables that it may see, besides PATH.'),
      maxOutputBytes: z
        .int()
        .min(0)
        .max(MAX_OUTPUT_BYTES)
        .optional()
        .describe('How much of its output is kept (default: 65536).'),
      timeout,
    })
    .describe('A program is content with a read-only checkout, which it is started in.'),
  z
    .strictObject({
      type: z.literal('rehearsed'),
      of: z
        .enum(['set', 'snapshot'])
        .optional()
        .describe('Whether any snapshot of the set will do, or it must be this one (default: set).'),
      maxAge: Duration.optional().describe('How old the rehearsal may be (default: rehearsal.maxAge, else 30d).'),
      timeout,
    })
    .describe('The log tells of a rehearsal that passed, not too long ago.'),
]);

/** A gate as the policy has it. */
export type Gate = z.infer<typeof Gate>;

import { z } from 'zod';
import { HOOK_NAMES } from '../../core/share/hook-input.ts';

const Directory = z.strictObject({
  path: z.string().describe('where git looks for hooks'),
  kind: z.enum(['own', 'versioned', 'working-tree', 'outside']),
  hooksPath: z
    .strictObject({ value: z.string(), scope: z.string().describe('whose configuration sets it, as git says') })
    .nullable()
    .describe('core.hooksPath'),
});

const Hook = z.strictObject({
  name: z.enum(HOOK_NAMES),
  state: z
    .enum(['absent', 'foreign', 'current', 'outdated', 'changed', 'nested'])
    .describe('nested: another program moved it aside and calls it'),
  file: z.string(),
  runs: z.boolean().describe('git runs what is there'),
  version: z.string().nullable().describe('that wrote it'),
  before: z
    .strictObject({ file: z.string(), runs: z.boolean() })
    .nullable()
    .describe('the hook of yours that was there, and runs first'),
});

const Change = z.strictObject({
  directory: Directory,
  hooks: z.array(
    Hook.extend({ outcome: z.enum(['installed', 'updated', 'removed', 'restored', 'unchanged']) }).describe(
      'as it stands now',
    ),
  ),
});

/** The documents of `hooks`, by action. */
export const HOOKS_DOCUMENTS = {
  'hooks status': z.strictObject({
    ok: z.boolean().describe('git runs all that are wanted, as this version has them'),
    directory: Directory,
    hooks: z.array(Hook.extend({ wanted: z.boolean() })),
  }),
  'hooks install': Change,
};

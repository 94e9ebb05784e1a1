import * as z from 'zod';
import { isGlob } from '../gates/glob.ts';
import { isName } from '../refs.ts';

const Name = z.string().refine(isName, 'not a valid name');

const RefGlob = z
  .string()
  .refine((text) => text.startsWith('refs/') && isGlob(text), 'not the full name of refs, such as refs/heads/main')
  .meta({ pattern: '^refs/.' });

/** What an ordinary ref that others build on must hold: the content of a set that was snapshotted, and no other. */
export const Protection = z.strictObject({
  refs: z
    .array(RefGlob)
    .min(1)
    .describe('Full names of branches and tags; * stands for any part of one name, ** for any number of names.'),
  set: Name.describe('The set whose directory, in the commit that is pushed, is looked at.'),
  equals: z
    .enum(['verified', 'live'])
    .describe(
      'verified: it is what some snapshot of the set holds that verifies. live: what is live in the environment.',
    ),
  environment: Name.optional().describe('The environment, of live.'),
  allowDelete: z.boolean().optional().describe('Whether the ref may be deleted (default: no).'),
});

/** What {@link Protection} gives. */
export type Protection = z.infer<typeof Protection>;

import * as z from 'zod';
import { hasUnsafeCharacters, utf8Encode } from '../byte-string.ts';
import { refusePath } from '../paths.ts';
import { isName } from '../refs.ts';
import type { KeyId } from '../signing.ts';
import { isKeyId } from '../signing.ts';
import { environmentOf } from './environment-schema.ts';
import { Gate } from './gate-schema.ts';
import { Protection } from './protect-schema.ts';
import { Rehearsal, ServiceLevels, SetRollback } from './recovery-schema.ts';
import { Retention } from './retention-schema.ts';

/** What a role may do is said in docs/policy.md. */
export const ROLES = ['root', 'snapshotter', 'promoter', 'approver', 'releaser', 'pruner', 'auditor'] as const;
/** The name of a role. */
export type Role = (typeof ROLES)[number];

/** Why a key is not to be believed any more, from some place in the log on. */
const REVOCATION_REASONS = ['compromised', 'lost'] as const;

// Patterns are for editors, where a refinement says nothing; they let through no less than it does.
const Name = z.string().refine(isName, 'not a valid name').meta({ pattern: '^[a-z0-9][a-z0-9._-]{0,62}$' });
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'not a SHA-256 digest');
const Key = z
  .string()
  .refine(isKeyId, 'not a key id')
  .meta({ pattern: '^(?:openpgp:[0-9A-F]{40}|ssh:[0-9a-f]{64})$' }) as unknown as z.ZodType<KeyId, string>;
const Text = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !hasUnsafeCharacters(text), 'has control characters');
const RelativePath = z.string().refine(isRelativePath, 'not a path below the top level').meta({ pattern: '^[^/]' });

const RoleHolders = z.strictObject({
  people: z.array(Name).min(1).describe('Who has the role.'),
  threshold: z.int().min(1).describe('How many of them must agree.'),
});

/** What each role may do. */
const ROLE_TEXTS: Readonly<Record<Role, string>> = {
  root: 'Who may change the policy.',
  snapshotter: 'Who may take snapshots.',
  promoter: 'Who may promote.',
  approver: 'Who may approve and reject promotions.',
  releaser: 'Who may roll back and restore.',
  pruner: 'Who may prune, hold and release.',
  auditor: 'Who may repair the audit log.',
};

/** Every role but root may be left out: then nobody has it. */
function rolesOf<Holders extends z.ZodType>(holders: Holders) {
  const optional = (role: Role) => holders.optional().describe(ROLE_TEXTS[role]);
  return z.strictObject({
    root: holders.describe(ROLE_TEXTS.root),
    snapshotter: optional('snapshotter'),
    promoter: optional('promoter'),
    approver: optional('approver'),
    releaser: optional('releaser'),
    pruner: optional('pruner'),
    auditor: optional('auditor'),
  });
}

const Patterns = z.array(z.string().min(1)).describe('What is left out, in the syntax of gitignore.');

/** The fields that people write. `short` ones may be written in a shorter way in the source. */
function fieldsOf<Holders extends z.ZodType, Exclude extends z.ZodType>(short: { holders: Holders; exclude: Exclude }) {
  const roles = rolesOf(short.holders);
  return {
    version: z.int().min(1).describe('1, 2, 3 …: one more than the policy in force.'),
    expires: z.iso
      .datetime({ precision: 0 })
      .optional()
      .describe('From then on nothing is accepted under this policy but rollbacks and the next policy.'),
    sets: z
      .record(
        Name,
        z.strictObject({
          path: RelativePath.describe('Directory, relative to the top level.'),
          exclude: short.exclude,
          gates: z
            .array(Name)
            .optional()
            .describe('Gates that a snapshot must pass to be taken, by name (default: none).'),
          roles: roles
            .omit({ root: true })
            .optional()
            .describe('Who has a role for this set, instead of those who have it for all.'),
          retention: Retention.optional().describe('What is kept of this set, instead of what is kept of all.'),
          rollback: SetRollback.optional().describe('What a rollback of this set must pass, before and after.'),
          layout: z
            .enum(['in-place', 'releases'])
            .optional()
            .describe(
              'Whether a rollback changes files where they are, or the path is a link that is switched from one release to another (default: in-place).',
            ),
          keepReleases: z
            .int()
            .min(1)
            .max(100)
            .optional()
            .describe('How many releases stay on the disk, with the one that is linked, in that layout (default: 3).'),
        }),
      )
      .describe('Directories under governance, by name.'),
    environments: z
      .record(Name, environmentOf(roles.omit({ root: true })))
      .optional()
      .describe('Stages that snapshots are promoted to, by name.'),
    gates: z.record(Name, Gate).optional().describe('Checks that sets and environments ask for, by name.'),
    retention: Retention.optional().describe('Which snapshots are kept (default: the last 20).'),
    rehearsal: Rehearsal.optional().describe('What a rehearsal must show.'),
    serviceLevels: ServiceLevels.optional().describe('Limits for the times and ages that "git snapshot slo" reports.'),
    holds: z
      .strictObject({
        releaseBy: z.enum(['anyone', 'another']).describe('Whether whoever holds a snapshot may release it, too.'),
      })
      .optional()
      .describe('Who releases holds, of those who may (default: anyone).'),
    mirrorTags: z
      .boolean()
      .optional()
      .describe('Whether each promotion is also a tag in refs/tags/promotions/ (default: no).'),
    protect: z
      .record(Name, Protection)
      .optional()
      .describe('Branches and tags that may only hold what was snapshotted, by a name for each rule.'),
    people: z.record(Name, Person).describe('Everyone who signs, by a short name.'),
    roles,
    revoked: z.record(Key, Revocation).optional().describe('Keys that are no longer believed.'),
  };
}

const Person = z.strictObject({
  name: Text.describe('For people to read.'),
  keys: z.array(Key).describe('Keys that speak for the person. Empty: the person can sign nothing.'),
});

const Revocation = z.strictObject({
  reason: z.enum(REVOCATION_REASONS),
  since: z.int().min(1).describe('The first event of the log that is not believed; what is before it stays good.'),
});

/** A policy as it is stored and signed. */
export const PolicySchema = z.strictObject({
  format: z.literal(1),
  repository: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('Random name of the repository; a signature made for another does not count here.'),
  ...fieldsOf({ holders: RoleHolders, exclude: Patterns }),
  keys: z.record(Key, z.strictObject({ certificate: Digest.describe('Of the file in keys/.') })),
  schemas: z
    .record(Name, z.strictObject({ digest: Digest.describe('Of the file in schemas/.') }))
    .optional()
    .describe('JSON Schemas that gates use.'),
});

/** Who may do what in this repository. */
export type Policy = z.infer<typeof PolicySchema>;

/** The policy as people write it, in `.snapshots/policy.yaml`: what is stored, less what follows from the repository. */
export const PolicySource = z.strictObject(
  fieldsOf({
    holders: z
      .union([
        z.array(Name).min(1).describe('One of them is enough.'),
        RoleHolders.extend({ threshold: z.int().min(1).default(1).describe('How many of them must agree.') }),
      ])
      .meta({ id: 'holders' }),
    exclude: Patterns.optional(),
  }),
);

/** What {@link PolicySource} gives. */
export type PolicySource = z.infer<typeof PolicySource>;

/** The JSON Schema of {@link PolicySource}, for editors. It lets through all that is right, and not much else. */
export function policyJsonSchema(): unknown {
  return {
    title: 'Policy of git-snapshot',
    ...z.toJSONSchema(PolicySource, { io: 'input', target: 'draft-7' }),
  };
}

/** Whether a path stays below the top level, and out of the git directory. */
export function isRelativePath(path: string): boolean {
  return path.isWellFormed() && !hasUnsafeCharacters(path) && refusePath(utf8Encode(path)) === undefined;
}

import * as z from 'zod';
import { isName } from '../refs.ts';
import { Duration } from './duration-schema.ts';
import { ProgramLine, VariableNames } from './program-schema.ts';

const Name = z.string().refine(isName, 'not a valid name');

/** A program that says whether what uses a directory is well after a rollback. */
export const HealthCheck = z
  .strictObject({
    argv: ProgramLine.describe(
      'Program and arguments; no shell. Started in the directory of the set. Exit code 0: all is well.',
    ),
    environment: VariableNames.optional().describe('Variables that it may see, besides PATH.'),
    settle: Duration.optional().describe('How long to wait before each attempt (default: no time).'),
    attempts: z.int().min(1).max(100).optional().describe('How often it is asked until it is content (default: 1).'),
    timeout: z
      .int()
      .min(1)
      .max(3600)
      .optional()
      .describe('Seconds after which an attempt counts as failed (default: 30).'),
  })
  .describe('A program that is asked after a rollback; if it is not content, everything is taken back.');

/** What {@link HealthCheck} gives. */
export type HealthCheck = z.infer<typeof HealthCheck>;

/** How a set's directory is put back. */
export const SetRollback = z.strictObject({
  gates: z
    .array(Name)
    .min(1)
    .optional()
    .describe('Gates that a snapshot must pass before it is put back, by name (default: none).'),
  health: HealthCheck.optional(),
});

/** What a rehearsal of a rollback must show. */
export const Rehearsal = z.strictObject({
  maxRecovery: Duration.optional().describe('How long the directory may take to be back (default: 5m).'),
  maxAge: Duration.optional().describe('How old the last rehearsal may become (default: 30d).'),
  maxLoss: Duration.optional().describe(
    'How old the last snapshot may be, since what came later is lost (default: any).',
  ),
  requireGates: z
    .union([z.literal('all'), z.int().min(0)])
    .optional()
    .describe('How many of the gates of the set must pass: a number, or all (default: all).'),
});

/** What {@link Rehearsal} gives. */
export type Rehearsal = z.infer<typeof Rehearsal>;

/** Limits that reports and metrics hold the log against. */
export const ServiceLevels = z.strictObject({
  snapshotAge: Duration.optional().describe('How old the last snapshot may become (default: any).'),
  snapshot: Duration.optional().describe('How long taking a snapshot may take (default: 30s).'),
  verify: Duration.optional().describe('How long verifying every byte of a snapshot may take (default: 1m).'),
  rollback: Duration.optional().describe('How long a rollback may take (default: 5m).'),
  recovery: Duration.optional().describe('How long recovery may take in a rehearsal (default: 5m).'),
});

/** What {@link ServiceLevels} gives. */
export type ServiceLevels = z.infer<typeof ServiceLevels>;

import type { ExpectedRef } from '../../core/audit/expected-refs.ts';
import { ExpectedRefs } from '../../core/audit/expected-refs.ts';
import { SnapshotError } from '../../core/errors.ts';
import type { Oid } from '../../core/oid.ts';
import { LOG_REF, POLICY_REF, RECORDED_REFS } from '../../core/refs.ts';
import type { Context } from '../context.ts';
import type { Log } from '../log/open-log.ts';
import { logFault, openLog } from '../log/open-log.ts';
import { clockHint } from '../log/sound-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { readGovernedRefs } from './governed-refs.ts';

/** What this repository has, as it was read at one moment. */
export interface LocalState {
  readonly refs: ReadonlyMap<string, Oid>;
  /** Undefined: nothing was ever set up or fetched here. */
  readonly governed: GovernedState | undefined;
}

/** A policy, and a log that can be believed. */
export interface GovernedState {
  readonly trusted: TrustedPolicy;
  readonly log: Log;
  readonly expected: ReadonlyMap<string, ExpectedRef>;
}

/**
 * Reads and judges what is here.
 *
 * @throws {SnapshotError} of kind `untrusted` where the log is not to be believed, or refs are there that it does not tell of:
 *   nothing is exchanged until that is mended. Refs that are missing do no harm: a fetch may bring them back
 */
export async function readLocal(ctx: Context): Promise<LocalState> {
  const { refs, trusted, log } = await readTogether(ctx);
  if (trusted === undefined) return { refs, governed: undefined };
  const fault = logFault(log);
  if (fault !== undefined)
    throw refuse(`the audit log here is not to be believed: ${fault}`, clockHint(log.findings, ctx.nowMs()));
  const { refs: expected } = new ExpectedRefs(log.events);
  for (const [name, oid] of refs) {
    if (!RECORDED_REFS.some((prefix) => name.startsWith(prefix))) continue;
    const told = expected.get(name)?.tag;
    if (told === undefined) throw refuse(`'${name}' has no event in the log here`);
    if (told !== oid) throw refuse(`'${name}' is at ${oid}, and the log here tells of ${told}`);
  }
  return { refs, governed: { trusted, log, expected } };
}

/** Refs, and the log that goes with them: others may write meanwhile. */
async function readTogether(ctx: Context) {
  for (;;) {
    const refs = await readGovernedRefs(ctx);
    if (!refs.has(POLICY_REF)) return { refs };
    const trusted = await loadPolicy(ctx);
    const log = await openLog(ctx, trusted);
    const isSettled = log.tip === (await ctx.store.readRef(LOG_REF)) && log.tip === (refs.get(LOG_REF) ?? null);
    if (isSettled && trusted.commit === refs.get(POLICY_REF)) return { refs, trusted, log };
  }
}

function refuse(message: string, why?: string): SnapshotError {
  return new SnapshotError('untrusted', message, {
    hint: `Nothing was exchanged. ${why ?? '"git snapshot log --verify" tells of everything that is wrong here.'}`,
  });
}

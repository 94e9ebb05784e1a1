import { MalformedError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { personOf } from '../../core/policy/policy.ts';
import { LOG_REF } from '../../core/refs.ts';
import type { PublicKey } from '../../core/signing.ts';
import type { Context } from '../context.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { Log, LoggedEvent } from './read-log.ts';

/** Setting a repository up writes the first event, together with the policy: with a policy, there is a log. */
export const MISSING_LOG = `the audit log is gone: there is a policy, and no '${LOG_REF}'`;

/**
 * Checks that an event at the end of the log was signed by somebody of the policy, for this repository.
 *
 * Its signature covers all before it, and nobody writes on top of an event that fails here: so the last
 * one vouches for the chain, and not every signature need be checked every time.
 *
 * @throws {MalformedError} saying what is wrong with it
 */
export async function requireSignedEvent(
  ctx: Pick<Context, 'verifier'>,
  { oid, event, payload, armor }: LoggedEvent,
  { policy, keys }: { readonly policy: Policy; readonly keys: readonly PublicKey[] },
): Promise<void> {
  const fail = (reason: string) => new MalformedError(`event ${oid}`, reason);
  if (event.repository !== policy.repository) throw fail('is of another repository');
  const verification = await (await ctx.verifier()).verify(payload, armor, keys);
  if (verification.status === 'unknown-key')
    throw fail(`is signed by ${verification.keyId}, which is not in the policy`);
  if (verification.status === 'bad') throw fail(`has a bad signature: ${verification.reason}`);
  if (verification.key !== event.key) throw fail(`says ${event.key} and is signed by ${verification.key}`);
  if (personOf(policy, event.key) === undefined) throw fail(`is by ${event.key}, a key of nobody`);
}

/** Why the log as a whole is not to be believed, or undefined: every commit is an event, and the last one is signed. */
export async function findLogFault(
  ctx: Context,
  { policy, keys }: Pick<TrustedPolicy, 'policy' | 'keys'>,
  { events, findings }: Pick<Log, 'events' | 'findings'>,
): Promise<string | undefined> {
  const [finding] = findings;
  if (finding !== undefined) return `${findings.length} commits of the log are no events of it: ${finding.reason}`;
  const last = events.at(-1);
  if (last === undefined) return MISSING_LOG;
  try {
    await requireSignedEvent(ctx, last, { policy, keys: await keys() });
    return undefined;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return error.message;
  }
}

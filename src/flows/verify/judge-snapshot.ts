import { SnapshotError } from '../../core/errors.ts';
import type { Role } from '../../core/policy/policy.ts';
import { hasRole, personOf } from '../../core/policy/policy.ts';
import type { KeyId } from '../../core/signing.ts';
import type { Context } from '../context.ts';
import { sha256Of } from '../context.ts';
import { findLogFault } from '../log/judge-log.ts';
import type { Log, LoggedEvent } from '../log/read-log.ts';
import { readLog } from '../log/read-log.ts';
import type { TrustedPolicy } from '../policy/load-policy.ts';
import type { CheckResult } from '../results.ts';
import type { StoredSnapshot } from '../snapshot/read-snapshots.ts';

/** Judges a snapshot by its tag, the policy and the log. Reads none of its content. */
export type JudgeSnapshot = (stored: StoredSnapshot) => Promise<readonly CheckResult[]>;

/**
 * Reads what all judgements need, once, and gives the function that makes them.
 *
 * The one place where it is decided whether a snapshot may be believed: `verify` and `rollback` both ask here.
 *
 * @param known - the log, if it has been read
 */
export async function openJudge(ctx: Context, trusted: TrustedPolicy, known?: Log): Promise<JudgeSnapshot> {
  const keys = await trusted.keys();
  const verifier = await ctx.verifier();
  const log = known ?? (await readLog(ctx));
  const { events } = log;
  const logFault = await findLogFault(ctx, trusted, log);
  const eventOf = new Map<string, LoggedEvent>();
  for (const logged of events) if (logged.event.type === 'snapshot') eventOf.set(logged.event.snapshot.payload, logged);

  const signatureCheck = async (
    check: string,
    signed: { payload: string; armor: string },
    role: Role,
  ): Promise<CheckResult & { key?: KeyId }> => {
    const verification = await verifier.verify(signed.payload, signed.armor, keys);
    if (verification.status === 'unknown-key')
      return { check, ok: false, detail: `the key ${verification.keyId} is not in the policy` };
    if (verification.status === 'bad') return { check, ok: false, detail: verification.reason };
    const { key } = verification;
    const person = personOf(trusted.policy, key) ?? 'nobody';
    if (!hasRole(trusted.policy, key, role))
      return { check, ok: false, detail: `good, but ${person} (${key}) does not have the role '${role}'` };
    return { check, ok: true, detail: `good, by ${person} (${key})`, key };
  };

  const policyCheck = await judgePolicy(ctx, trusted);

  return async (stored) => {
    const { snapshot } = stored;
    const payload = sha256Of(ctx, stored.payload);
    const expected =
      trusted.policy.version === snapshot.policy.version && trusted.digest === `sha256:${snapshot.policy.digest}`;
    const { key, ...signature } = await signatureCheck('signature', stored, 'snapshotter');
    return [
      { check: 'ref', ok: true, detail: stored.ref },
      { check: 'format', ok: true, detail: 'canonical, format 1' },
      snapshot.repository === trusted.policy.repository
        ? { check: 'repository', ok: true, detail: snapshot.repository }
        : {
            check: 'repository',
            ok: false,
            detail: `signed for repository ${snapshot.repository}, this is ${trusted.policy.repository}`,
          },
      !policyCheck.ok || expected
        ? policyCheck
        : {
            check: 'policy',
            ok: false,
            detail: `taken under version ${snapshot.policy.version} (sha256:${snapshot.policy.digest}), which is not in force here`,
          },
      setCheck(trusted, stored),
      signature,
      await logCheck(eventOf.get(payload), { stored, payload, key }),
    ];
  };

  async function logCheck(
    logged: LoggedEvent | undefined,
    { stored, payload, key }: { stored: StoredSnapshot; payload: string; key: KeyId | undefined },
  ): Promise<CheckResult> {
    const fail = (detail: string): CheckResult => ({ check: 'log', ok: false, detail });
    if (logFault !== undefined) return fail(logFault);
    if (logged === undefined) return fail(`no event tells of the payload ${payload}`);
    const { event } = logged;
    if (
      event.type !== 'snapshot' ||
      event.set !== stored.snapshot.set ||
      event.snapshot.id !== stored.snapshot.id ||
      event.snapshot.tag !== stored.tag
    ) {
      return fail(`event ${event.seq} tells of another tag`);
    }
    if (event.repository !== trusted.policy.repository) return fail(`event ${event.seq} is of another repository`);
    const signature = await signatureCheck('log', logged, 'snapshotter');
    if (!signature.ok) return fail(`event ${event.seq}: ${signature.detail}`);
    if (signature.key !== event.key)
      return fail(`event ${event.seq} says ${event.key} and is signed by ${signature.key ?? 'nobody'}`);
    if (key !== undefined && key !== event.key) return fail(`event ${event.seq} is by ${event.key}, the tag by ${key}`);
    return { check: 'log', ok: true, detail: `event ${event.seq}, ${logged.oid}` };
  }
}

/** The policy itself: pinned (or it would not have been loaded) and signed by its root keys. */
async function judgePolicy(ctx: Context, trusted: TrustedPolicy): Promise<CheckResult> {
  const keys = await trusted.keys();
  const verifier = await ctx.verifier();
  const { root } = trusted.policy.roles;
  const signers = new Set<string>();
  for (const [, armor] of await trusted.signatures()) {
    const verification = await verifier.verify(trusted.bytes, armor, keys);
    if (verification.status === 'good' && hasRole(trusted.policy, verification.key, 'root')) {
      // People are counted, not keys.
      signers.add(personOf(trusted.policy, verification.key) ?? '');
    }
  }
  const detail = `version ${trusted.policy.version}, pinned, signed by ${signers.size} of ${root.threshold} root people needed`;
  return { check: 'policy', ok: signers.size >= root.threshold, detail };
}

function setCheck(trusted: TrustedPolicy, { snapshot }: StoredSnapshot): CheckResult {
  return Object.hasOwn(trusted.policy.sets, snapshot.set)
    ? { check: 'set', ok: true, detail: snapshot.set }
    : { check: 'set', ok: false, detail: `the policy has no set '${snapshot.set}'` };
}

/** Every check that failed, as one line; undefined if none did. */
export function failedChecks(checks: readonly CheckResult[]): string | undefined {
  const failed = checks.filter(({ ok }) => !ok);
  return failed.length === 0 ? undefined : failed.map(({ check, detail }) => `${check}: ${detail}`).join('; ');
}

/** @throws {SnapshotError} of kind `untrusted`, with every check that failed */
export function requireTrusted(stored: StoredSnapshot, checks: readonly CheckResult[]): void {
  const reasons = failedChecks(checks);
  if (reasons === undefined) return;
  throw new SnapshotError('untrusted', `snapshot '${stored.snapshot.id}' is not to be trusted: ${reasons}`, {
    hint: `Nothing was changed. Run "git snapshot verify ${stored.snapshot.id}" for all checks, or choose another with "git snapshot list".`,
  });
}
